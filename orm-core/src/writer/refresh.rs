//! `refresh materialized view`.

use super::Writer;
use crate::ast::Refresh;

impl Writer<'_> {
    pub(super) fn refresh(&mut self, refresh: &Refresh) {
        self.push("refresh materialized view ");
        self.ident(refresh.view);
    }
}
