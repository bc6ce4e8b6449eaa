//! Where the columns of a row come from, for messages. Rows themselves decode by position.

use std::borrow::Cow;

use crate::{
    ast::{Expr, Statement},
    types::SqlType,
};

/// The table, column and type behind the column at `index` of the rows that `statement` gives.
pub(crate) fn origin(statement: &Statement, index: usize) -> (Cow<'static, str>, Cow<'static, str>, &'static str) {
    match statement.columns().get(index) {
        Some(Expr::Column { table, name, ty, .. }) => ((*table).into(), (*name).into(), name_of(*ty)),
        Some(Expr::Param(ty) | Expr::Cast(_, ty) | Expr::Aggregate { result: ty, .. }) => {
            (statement.table().into(), format!("{}", index + 1).into(), name_of(*ty))
        }
        _ => (statement.table().into(), format!("{}", index + 1).into(), "expression"),
    }
}

fn name_of(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Bool => "boolean",
        SqlType::SmallInt => "smallint",
        SqlType::Integer => "integer",
        SqlType::BigInt => "bigint",
        SqlType::Real => "real",
        SqlType::Double => "double precision",
        SqlType::Text => "text",
        SqlType::Bytes => "bytes",
        SqlType::Uuid => "uuid",
        SqlType::Date => "date",
        SqlType::Time => "time",
        SqlType::Timestamp => "timestamp",
        SqlType::TimestampTz => "timestamp with time zone",
        SqlType::Decimal => "decimal",
        SqlType::Json => "json",
        SqlType::Enum(def) => def.name,
    }
}
