//! The rows of `explain query plan`, as an indented tree. See <https://www.sqlite.org/eqp.html>.

use orm_core::types::RowRead;

use crate::statement::Running;

/// A plan that is being read.
#[derive(Default)]
pub(crate) struct Plan {
    text: String,
    /// The numbers of the steps that enclose the last one, and its own.
    path: Vec<i64>,
}

impl Plan {
    /// Adds a step: its number, that of the step it is part of, a number that is not used, and the step in words.
    pub(crate) fn push(&mut self, row: &Running<'_, '_>) {
        let number = RowRead::i64(row, 0).unwrap_or_default();
        let parent = RowRead::i64(row, 1).unwrap_or_default();
        let depth = self.path.iter().position(|&step| step == parent).map_or(0, |position| position + 1);
        self.path.truncate(depth);
        self.path.push(number);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n("  ", depth));
        self.text.push_str(RowRead::text(row, 3).unwrap_or_default());
    }

    /// The steps, one in a line, those that are part of another one indented below it.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}
