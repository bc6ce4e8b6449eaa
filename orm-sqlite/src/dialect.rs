//! How SQLite spells what databases do not agree on.

use std::fmt::Write;

use crate::full_text;
use orm_core::{
    ast::Expr,
    ddl::{ident, quote_text},
    dialect::Dialect,
    schema::{
        ColumnInfo, DefaultDef, Numbering, TableDef, constraint_name,
        object::{FullText, Statement},
    },
    types::{Matching, SqlType},
    writer::{Precedence, Writer},
};

/// The most values one statement takes. See <https://www.sqlite.org/limits.html#max_variable_number>.
const MOST_PARAMETERS: usize = 32_766;

/// A version 4 UUID as text. `randomblob` is seeded by the operating system.
const RANDOM_UUID: &str = "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
    substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + (random() & 3), 1) || \
    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))";

/// The dialect of SQLite.
///
/// Tables are `strict`. What SQLite has no type for is kept as text whose order is that of the values: dates and times
/// as `2024-05-01T12:30:00.000000Z`, decimals with leading zeros, UUIDs in lower case. Of floats, NaN is refused, and
/// the sign of zero is lost.
///
/// Queries print themselves for it with `to_sql`, without a database:
///
/// ```
/// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
///
/// let query = User::select().columns(User::name).filter(User::name.ilike("ann%"));
/// assert_eq!(
///     query.to_sql(Sqlite),
///     r#"select "users"."name" from "users" where "users"."name" like ?1 escape '\'"#
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn write_placeholder(&self, out: &mut String, number: usize) {
        let _ = write!(out, "?{number}");
    }

    fn write_match(&self, writer: &mut Writer<'_>, expr: &Expr, matching: Matching) {
        match matching {
            // `like` ignores the case of ASCII letters in SQLite, `glob` does not.
            Matching::Like | Matching::EndsWith => {
                writer.expr(expr, Precedence::Operand);
                writer.push(" glob ");
                writer.param();
            }
            Matching::ILike => {
                writer.expr(expr, Precedence::Operand);
                writer.push(" like ");
                writer.param();
                writer.push(r" escape '\'");
            }
            Matching::Contains => {
                writer.push("instr(");
                writer.expr(expr, Precedence::Lowest);
                writer.push(", ");
                writer.param();
                writer.push(") > 0");
            }
            Matching::StartsWith => starts_with(writer, expr),
        }
    }

    fn write_in_list(&self, writer: &mut Writer<'_>, expr: &Expr, item: SqlType) {
        writer.expr(expr, Precedence::Operand);
        // JSON has no bytes: they travel as hexadecimal digits.
        writer.push(match item {
            SqlType::Bytes => " in (select unhex(value) from json_each(",
            _ => " in (select value from json_each(",
        });
        writer.param();
        writer.push("))");
    }

    // Joining a list for each column by their positions would look through the second for each item of the first.
    fn write_lists(&self, writer: &mut Writer<'_>, items: &[SqlType]) {
        let count = items.len();
        writer.list(items.iter().enumerate(), |writer, (at, item)| {
            let value = format!("max(case when key % {count} = {at} then value end)");
            writer.push(&if *item == SqlType::Bytes { format!("unhex({value})") } else { value });
        });
        writer.push(" from json_each(");
        writer.param();
        writer.push(&format!(") group by key / {count}"));
    }

    fn write_now(&self, writer: &mut Writer<'_>, ty: SqlType) {
        writer.push(now(ty));
    }

    fn write_type(&self, writer: &mut Writer<'_>, ty: SqlType) {
        writer.push(storage(ty));
    }

    fn has_type(&self, ty: SqlType) -> bool {
        !matches!(ty, SqlType::Interval | SqlType::Range(_) | SqlType::Array(_))
    }

    /// Integers widen without a cast, which would make the float an overflow gives the greatest integer instead of an
    /// error.
    fn write_cast(&self, writer: &mut Writer<'_>, expr: &Expr, ty: SqlType) {
        if matches!(ty, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt) {
            writer.expr(expr, Precedence::Atom);
            return;
        }
        writer.push("cast(");
        writer.expr(expr, Precedence::Lowest);
        writer.push(" as ");
        self.write_type(writer, ty);
        writer.push(")");
    }

    fn no_limit(&self) -> Option<&'static str> {
        Some("-1")
    }

    fn write_column_type(&self, out: &mut String, column: &ColumnInfo) {
        out.push_str(column.sqlite_type.unwrap_or_else(|| storage(column.sql_type)));
    }

    fn write_default(&self, out: &mut String, default: &DefaultDef, column: &ColumnInfo) {
        let _ = match default {
            DefaultDef::Now => write!(out, "({})", now(column.sql_type)),
            DefaultDef::RandomUuid => write!(out, "{RANDOM_UUID}"),
            DefaultDef::Bool(value) => write!(out, "{value}"),
            DefaultDef::Integer(value) => write!(out, "{value}"),
            DefaultDef::Float(value) if value.is_infinite() => {
                write!(out, "{}9e999", if *value < 0.0 { "-" } else { "" })
            }
            DefaultDef::Float(value) if value.is_nan() => write!(out, "null"),
            DefaultDef::Float(value) => write!(out, "{value:?}"),
            // SQLite ignores the text of a statement after a NUL.
            DefaultDef::Text(text) if text.contains('\0') => {
                let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
                write!(out, "(cast(x'{hex}' as text))")
            }
            DefaultDef::Text(text) => write!(out, "{}", quote_text(text)),
            DefaultDef::Sql(expression) => write!(out, "({expression})"),
        };
    }

    fn auto_increment(&self, numbering: Numbering) -> &'static str {
        match numbering {
            Numbering::RowId => "primary key",
            Numbering::Identity | Numbering::Always | Numbering::Serial => "primary key autoincrement",
        }
    }

    fn auto_increment_is_key(&self) -> bool {
        true
    }

    fn has_index_options(&self) -> bool {
        false
    }

    fn column_checks(&self, column: &ColumnInfo) -> Vec<String> {
        let mut name = String::new();
        self.write_identifier(&mut name, column.name);
        let of_type = match column.sql_type {
            // A type that is spelled is taken as it is.
            _ if column.sqlite_type.is_some() => None,
            SqlType::Bool => Some(format!("{name} in (0, 1)")),
            SqlType::Enum(def) => {
                let labels: Vec<String> = def.labels.iter().map(|label| quote_text(label)).collect();
                Some(format!("{name} in ({})", labels.join(", ")))
            }
            _ => None,
        };
        let of_length = column.length.map(|length| format!("length({name}) <= {length}"));
        of_type.into_iter().chain(of_length).collect()
    }

    fn write_table_options(&self, out: &mut String, table: &TableDef) {
        // The types a strict table takes: https://www.sqlite.org/stricttables.html
        let is_strict = table.strict
            && table.columns.iter().filter_map(|column| column.sqlite_type).all(|name| {
                ["int", "integer", "real", "text", "blob", "any"].iter().any(|known| known.eq_ignore_ascii_case(name))
            });
        out.push_str(match (is_strict, table.without_rowid) {
            (true, true) => " strict, without rowid",
            (true, false) => " strict",
            (false, true) => " without rowid",
            (false, false) => "",
        });
    }

    fn has_enum_types(&self) -> bool {
        false
    }

    fn has_server_objects(&self) -> bool {
        false
    }

    fn own_statement(&self, statement: &Statement) -> Option<&'static str> {
        statement.sqlite
    }

    fn keep_updated(&self, table: &TableDef, column: &ColumnInfo) -> Vec<String> {
        let trigger = ident(self, &constraint_name(table.name, &[column.name], "touch"));
        let keys: &[&str] = if table.primary_key.is_empty() { &["rowid"] } else { table.primary_key };
        let keys: Vec<String> =
            keys.iter().map(|key| ident(self, key)).map(|key| format!("{key} = new.{key}")).collect();
        let (table, name, now) = (ident(self, table.name), ident(self, column.name), now(column.sql_type));
        vec![format!(
            "create trigger {trigger} after update on {table} for each row when new.{name} is old.{name} begin\n    \
             update {table} set {name} = {now} where {};\nend",
            keys.join(" and ")
        )]
    }

    fn create_full_text(&self, index: &FullText) -> Vec<String> {
        full_text::create(index)
    }

    fn has_forward_references(&self) -> bool {
        true
    }

    fn insert_chunk(&self, rows: usize, columns: usize) -> usize {
        [64, 16].into_iter().find(|&chunk| chunk <= rows && chunk * columns <= MOST_PARAMETERS).unwrap_or(1)
    }
}

