//! Statements that the server keeps nothing of: sent with their text, in one round trip.
//!
//! A pooler that gives each transaction another connection of the server loses names of prepared statements, or finds
//! those of somebody else. The types of values are not asked for then: most values are sent as text of no type, which
//! the server reads as what it expects, by the same rules as when it prepares the statement.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use orm_core::{
    ast::{Expr, Function, Statement},
    cache,
    error::Error,
    executor::Query,
    types::{EncodeError, SqlType},
    writer,
};
use tokio_postgres::{
    Client, RowStream,
    types::{Format, IsNull, ToSql, Type},
};

use crate::{
    Postgres,
    encode::{Param, parts},
    session::check_text,
};

/// What the texts are kept under, for they are not those of prepared statements.
const TEXTS: &str = "PostgreSQL, unnamed";

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// The Julian day of 1970-01-01. See <https://www.postgresql.org/docs/current/datetime-julian-dates.html>.
const JULIAN_EPOCH: i64 = 2_440_588;

/// The text of a query.
pub(crate) fn text<Q: Query>(query: &Q) -> Result<Arc<str>, Error> {
    let text =
        cache::text_of(query.key(), TEXTS, || query.statement().map(|it| writer::write(&readable(it), &Postgres)))?;
    check_text(&text, || query.statement().map(|it| it.describe()))?;
    Ok(text)
}

/// Sends a text with its values.
pub(crate) async fn send(
    client: &Client,
    text: &str,
    params: &[Param<'_>],
) -> Result<RowStream, tokio_postgres::Error> {
    client.query_typed_raw(text, params.iter().map(|param| (Untyped(param), param_type(param)))).await
}

/// The statement with its enums given as text. To read an enum, the driver would ask for its type, by a statement that
/// has a name.
fn readable(mut statement: Statement) -> Statement {
    let columns = match &mut statement {
        Statement::Select(select) => &mut select.columns,
        Statement::Insert(insert) => &mut insert.returning,
        Statement::Update(update) => &mut update.returning,
        Statement::Delete(delete) => &mut delete.returning,
        Statement::Refresh(_) => return statement,
    };
    for column in columns {
        if let Some(SqlType::Enum(_)) = type_of(column) {
            let value = std::mem::replace(column, Expr::Null);
            *column = Expr::Cast(Box::new(value), SqlType::Text);
        }
    }
    statement
}

/// The type of an expression, where it can be an enum.
fn type_of(expr: &Expr) -> Option<SqlType> {
    match expr {
        Expr::Column { ty, .. } | Expr::Param(ty) | Expr::Cast(_, ty) | Expr::Aggregate { result: ty, .. } => Some(*ty),
        Expr::Default { column, .. } => Some(column.sql_type),
        Expr::Function(Function::Coalesce, arguments) => arguments.iter().find_map(type_of),
        _ => None,
    }
}

/// The type that a value can only have, in whose binary format it is sent; `unknown` otherwise. A `real` can be a
/// `double precision` as well, which the server makes of it without a loss.
fn param_type(param: &Param<'_>) -> Type {
    match param {
        Param::Bool(_) => Type::BOOL,
        Param::Single(_) => Type::FLOAT4,
        Param::Double(_) => Type::FLOAT8,
        Param::Bytes(_) => Type::BYTEA,
        Param::Uuid(_) => Type::UUID,
        Param::Date(_) => Type::DATE,
        Param::Time(_) => Type::TIME,
        Param::Ip(_) => Type::INET,
        Param::Interval(_) => Type::INTERVAL,
        Param::Array(array) => array.ty(),
        Param::List(items) => match items.iter().map(param_type).find(|ty| *ty != Type::UNKNOWN) {
            Some(Type::BOOL) => Type::BOOL_ARRAY,
            Some(Type::FLOAT4) => Type::FLOAT4_ARRAY,
            Some(Type::FLOAT8) => Type::FLOAT8_ARRAY,
            Some(Type::BYTEA) => Type::BYTEA_ARRAY,
            Some(Type::UUID) => Type::UUID_ARRAY,
            Some(Type::DATE) => Type::DATE_ARRAY,
            Some(Type::TIME) => Type::TIME_ARRAY,
            Some(Type::INET) => Type::INET_ARRAY,
            Some(Type::INTERVAL) => Type::INTERVAL_ARRAY,
            _ => Type::UNKNOWN,
        },
        _ => Type::UNKNOWN,
    }
}

/// A value of which the server says no type.
#[derive(Debug)]
struct Untyped<'a, 'q>(&'a Param<'q>);

impl ToSql for Untyped<'_, '_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        if *ty != Type::UNKNOWN {
            return self.0.to_sql(ty, out);
        }
        let mut text = String::new();
        if let IsNull::Yes = write_text(self.0, &mut text)? {
            return Ok(IsNull::Yes);
        }
        out.put_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        if *ty == Type::UNKNOWN { Format::Text } else { Format::Binary }
    }

    tokio_postgres::types::to_sql_checked!();
}

