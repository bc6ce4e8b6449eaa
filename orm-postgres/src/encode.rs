//! Values on their way to PostgreSQL, in its binary formats.
//!
//! A value is written in the format of the type the server expects, which can be another integer width than that of the
//! Rust type where the server computes with it (`length(..) = $1`). See
//! <https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES>.

use std::{borrow::Cow, error::Error as StdError, fmt};

use bytes::{BufMut, BytesMut};
use orm_core::{
    expr::escape_like,
    types::{Binder, EncodeError, Matching},
};
use tokio_postgres::types::{IsNull, Kind, ToSql, Type};

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
    List(Vec<Param<'q>>),
}

impl fmt::Debug for Param<'_> {
    /// Never the value: the driver logs its parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// Collects the values of a statement.
#[derive(Default)]
pub(crate) struct Encoder<'q> {
    params: Vec<Param<'q>>,
    list: Option<Vec<Param<'q>>>,
    failure: Option<EncodeError>,
}

impl<'q> Encoder<'q> {
    /// The values, or why one of them cannot be sent.
    pub(crate) fn finish(self) -> Result<Vec<Param<'q>>, EncodeError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.params),
        }
    }

    fn push(&mut self, param: Param<'q>) {
        self.list.as_mut().unwrap_or(&mut self.params).push(param);
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
        self.list = Some(Vec::with_capacity(len));
    }

    fn end_list(&mut self) {
        if let Some(items) = self.list.take() {
            self.params.push(Param::List(items));
        }
    }

    fn fail(&mut self, error: EncodeError) {
        self.failure.get_or_insert(error);
    }
}

