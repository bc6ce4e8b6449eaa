//! How PostgreSQL spells what databases do not agree on.

use std::fmt::Write;

use orm_core::{
    ast::{Aggregate, Expr},
    ddl::{ident, quote_text},
    dialect::{Arrays, DecimalArithmetic, Dialect, Intervals, Ranges, Supports},
    schema::{ColumnInfo, DefaultDef, TableDef, constraint_name, object::Statement},
    types::{Matching, SqlType},
    writer::{Precedence, Writer},
};

/// The most values one statement takes: their number is sent as 16 bits.
/// See <https://www.postgresql.org/docs/current/limits.html>.
pub(crate) const MOST_PARAMETERS: usize = 65_535;

/// The most rows, and the most values in them, one statement takes as arrays: what bounds the memory they need here and
/// in the server.
const MOST_ARRAY_ROWS: usize = 20_000;
const MOST_ARRAY_VALUES: usize = 400_000;

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

#[diagnostic::do_not_recommend]
impl Supports<DecimalArithmetic> for Postgres {}
#[diagnostic::do_not_recommend]
impl Supports<Arrays> for Postgres {}
#[diagnostic::do_not_recommend]
impl Supports<Intervals> for Postgres {}
#[diagnostic::do_not_recommend]
impl Supports<Ranges> for Postgres {}

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn write_placeholder(&self, out: &mut String, number: usize) {
        let _ = write!(out, "${number}");
    }

    fn write_typed_param(&self, writer: &mut Writer<'_>, ty: SqlType) {
        convert(writer, &|writer| writer.param(), ty);
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
        writer.typed(expr, Precedence::Operand);
        writer.push(" = any(");
        writer.param();
        writer.push(")");
    }

    fn write_now(&self, writer: &mut Writer<'_>, ty: SqlType) {
        writer.push(now(ty));
    }

    fn write_aggregate(
        &self,
        writer: &mut Writer<'_>,
        function: Aggregate,
        call: &dyn Fn(&mut Writer<'_>),
        result: SqlType,
    ) {
        match (function, result) {
            // `sum(bigint)` and `avg(integer)` are numeric; a sum that does not fit is an error of the cast.
            (Aggregate::Sum, SqlType::BigInt) | (Aggregate::Avg, SqlType::Double) => convert(writer, call, result),
            (Aggregate::Min | Aggregate::Max, SqlType::Bytes) => {
                writer.push("decode(");
                call(writer);
                writer.push(", 'hex')");
            }
            _ => call(writer),
        }
    }

    fn write_aggregated(&self, writer: &mut Writer<'_>, function: Aggregate, argument: &Expr, result: SqlType) {
        match (function, result) {
            // `sum(real)` would be a real.
            (Aggregate::Sum, SqlType::Double) => self.write_cast(writer, argument, result),
            // Before version 18 there is no `min(bytea)`; hexadecimal digits have the order of what they stand for.
            (Aggregate::Min | Aggregate::Max, SqlType::Bytes) => {
                writer.push("encode(");
                writer.typed(argument, Precedence::Lowest);
                writer.push(", 'hex') collate \"C\"");
            }
            _ => writer.typed(argument, Precedence::Lowest),
        }
    }

    fn write_length(&self, writer: &mut Writer<'_>, call: &dyn Fn(&mut Writer<'_>)) {
        // `length(text)` is an integer, with which nothing greater could be computed.
        convert(writer, call, SqlType::BigInt);
    }

    fn write_type(&self, writer: &mut Writer<'_>, ty: SqlType) {
        let mut name = String::new();
        write_type(&mut name, ty);
        writer.push(&name);
    }

    fn write_cast(&self, writer: &mut Writer<'_>, expr: &Expr, ty: SqlType) {
        convert(writer, &|writer| writer.typed(expr, Precedence::Lowest), ty);
    }

    fn write_column_type(&self, out: &mut String, column: &ColumnInfo) {
        let _ = match (column.postgres_type, column.sql_type) {
            (Some(name), _) => write!(out, "{name}"),
            (None, SqlType::Text) if column.length.is_some() => {
                write!(out, "varchar({})", column.length.unwrap_or_default())
            }
            (None, SqlType::Decimal) if column.precision.is_some() => {
                let (precision, scale) = column.precision.unwrap_or_default();
                write!(out, "numeric({precision}, {scale})")
            }
            (None, ty) => return write_type(out, ty),
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

    fn own_statement(&self, statement: &Statement) -> Option<&'static str> {
        statement.postgres
    }

    fn keep_updated(&self, table: &TableDef, column: &ColumnInfo) -> Vec<String> {
        // Columns of another type of this name have a function of their own.
        let suffix = match column.sql_type {
            SqlType::TimestampTz => "",
            SqlType::Timestamp => "_utc",
            SqlType::Date => "_date",
            _ => "_time",
        };
        let function = ident(self, &format!("touch_{}{suffix}", column.name));
        let trigger = ident(self, &constraint_name(table.name, &[column.name], "touch"));
        let (table, name, now) = (ident(self, table.name), ident(self, column.name), now(column.sql_type));
        vec![
            format!(
                "create or replace function {function}() returns trigger language plpgsql as $$\nbegin\n    \
                 if new.{name} is not distinct from old.{name} then\n        new.{name} = {now};\n    end if;\n    \
                 return new;\nend\n$$"
            ),
            format!("create trigger {trigger} before update on {table} for each row execute function {function}()"),
        ]
    }

    fn insert_chunk(&self, rows: usize, columns: usize) -> usize {
        rows.min(MOST_PARAMETERS / columns.max(1)).max(1)
    }

    fn insert_arrays(&self, columns: &mut dyn Iterator<Item = &'static ColumnInfo>) -> Option<usize> {
        let mut width = 0;
        for column in columns {
            // The array would be of that type too, and a cast to `char(3)[]` cuts off what does not fit. Of an array of
            // arrays, `unnest` gives the items of the inner ones.
            if column.postgres_type.is_some() || matches!(column.sql_type, SqlType::Array(_)) {
                return None;
            }
            width += 1;
        }
        Some((MOST_ARRAY_VALUES / width.max(1)).clamp(1, MOST_ARRAY_ROWS))
    }

    fn write_array_param(&self, writer: &mut Writer<'_>, item: SqlType) {
        writer.param();
        writer.push("::");
        self.write_type(writer, item);
        writer.push("[]");
    }
}

fn convert(writer: &mut Writer<'_>, expr: &dyn Fn(&mut Writer<'_>), ty: SqlType) {
    writer.push("cast(");
    expr(writer);
    writer.push(" as ");
    Postgres.write_type(writer, ty);
    writer.push(")");
}

fn write_type(out: &mut String, ty: SqlType) {
    let name = match ty {
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
        SqlType::Inet => "inet",
        SqlType::Interval => "interval",
        SqlType::Enum(def) => return Postgres.write_identifier(out, def.name),
        SqlType::Range(item) => match item {
            SqlType::Integer => "int4range",
            SqlType::BigInt => "int8range",
            SqlType::Date => "daterange",
            SqlType::Timestamp => "tsrange",
            SqlType::TimestampTz => "tstzrange",
            _ => "numrange",
        },
        SqlType::Array(item) => {
            write_type(out, *item);
            "[]"
        }
    };
    out.push_str(name);
}

/// The time of the transaction as a value of this type: in UTC, whatever the time zone of the connection is.
fn now(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Date => "cast(now() at time zone 'utc' as date)",
        SqlType::Time => "cast(now() at time zone 'utc' as time)",
        SqlType::Timestamp => "(now() at time zone 'utc')",
        _ => "now()",
    }
}
