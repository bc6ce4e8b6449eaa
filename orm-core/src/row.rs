//! Where the columns of a row come from, for messages. Rows themselves decode by position.

use std::borrow::Cow;

use crate::ast::{Expr, Statement};

/// The table, column and type behind the column at `index` of the rows that `statement` gives.
pub(crate) fn origin(statement: &Statement, index: usize) -> [Cow<'static, str>; 3] {
    match statement.columns().get(index) {
        Some(Expr::Column { table, name, ty, .. }) => [(*table).into(), (*name).into(), ty.to_string().into()],
        Some(Expr::Param(ty) | Expr::Cast(_, ty) | Expr::Aggregate { result: ty, .. }) => {
            [statement.table().into(), format!("{}", index + 1).into(), ty.to_string().into()]
        }
        _ => [statement.table().into(), format!("{}", index + 1).into(), "expression".into()],
    }
}