/// Whether the last character of a pattern is a backslash that escapes nothing.
fn ends_with_escape(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

#[cold]
fn mismatch(ty: &Type) -> BoxError {
    format!("the server expects a value of type {ty}").into()
}

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

/// PostgreSQL has no NUL in its texts: <https://www.postgresql.org/docs/current/datatype-character.html>.
fn write_text(value: &str, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    if !is_text(ty) {
        return Err(mismatch(ty));
    }
    if value.contains('\0') {
        return Err(out_of_range("text, which has no NUL"));
    }
    out.put_slice(value.as_bytes());
    Ok(())
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

/// Microseconds since 1970 end before PostgreSQL's timestamps do.
fn write_timestamp(micros: i64, out: &mut BytesMut) -> Result<(), BoxError> {
    if micros < i64::from(FIRST_DAY) * MICROS_PER_DAY {
        return Err(out_of_range("timestamp: 4714-11-24 BC to 294276-12-31"));
    }
    out.put_i64(micros - EPOCH_MICROS);
    Ok(())
}

fn write_list(items: &[Param<'_>], ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    let Kind::Array(item) = ty.kind() else { return Err(mismatch(ty)) };
    let len = i32::try_from(items.len()).map_err(|_| out_of_range("an array"))?;
    out.put_i32(i32::from(len > 0));
    out.put_i32(0);
    out.put_u32(item.oid());
    if len == 0 {
        return Ok(());
    }
    out.put_i32(len);
    out.put_i32(1);
    for value in items {
        let start = out.len();
        out.put_i32(-1);
        if let IsNull::No = value.to_sql(item, out)? {
            let length = i32::try_from(out.len() - start - 4).map_err(|_| out_of_range("an array"))?;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(())
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
                write_timestamp(*micros, out)?;
            }
            Self::Decimal(value) if *ty == Type::NUMERIC => {
                numeric::write(value, out).ok_or_else(|| out_of_range("numeric"))?;
            }
            Self::Json(value) => write_json(value, ty, out)?,
            Self::List(items) => write_list(items, ty, out)?,
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
mod tests {
    use super::*;

    fn written(param: &Param<'_>, ty: &Type) -> Result<Vec<u8>, String> {
        let mut out = BytesMut::new();
        param.to_sql(ty, &mut out).map(|_| out.to_vec()).map_err(|error| error.to_string())
    }

    fn check(param: &Param<'_>, ty: &Type, expected: &[u8]) {
        assert_eq!(written(param, ty).as_deref(), Ok(expected), "{param:?} as {ty}");
    }

    fn refused(param: &Param<'_>, ty: &Type, expected: &str) {
        assert_eq!(written(param, ty), Err(expected.to_owned()), "{param:?} as {ty}");
    }

    #[test]
    fn integers_have_the_width_the_server_expects() {
        check(&Param::Integer(-2), &Type::INT2, &[0xff, 0xfe]);
        check(&Param::Integer(-2), &Type::INT4, &[0xff, 0xff, 0xff, 0xfe]);
        check(&Param::Integer(1 << 40), &Type::INT8, &[0, 0, 1, 0, 0, 0, 0, 0]);
        check(&Param::Integer(10_001), &Type::NUMERIC, &[0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1]);
        refused(&Param::Integer(1 << 15), &Type::INT2, "the value is out of the range of smallint");
        refused(&Param::Integer(1 << 31), &Type::INT4, "the value is out of the range of integer");
    }

    #[test]
    fn floats_keep_their_bits() {
        let signalling = f32::from_bits(0xffa0_0001);
        check(&Param::Single(signalling), &Type::FLOAT4, &[0xff, 0xa0, 0, 1]);
        check(&Param::Double(-0.0), &Type::FLOAT8, &[0x80, 0, 0, 0, 0, 0, 0, 0]);
        check(&Param::Single(-0.0), &Type::FLOAT8, &[0x80, 0, 0, 0, 0, 0, 0, 0]);
        refused(&Param::Double(1.0), &Type::FLOAT4, "the server expects a value of type float4");
    }

    #[test]
    fn a_text_has_no_nul() {
        let refused = |text: &'static str, ty| {
            refused(&Param::Text(text.into()), ty, "the value is out of the range of text, which has no NUL")
        };
        check(&Param::Text("a".into()), &Type::VARCHAR, b"a");
        refused("\0", &Type::TEXT);
        refused("a\0b", &Type::VARCHAR);
    }

    #[test]
    fn a_document_has_no_escaped_nul() {
        let check = |json: &str, is_refused: bool| {
            assert_eq!(has_escaped_nul(json), is_refused, "{json}");
            assert_eq!(written(&Param::Json(json.to_owned()), &Type::JSONB).is_err(), is_refused, "{json}");
            super::tests::check(&Param::Json(json.to_owned()), &Type::JSON, json.as_bytes());
        };
        check(r#""\u0000""#, true);
        check(r#""\\u0000""#, false);
        check(r#""\\\u0000""#, true);
        check(r#""\\u0000 \u0000""#, true);
        check(r#"{"a\u0000": 1}"#, true);
        check(r#""u0000 \u00001\u0001""#, true);
        check(r#""u0000 \u0001""#, false);
    }

    /// The bounds are those that the server says when it is asked for more.
    #[test]
    fn times_are_in_range() {
        let epoch = |days: i32| (days - EPOCH_DAYS).to_be_bytes();
        check(&Param::Date(FIRST_DAY), &Type::DATE, &epoch(FIRST_DAY));
        check(&Param::Date(LAST_DAY), &Type::DATE, &epoch(LAST_DAY));
        let dates = "the value is out of the range of date: 4714-11-24 BC to 5874897-12-31";
        for days in [i32::MIN, FIRST_DAY - 1, LAST_DAY + 1, i32::MAX] {
            refused(&Param::Date(days), &Type::DATE, dates);
        }
        let first = i64::from(FIRST_DAY) * MICROS_PER_DAY;
        check(&Param::Timestamp(0), &Type::TIMESTAMP, &(-EPOCH_MICROS).to_be_bytes());
        for ty in [Type::TIMESTAMP, Type::TIMESTAMPTZ] {
            check(&Param::Timestamp(first), &ty, &(first - EPOCH_MICROS).to_be_bytes());
            let moments = "the value is out of the range of timestamp: 4714-11-24 BC to 294276-12-31";
            refused(&Param::Timestamp(first - 1), &ty, moments);
            refused(&Param::Timestamp(i64::MIN), &ty, moments);
        }
    }

    #[test]
    fn lists_are_arrays() {
        let empty = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21];
        check(&Param::List(Vec::new()), &Type::INT2_ARRAY, &empty);
        let head = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1];
        let items = [0, 0, 0, 2, 0, 7, 0xff, 0xff, 0xff, 0xff];
        let list = Param::List(vec![Param::Integer(7), Param::Null]);
        check(&list, &Type::INT2_ARRAY, &[head.as_slice(), &items].concat());
        refused(&list, &Type::INT2, "the server expects a value of type int2");
        refused(
            &Param::List(vec![Param::Text("\0".into())]),
            &Type::TEXT_ARRAY,
            "the value is out of the range of text, which has no NUL",
        );
    }

    /// A text of 16 bytes would be taken for a UUID, and any eight bytes for a number.
    #[test]
    fn a_value_of_another_type_is_not_sent() {
        refused(&Param::Text("0123456789abcdef".into()), &Type::UUID, "the server expects a value of type uuid");
        refused(&Param::Uuid([0; 16]), &Type::TEXT, "the server expects a value of type text");
        refused(&Param::Decimal("1".into()), &Type::MONEY, "the server expects a value of type money");
        refused(&Param::Timestamp(0), &Type::INT8, "the server expects a value of type int8");
        refused(&Param::Json("1".into()), &Type::TEXT, "the server expects a value of type text");
        assert_eq!(written(&Param::Null, &Type::UUID), Ok(Vec::new()));
    }

    /// The driver writes parameters into its log by their `Debug`.
    #[test]
    fn values_are_not_shown() {
        let list = Param::List(vec![Param::Text("canary".into()), Param::Integer(7)]);
        for param in [Param::Text("canary".into()), Param::Bytes(b"canary"), Param::Integer(7), list, Param::Null] {
            assert_eq!(format!("{param:?}"), "_");
        }
    }

    #[test]
    fn a_domain_takes_the_values_of_its_type() {
        let domain = |of: Type| Type::new("positive".to_owned(), 100_000, Kind::Domain(of), "public".to_owned());
        check(&Param::Integer(7), &domain(domain(Type::INT2)), &[0, 7]);
        check(&Param::Text("a".into()), &domain(Type::TEXT), b"a");
    }
}
