//! Values on their way to PostgreSQL, in its binary formats.
//!
//! A value is written in the format of the type the server expects, which can be another integer width than that of the
//! Rust type where the server computes with it (`length(..) = $1`). See
//! <https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES>.

pub(crate) mod parts;
mod rows;

use std::{borrow::Cow, error::Error as StdError, fmt, net::IpAddr, ops::Bound};

use bytes::{BufMut, BytesMut};
use orm_core::{
    expr::escape_like,
    types::{Binder, EncodeError, Interval, Matching, SqlType},
};
use tokio_postgres::types::{IsNull, Kind, ToSql, Type};

use self::rows::{Array, Rows};
use crate::numeric;

type BoxError = Box<dyn StdError + Sync + Send>;

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
pub(crate) const EPOCH_DAYS: i32 = 10_957;
/// Microseconds from 1970-01-01 to 2000-01-01.
pub(crate) const EPOCH_MICROS: i64 = 946_684_800_000_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;
/// 4714-11-24 BC, with which Julian days begin, and the last day PostgreSQL has, in days since 1970-01-01.
/// See <https://www.postgresql.org/docs/current/datatype-datetime.html>.
const FIRST_DAY: i32 = -2_440_588;
const LAST_DAY: i32 = 2_145_042_905;

/// The most bytes the values of a statement may have, and its text: the server ends a connection on which it gets a
/// message of more than 1 GiB. What a message has besides them is less than 1 MiB.
/// See `PQ_LARGE_MESSAGE_LIMIT` in <https://github.com/postgres/postgres/blob/master/src/include/libpq/libpq.h>.
pub(crate) const LONGEST: usize = 0x3fff_ffff - (1 << 20);

/// A value, in a neutral form.
pub(crate) enum Param<'q> {
    Null,
    Bool(bool),
    Integer(i64),
    Single(f32),
    Double(f64),
    Text(Cow<'q, str>),
    Bytes(&'q [u8]),
    Uuid([u8; 16]),
    Date(i32),
    Time(i64),
    Timestamp(i64),
    Decimal(String),
    Json(String),
    Ip(IpAddr),
    Interval(Interval),
    Range(u8, Vec<Param<'q>>),
    List(Vec<Param<'q>>),
    Array(Box<Array>),
}

/// Says nothing of the value: the driver logs the values of a statement by this.
impl fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// Collects the values of a statement.
#[derive(Default)]
pub(crate) struct Encoder<'q> {
    params: Vec<Param<'q>>,
    /// The lists and ranges that have begun and not ended, the innermost one last.
    lists: Vec<Vec<Param<'q>>>,
    /// The flags of the range that has begun.
    range: u8,
    rows: Option<Rows>,
    failure: Option<EncodeError>,
}

impl<'q> Encoder<'q> {
    /// The values, or why one of them cannot be sent.
    pub(crate) fn finish(self) -> Result<Vec<Param<'q>>, EncodeError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => match size(&self.params) {
                ..=LONGEST => Ok(self.params),
                bytes => Err(EncodeError::TooLarge { bytes, limit: LONGEST }),
            },
        }
    }

    #[inline]
    fn push(&mut self, param: Param<'q>) {
        match (self.lists.last_mut(), &mut self.rows) {
            (Some(list), _) => list.push(param),
            (None, None) => self.params.push(param),
            (None, Some(rows)) => {
                if let Err(error) = rows.push(&param) {
                    self.failure.get_or_insert(error);
                }
            }
        }
    }
}

