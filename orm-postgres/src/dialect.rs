//! How PostgreSQL spells what databases do not agree on.

use std::fmt::Write;

use orm_core::{
    ast::Expr,
    ddl::quote_text,
    dialect::{DecimalArithmetic, Dialect, Supports},
    schema::{ColumnInfo, DefaultDef},
    types::{Matching, SqlType},
    writer::{Precedence, Writer},
};

/// The most values one statement takes: their number is sent as 16 bits.
/// See <https://www.postgresql.org/docs/current/limits.html>.
const MOST_PARAMETERS: usize = 65_535;

/// The dialect of PostgreSQL.
///
/// ```
/// # use orm_core::dialect::Dialect;
/// let mut text = String::new();
/// orm_postgres::Postgres.write_placeholder(&mut text, 2);
/// assert_eq!(text, "$2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Postgres;

impl Supports<DecimalArithmetic> for Postgres {}

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn write_placeholder(&self, out: &mut String, number: usize) {
        let _ = write!(out, "${number}");
    }

    fn write_match(&self, writer: &mut Writer<'_>, expr: &Expr, matching: Matching) {
        writer.expr(expr, Precedence::Operand);
        writer.push(match matching {
            Matching::ILike => " ilike ",
            Matching::Like | Matching::Contains | Matching::StartsWith | Matching::EndsWith => " like ",
        });
        writer.param();
    }

    fn write_in_list(&self, writer: &mut Writer<'_>, expr: &Expr, _item: SqlType) {
        writer.expr(expr, Precedence::Operand);
        writer.push(" = any(");
        writer.param();
        writer.push(")");
    }

    fn write_now(&self, writer: &mut Writer<'_>, ty: SqlType) {
        writer.push(now(ty));
    }

    fn write_converted(&self, writer: &mut Writer<'_>, expr: &dyn Fn(&mut Writer<'_>), result: SqlType) {
        // `sum(bigint)` and `avg(integer)` are numeric; a sum that does not fit is an error of the cast.
        writer.push("cast(");
        expr(writer);
        writer.push(" as ");
        writer.push(self.cast_type(result));
        writer.push(")");
    }

    fn cast_type(&self, ty: SqlType) -> &'static str {
        type_name(ty)
    }

    fn write_column_type(&self, out: &mut String, column: &ColumnInfo) {
        let _ = match (column.postgres_type, column.sql_type) {
            (Some(name), _) => write!(out, "{name}"),
            (None, SqlType::Enum(def)) => return self.write_identifier(out, def.name),
            (None, SqlType::Text) if column.length.is_some() => {
                write!(out, "varchar({})", column.length.unwrap_or_default())
            }
            (None, SqlType::Decimal) if column.precision.is_some() => {
                let (precision, scale) = column.precision.unwrap_or_default();
                write!(out, "numeric({precision}, {scale})")
            }
            (None, ty) => write!(out, "{}", type_name(ty)),
        };
    }

    fn write_default(&self, out: &mut String, default: &DefaultDef, column: &ColumnInfo) {
        let _ = match default {
            DefaultDef::Now => write!(out, "{}", now(column.sql_type)),
            DefaultDef::RandomUuid => write!(out, "gen_random_uuid()"),
            DefaultDef::Bool(value) => write!(out, "{value}"),
            DefaultDef::Integer(value) => write!(out, "{value}"),
            DefaultDef::Float(value) if value.is_nan() => write!(out, "'NaN'"),
            DefaultDef::Float(value) if value.is_infinite() => {
                write!(out, "'{}Infinity'", if *value < 0.0 { "-" } else { "" })
            }
            DefaultDef::Float(value) => write!(out, "{value:?}"),
            DefaultDef::Text(text) => write!(out, "{}", quote_text(text)),
            DefaultDef::Sql(expression) => write!(out, "({expression})"),
        };
    }

    fn insert_chunk(&self, rows: usize, columns: usize) -> usize {
        rows.min(MOST_PARAMETERS / columns.max(1)).max(1)
    }
}

fn type_name(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Bool => "boolean",
        SqlType::SmallInt => "smallint",
        SqlType::Integer => "integer",
        SqlType::BigInt => "bigint",
        SqlType::Real => "real",
        SqlType::Double => "double precision",
        SqlType::Text => "text",
        SqlType::Bytes => "bytea",
        SqlType::Uuid => "uuid",
        SqlType::Date => "date",
        SqlType::Time => "time",
        SqlType::Timestamp => "timestamp",
        SqlType::TimestampTz => "timestamptz",
        SqlType::Decimal => "numeric",
        SqlType::Json => "jsonb",
        SqlType::Enum(def) => def.name,
    }
}

/// The time of the transaction as a value of this type.
fn now(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Date => "current_date",
        SqlType::Time => "localtime",
        SqlType::Timestamp => "localtimestamp",
        _ => "now()",
    }
}
