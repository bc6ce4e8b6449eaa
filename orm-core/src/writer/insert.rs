//! `insert`.

use super::{Precedence, Writer};
use crate::ast::{Assignment, Expr, Insert, OnConflict, Rows};

impl Writer<'_> {
    pub(super) fn insert(&mut self, insert: &Insert) {
        self.push("insert into ");
        self.ident(insert.table);
        if insert.columns.is_empty() {
            self.push(" default values");
        } else {
            self.push(" (");
            self.list(&insert.columns, |writer, column| writer.ident(column));
            self.push(")");
            self.rows(&insert.rows);
        }
        if let Some(on_conflict) = &insert.on_conflict {
            self.on_conflict(on_conflict);
        }
        self.returning(&insert.returning);
    }

    fn rows(&mut self, rows: &Rows) {
        match rows {
            Rows::Values(rows) => {
                self.push(" values ");
                self.list(rows, |writer, row| {
                    writer.push("(");
                    writer.list(row, |writer, value| writer.expr(value, Precedence::Lowest));
                    writer.push(")");
                });
            }
            Rows::Arrays(types) => {
                self.push(" select * from unnest(");
                self.list(types, |writer, ty| writer.dialect().write_array_param(writer, *ty));
                self.push(")");
            }
        }
    }

    fn on_conflict(&mut self, on_conflict: &OnConflict) {
        self.push(" on conflict");
        if !on_conflict.target.is_empty() {
            self.push(" (");
            self.list(&on_conflict.target, |writer, column| writer.ident(column));
            self.push(")");
        }
        if on_conflict.set.is_empty() {
            self.push(" do nothing");
        } else {
            self.push(" do update set ");
            self.assignments(&on_conflict.set);
            self.filter(on_conflict.filter.as_ref());
        }
    }

    pub(super) fn assignments(&mut self, set: &[Assignment]) {
        self.list(set, |writer, assignment| {
            writer.ident(assignment.column);
            writer.push(" = ");
            writer.expr(&assignment.value, Precedence::Lowest);
        });
    }

    pub(super) fn returning(&mut self, returning: &[Expr]) {
        if !returning.is_empty() {
            self.push(" returning ");
            self.list(returning, |writer, column| writer.typed(column, Precedence::Lowest));
        }
    }
}