impl<'q> Binder<'q> for Encoder<'q> {
    fn null(&mut self) {
        self.push(Param::Null);
    }

    fn bool(&mut self, value: bool) {
        self.push(Param::Bool(value));
    }

    fn i16(&mut self, value: i16) {
        self.push(Param::Integer(value.into()));
    }

    fn i32(&mut self, value: i32) {
        self.push(Param::Integer(value.into()));
    }

    fn i64(&mut self, value: i64) {
        self.push(Param::Integer(value));
    }

    fn f32(&mut self, value: f32) {
        self.push(Param::Single(value));
    }

    fn f64(&mut self, value: f64) {
        self.push(Param::Double(value));
    }

    fn text(&mut self, value: &'q str) {
        self.push(Param::Text(Cow::Borrowed(value)));
    }

    fn bytes(&mut self, value: &'q [u8]) {
        self.push(Param::Bytes(value));
    }

    fn uuid(&mut self, value: [u8; 16]) {
        self.push(Param::Uuid(value));
    }

    fn date(&mut self, days: i32) {
        self.push(Param::Date(days));
    }

    fn time(&mut self, micros: i64) {
        self.push(Param::Time(micros));
    }

    fn timestamp(&mut self, micros: i64) {
        self.push(Param::Timestamp(micros));
    }

    fn timestamp_tz(&mut self, micros: i64) {
        self.push(Param::Timestamp(micros));
    }

    fn decimal(&mut self, value: String) {
        self.push(Param::Decimal(value));
    }

    fn json(&mut self, value: String) {
        self.push(Param::Json(value));
    }

    fn label(&mut self, value: &'static str) {
        self.push(Param::Text(Cow::Borrowed(value)));
    }

    fn pattern(&mut self, matching: Matching, value: &'q str) {
        let pattern = match matching {
            // PostgreSQL refuses a pattern that ends with a backslash, where it stands for itself everywhere else.
            Matching::Like | Matching::ILike if ends_with_escape(value) => format!("{value}\\").into(),
            Matching::Like | Matching::ILike => Cow::Borrowed(value),
            Matching::Contains => format!("%{}%", escape_like(value)).into(),
            Matching::StartsWith => format!("{}%", escape_like(value)).into(),
            Matching::EndsWith => format!("%{}", escape_like(value)).into(),
        };
        self.push(Param::Text(pattern));
    }

    fn begin_list(&mut self, len: usize) {
        self.lists.push(Vec::with_capacity(len));
    }

    fn end_list(&mut self) {
        if let Some(items) = self.lists.pop() {
            self.push(Param::List(items));
        }
    }

    fn ip(&mut self, value: IpAddr) {
        self.push(Param::Ip(value));
    }

    fn interval(&mut self, value: Interval) {
        self.push(Param::Interval(value));
    }

    fn begin_range(&mut self, bounds: Option<(Bound<()>, Bound<()>)>) {
        self.range = parts::range_flags(bounds);
        self.lists.push(Vec::with_capacity(2));
    }

    fn end_range(&mut self) {
        if let Some(bounds) = self.lists.pop() {
            self.push(Param::Range(self.range, bounds));
        }
    }

    fn begin_rows(&mut self, rows: usize, columns: &[SqlType]) {
        self.rows = Some(Rows::new(rows, columns));
    }

    fn end_rows(&mut self) {
        if let Some(rows) = self.rows.take() {
            self.params.extend(rows.finish().map(|array| Param::Array(Box::new(array))));
        }
    }

    fn fail(&mut self, error: EncodeError) {
        self.failure.get_or_insert(error);
    }
}

/// How many bytes values have at most, without the fixed number that comes with each of a statement.
fn size(params: &[Param<'_>]) -> usize {
    let of = |param: &Param<'_>| match param {
        Param::Text(text) => text.len(),
        Param::Bytes(bytes) => bytes.len(),
        Param::Decimal(text) | Param::Json(text) => text.len(),
        Param::List(items) | Param::Range(_, items) => size(items).saturating_add(items.len().saturating_mul(4)),
        Param::Array(array) => array.size(),
        _ => 16,
    };
    params.iter().map(of).fold(0, usize::saturating_add)
}

/// Whether the last character of a pattern is a backslash that escapes nothing.
fn ends_with_escape(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

#[cold]
fn mismatch(ty: &Type) -> BoxError {
    Mismatch(ty.to_string()).into()
}

/// A value that was not sent, because the server expects one of this type.
#[derive(Debug)]
pub(crate) struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server expects a value of type {}", self.0)
    }
}

impl StdError for Mismatch {}

#[cold]
fn out_of_range(sql_type: &'static str) -> BoxError {
    EncodeError::OutOfRange { sql_type }.into()
}

/// The type a domain is made of. Results are of that type already, values are not.
fn base(mut ty: &Type) -> &Type {
    while let Kind::Domain(inner) = ty.kind() {
        ty = inner;
    }
    ty
}

/// Whether the binary format of a type is the text itself.
fn is_text(ty: &Type) -> bool {
    matches!(*ty, Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::XML)
        || matches!(ty.kind(), Kind::Enum(_))
        || ty.name() == "citext"
}

/// Whether a JSON document has the escape of a NUL in it: an odd number of backslashes before `u0000`.
fn has_escaped_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        before % 2 == 0
    })
}

fn write_integer(value: i64, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    match *ty {
        Type::INT2 => out.put_i16(value.try_into().map_err(|_| out_of_range("smallint"))?),
        Type::INT4 => out.put_i32(value.try_into().map_err(|_| out_of_range("integer"))?),
        Type::INT8 => out.put_i64(value),
        Type::NUMERIC => numeric::write(&value.to_string(), out).ok_or_else(|| out_of_range("numeric"))?,
        _ => return Err(mismatch(ty)),
    }
    Ok(())
}

