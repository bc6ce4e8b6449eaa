//! `update`.

use super::Writer;
use crate::ast::Update;

impl Writer<'_> {
    pub(super) fn update(&mut self, update: &Update) {
        self.push("update ");
        self.ident(update.table);
        self.push(" set ");
        self.assignments(&update.set);
        self.filter(update.filter.as_ref());
        self.returning(&update.returning);
    }
}
