//! Values on their way to PostgreSQL, in its binary formats.
//!
//! A value is written in the format of the type the server expects, which can be another integer width than that of the
//! Rust type where the server computes with it (`length(..) = $1`). See
//! <https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES>.

use std::{borrow::Cow, error::Error as StdError};

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

/// A value, in a neutral form.
#[derive(Debug)]
pub(crate) enum Param<'q> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
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
        self.push(Param::Float(value.into()));
    }

    fn f64(&mut self, value: f64) {
        self.push(Param::Float(value));
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

fn mismatch(ty: &Type) -> BoxError {
    format!("the server expects a value of type {ty}").into()
}

fn out_of_range(ty: &Type) -> BoxError {
    format!("the value is out of the range of {ty}").into()
}

fn write_integer(value: i64, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    match *ty {
        Type::INT2 => out.put_i16(value.try_into().map_err(|_| out_of_range(ty))?),
        Type::INT4 => out.put_i32(value.try_into().map_err(|_| out_of_range(ty))?),
        Type::INT8 => out.put_i64(value),
        Type::NUMERIC => numeric::write(&value.to_string(), out).ok_or_else(|| out_of_range(ty))?,
        _ => return Err(mismatch(ty)),
    }
    Ok(())
}

fn write_list(items: &[Param<'_>], ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    let Kind::Array(item) = ty.kind() else { return Err(mismatch(ty)) };
    let len = i32::try_from(items.len()).map_err(|_| out_of_range(ty))?;
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
            let length = i32::try_from(out.len() - start - 4).map_err(|_| out_of_range(item))?;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(())
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(value) => out.put_u8((*value).into()),
            Self::Integer(value) => write_integer(*value, ty, out)?,
            #[allow(clippy::cast_possible_truncation, reason = "a float of 32 bits was widened on its way here")]
            Self::Float(value) => match *ty {
                Type::FLOAT4 => out.put_f32(*value as f32),
                Type::FLOAT8 => out.put_f64(*value),
                _ => return Err(mismatch(ty)),
            },
            Self::Text(value) => out.put_slice(value.as_bytes()),
            Self::Bytes(value) => out.put_slice(value),
            Self::Uuid(value) => out.put_slice(value),
            Self::Date(days) => out.put_i32(days.checked_sub(EPOCH_DAYS).ok_or_else(|| out_of_range(ty))?),
            Self::Time(micros) => out.put_i64(*micros),
            Self::Timestamp(micros) => out.put_i64(micros.checked_sub(EPOCH_MICROS).ok_or_else(|| out_of_range(ty))?),
            Self::Decimal(value) => numeric::write(value, out).ok_or_else(|| out_of_range(ty))?,
            Self::Json(value) => {
                if *ty == Type::JSONB {
                    // The version of the format.
                    out.put_u8(1);
                }
                out.put_slice(value.as_bytes());
            }
            Self::List(items) => write_list(items, ty, out)?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}