fn write_text(value: &str, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    if !is_text(ty) {
        return Err(mismatch(ty));
    }
    check_text(value)?;
    out.put_slice(value.as_bytes());
    Ok(())
}

/// PostgreSQL has no NUL in its texts: <https://www.postgresql.org/docs/current/datatype-character.html>.
#[inline]
fn check_text(value: &str) -> Result<(), EncodeError> {
    match value.contains('\0') {
        true => Err(EncodeError::OutOfRange { sql_type: "text, which has no NUL" }),
        false => Ok(()),
    }
}

/// What is kept as `json` is kept as it is written; `jsonb` is taken apart into texts.
fn write_json(value: &str, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    match *ty {
        Type::JSON => {}
        Type::JSONB if has_escaped_nul(value) => return Err(out_of_range("jsonb, whose texts have no NUL")),
        // The version of the format.
        Type::JSONB => out.put_u8(1),
        _ => return Err(mismatch(ty)),
    }
    out.put_slice(value.as_bytes());
    Ok(())
}

fn write_date(days: i32, out: &mut BytesMut) -> Result<(), BoxError> {
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return Err(out_of_range("date: 4714-11-24 BC to 5874897-12-31"));
    }
    out.put_i32(days - EPOCH_DAYS);
    Ok(())
}

/// Microseconds since 2000. Those since 1970 end before PostgreSQL's timestamps do.
#[inline]
fn server_micros(micros: i64) -> Result<i64, EncodeError> {
    if micros < i64::from(FIRST_DAY) * MICROS_PER_DAY {
        return Err(EncodeError::OutOfRange { sql_type: "timestamp: 4714-11-24 BC to 294276-12-31" });
    }
    Ok(micros - EPOCH_MICROS)
}

/// What an array of this many items begins with. See `array_send` in
/// <https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c>.
fn write_array_head(len: usize, item: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    let len = i32::try_from(len).map_err(|_| out_of_range("an array"))?;
    out.put_i32(i32::from(len > 0));
    // Whether there are NULLs, which the server looks for itself.
    out.put_i32(0);
    out.put_u32(item.oid());
    if len > 0 {
        out.put_i32(len);
        // The number of the first item.
        out.put_i32(1);
    }
    Ok(())
}

pub(crate) fn write_item(value: &Param<'_>, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    let start = out.len();
    out.put_i32(-1);
    if let IsNull::No = value.to_sql(ty, out)? {
        let length = i32::try_from(out.len() - start - 4).map_err(|_| out_of_range("an array"))?;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

fn write_list(items: &[Param<'_>], ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    let Kind::Array(item) = ty.kind() else { return Err(mismatch(ty)) };
    write_array_head(items.len(), item, out)?;
    items.iter().try_for_each(|value| write_item(value, item, out))
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        let ty = base(ty);
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(value) if *ty == Type::BOOL => out.put_u8((*value).into()),
            Self::Integer(value) => write_integer(*value, ty, out)?,
            Self::Single(value) if *ty == Type::FLOAT4 => out.put_f32(*value),
            Self::Single(value) if *ty == Type::FLOAT8 => out.put_f64((*value).into()),
            Self::Double(value) if *ty == Type::FLOAT8 => out.put_f64(*value),
            Self::Text(value) => write_text(value, ty, out)?,
            Self::Bytes(value) if *ty == Type::BYTEA => out.put_slice(value),
            Self::Uuid(value) if *ty == Type::UUID => out.put_slice(value),
            Self::Date(days) if *ty == Type::DATE => write_date(*days, out)?,
            Self::Time(micros) if *ty == Type::TIME => out.put_i64(*micros),
            Self::Timestamp(micros) if matches!(*ty, Type::TIMESTAMP | Type::TIMESTAMPTZ) => {
                out.put_i64(server_micros(*micros)?);
            }
            Self::Decimal(value) if *ty == Type::NUMERIC => {
                numeric::write(value, out).ok_or_else(|| out_of_range("numeric"))?;
            }
            Self::Json(value) => write_json(value, ty, out)?,
            Self::Ip(address) if *ty == Type::INET => parts::write_ip(*address, out),
            Self::Interval(interval) if *ty == Type::INTERVAL => parts::write_interval(*interval, out)?,
            Self::Range(flags, bounds) => parts::write_range(*flags, bounds, ty, out)?,
            Self::List(items) => write_list(items, ty, out)?,
            Self::Array(array) => array.write(ty, out)?,
            _ => return Err(mismatch(ty)),
        }
        Ok(IsNull::No)
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

#[cfg(test)]
mod tests;
