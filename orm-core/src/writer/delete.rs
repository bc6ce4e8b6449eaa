//! `delete`.

use super::Writer;
use crate::ast::Delete;

impl Writer<'_> {
    pub(super) fn delete(&mut self, delete: &Delete) {
        self.push("delete from ");
        self.ident(delete.table);
        self.filter(delete.filter.as_ref());
        self.returning(&delete.returning);
    }
}