/// Writes a value as the server reads it from text, whatever its settings are.
fn write_text(param: &Param<'_>, out: &mut String) -> Result<IsNull, EncodeError> {
    use std::fmt::Write;
    let _ = match param {
        Param::Null => return Ok(IsNull::Yes),
        Param::Integer(value) => write!(out, "{value}"),
        Param::Text(value) if value.contains('\0') => {
            return Err(EncodeError::OutOfRange { sql_type: "text, which has no NUL" });
        }
        Param::Text(value) => write!(out, "{value}"),
        Param::Decimal(value) | Param::Json(value) => write!(out, "{value}"),
        Param::Timestamp(micros) => {
            let (day, time) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
            if day < -JULIAN_EPOCH {
                let sql_type = "timestamp: 4714-11-24 BC to 294276-12-31";
                return Err(EncodeError::OutOfRange { sql_type });
            }
            let (seconds, micros) = (time / MICROS_PER_SECOND, time % MICROS_PER_SECOND);
            let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            // A timestamp without time zone leaves the zone out.
            write!(out, "J{} {hour:02}:{minute:02}:{second:02}.{micros:06}+00", day + JULIAN_EPOCH)
        }
        // Among the bounds of a range; elsewhere a date is sent in its binary format.
        Param::Date(days) => write!(out, "J{}", i64::from(*days) + JULIAN_EPOCH),
        Param::Range(flags, bounds) => return write_range(*flags, bounds, out).map(|()| IsNull::No),
        Param::List(items) => return write_array(items, out).map(|()| IsNull::No),
        Param::Bool(_)
        | Param::Single(_)
        | Param::Double(_)
        | Param::Bytes(_)
        | Param::Uuid(_)
        | Param::Time(_)
        | Param::Ip(_)
        | Param::Interval(_)
        | Param::Array(_) => {
            unreachable!("these are sent in the binary format of their type")
        }
    };
    Ok(IsNull::No)
}

/// Writes an array: <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>.
fn write_array(items: &[Param<'_>], out: &mut String) -> Result<(), EncodeError> {
    out.push('{');
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        text.clear();
        if let IsNull::Yes = write_text(item, &mut text)? {
            out.push_str("NULL");
            continue;
        }
        quote(&text, out);
    }
    out.push('}');
    Ok(())
}

