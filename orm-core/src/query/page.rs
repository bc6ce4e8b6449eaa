//! `limit` and `offset`.

use crate::{
    ast,
    executor::Shape,
    types::{Binder, SqlType},
};

/// `limit` and `offset`.
#[derive(Debug, Clone, Copy, Default)]
#[doc(hidden)]
pub struct Page {
    limit: Option<i64>,
    offset: Option<i64>,
    first: bool,
}

impl Page {
    pub(crate) const NONE: Self = Self { limit: None, offset: None, first: false };

    pub(crate) fn is_given(self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    pub(crate) fn set_limit(&mut self, rows: u64) {
        self.limit = Some(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    pub(crate) fn set_offset(&mut self, rows: u64) {
        self.offset = Some(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    pub(crate) fn only_first(&mut self) {
        self.first = true;
    }

    pub(crate) fn lower(self, select: &mut ast::Select) {
        select.limit = match self.limit {
            Some(_) => Some(ast::Expr::Param(SqlType::BigInt)),
            None => self.first.then_some(ast::Expr::Integer(1)),
        };
        select.offset = self.offset.map(|_| ast::Expr::Param(SqlType::BigInt));
    }

    pub(crate) fn add_shape(self, shape: &mut Shape) {
        let bits = u64::from(self.limit.is_some()) | u64::from(self.offset.is_some()) << 1 | u64::from(self.first) << 2;
        shape.add(bits);
    }

    /// Hands over the positions of the last row, and of the last one that is skipped.
    pub(crate) fn bind_last_row<'q>(self, out: &mut dyn Binder<'q>) {
        let last = self.limit.map(|rows| rows.saturating_add(self.offset.unwrap_or(0)));
        for row in [last, self.offset].into_iter().flatten() {
            out.i64(row);
        }
    }

    pub(crate) fn bind<'q>(self, out: &mut dyn Binder<'q>) {
        let limit = self.limit.map(|rows| if self.first { rows.min(1) } else { rows });
        for rows in [limit, self.offset].into_iter().flatten() {
            out.i64(rows);
        }
    }
}