/// A prefix is a range of texts, which an index on the column answers: `like` and `glob` with a bound pattern do not
/// use one where the planner does not look at bound values.
fn starts_with(writer: &mut Writer<'_>, expr: &Expr) {
    if expr.has_param() {
        // An expression with values of its own is written once, since its values are bound once, and first, since they
        // are bound before the pattern.
        writer.push("(with \"matched\" (\"text\") as (select ");
        writer.expr(expr, Precedence::Lowest);
        writer.push(") select \"text\" >= ");
        writer.param();
        writer.push(" and \"text\" < ");
        writer.param();
        writer.push(" from \"matched\")");
    } else {
        let collate = if has_collation(expr) { " collate binary" } else { "" };
        writer.push("(");
        writer.expr(expr, Precedence::Operand);
        writer.push(collate);
        writer.push(" >= ");
        writer.param();
        writer.push(" and ");
        writer.expr(expr, Precedence::Operand);
        writer.push(collate);
        writer.push(" < ");
        writer.param();
        writer.push(")");
    }
}

/// Whether comparing the expression uses a collation of its own, in which texts with a prefix are no range: `Z` is
/// greater than its successor `[` where case does not count. See <https://www.sqlite.org/datatype3.html#collation>.
fn has_collation(expr: &Expr) -> bool {
    match expr {
        Expr::Column { collation, .. } => collation.is_some(),
        Expr::Cast(inner, _) => has_collation(inner),
        _ => false,
    }
}

/// The storage class of a type.
fn storage(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Bool | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => "integer",
        SqlType::Real | SqlType::Double => "real",
        SqlType::Bytes => "blob",
        SqlType::Text
        | SqlType::Uuid
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::TimestampTz
        | SqlType::Decimal
        | SqlType::Json
        | SqlType::Inet
        | SqlType::Enum(_)
        // Which no column has.
        | SqlType::Interval
        | SqlType::Range(_)
        | SqlType::Array(_) => "text",
    }
}

/// The time of the statement in the form values of this type are stored in. SQLite's clock gives milliseconds.
fn now(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Date => "strftime('%Y-%m-%d', 'now')",
        SqlType::Time => "strftime('%H:%M:%f000', 'now')",
        SqlType::Timestamp => "strftime('%Y-%m-%dT%H:%M:%f000', 'now')",
        _ => "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
    }
}