/// Writes a range: <https://www.postgresql.org/docs/current/rangetypes.html#RANGETYPES-IO>.
fn write_range(flags: u8, bounds: &[Param<'_>], out: &mut String) -> Result<(), EncodeError> {
    if flags & parts::EMPTY != 0 {
        out.push_str("empty");
        return Ok(());
    }
    let mut bounds = bounds.iter();
    let mut bound = |unbounded: u8, out: &mut String| {
        let mut text = String::new();
        if flags & unbounded == 0
            && let Some(bound) = bounds.next()
        {
            write_text(bound, &mut text)?;
            quote(&text, out);
        }
        Ok(())
    };
    out.push(if flags & parts::LOWER_INCLUDED != 0 { '[' } else { '(' });
    bound(parts::LOWER_UNBOUNDED, out)?;
    out.push(',');
    bound(parts::UPPER_UNBOUNDED, out)?;
    out.push(if flags & parts::UPPER_INCLUDED != 0 { ']' } else { ')' });
    Ok(())
}

/// Writes a part of an array or a range so that it is read as it is.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        if matches!(char, '"' | '\\') {
            out.push('\\');
        }
        out.push(char);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(param: &Param<'_>, expected: &str) {
        let mut out = String::new();
        write_text(param, &mut out).expect("the value can be written");
        assert_eq!(out, expected, "{param:?}");
        assert_eq!(param_type(param), Type::UNKNOWN, "{param:?}");
    }

    #[test]
    fn values_are_written_as_text_that_has_one_meaning() {
        check(&Param::Integer(i64::MIN), "-9223372036854775808");
        check(&Param::Text("it's \\ \"so\"".into()), "it's \\ \"so\"");
        check(&Param::Timestamp(0), "J2440588 00:00:00.000000+00");
        check(&Param::Timestamp(-1), "J2440587 23:59:59.999999+00");
        check(&Param::Decimal("-1.50".to_owned()), "-1.50");
        check(&Param::Json("{\"a\": 1}".to_owned()), "{\"a\": 1}");
        check(&Param::List(Vec::new()), "{}");
        let bounds = || vec![Param::Date(-1), Param::Date(1)];
        check(&Param::Range(parts::LOWER_INCLUDED, bounds()), r#"["J2440587","J2440589")"#);
        check(&Param::Range(parts::LOWER_UNBOUNDED | parts::UPPER_INCLUDED, vec![Param::Integer(5)]), r#"(,"5"]"#);
        check(&Param::Range(parts::EMPTY, Vec::new()), "empty");
        check(&Param::List(vec![Param::Integer(1), Param::Null]), r#"{"1",NULL}"#);
        let texts = ["", "NULL", "a,b", "{", "say \"x\\\"", " "].map(|text| Param::Text(text.into()));
        check(&Param::List(Vec::from(texts)), r#"{"","NULL","a,b","{","say \"x\\\""," "}"#);
    }

    #[test]
    fn what_text_cannot_say_is_refused() {
        let check = |param: &Param<'_>| assert!(write_text(param, &mut String::new()).is_err(), "{param:?}");
        check(&Param::Text("a\0b".into()));
        check(&Param::List(vec![Param::Text("\0".into())]));
        check(&Param::Timestamp(i64::MIN));
    }

    #[test]
    fn values_of_one_type_are_sent_as_that() {
        let check = |param: Param<'static>, expected: Type, of_list: Type| {
            assert_eq!(param_type(&param), expected);
            assert_eq!(param_type(&Param::List(vec![Param::Null, param])), of_list);
        };
        check(Param::Bool(true), Type::BOOL, Type::BOOL_ARRAY);
        check(Param::Single(1.0), Type::FLOAT4, Type::FLOAT4_ARRAY);
        check(Param::Double(1.0), Type::FLOAT8, Type::FLOAT8_ARRAY);
        check(Param::Bytes(&[1]), Type::BYTEA, Type::BYTEA_ARRAY);
        check(Param::Uuid([1; 16]), Type::UUID, Type::UUID_ARRAY);
        check(Param::Date(1), Type::DATE, Type::DATE_ARRAY);
        check(Param::Time(1), Type::TIME, Type::TIME_ARRAY);
        check(Param::Null, Type::UNKNOWN, Type::UNKNOWN);
        check(Param::Integer(1), Type::UNKNOWN, Type::UNKNOWN);
    }
}
