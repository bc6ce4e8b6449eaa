//! Rows that are sent as an array of values for each column.

use bytes::{BufMut, BytesMut};
use orm_core::types::{EncodeError, SqlType};
use tokio_postgres::types::{Kind, Type};

use super::{BoxError, Param, base, check_text, is_text, mismatch, server_micros, write_array_head, write_item};

/// Collects the values of rows, one row after the other, in the arrays of their columns.
pub(super) struct Rows {
    columns: Vec<Array>,
    /// The column of the next value.
    next: usize,
}

/// The values of a column, as they will be sent.
#[derive(Debug)]
pub(crate) struct Array {
    item: Type,
    form: Form,
    len: usize,
    items: BytesMut,
    /// Whether a value is not of the column's type.
    is_mixed: bool,
}

/// How the values of a column are written, if that is known without looking at them.
#[derive(Debug, Clone, Copy)]
enum Form {
    Bool,
    Int,
    Long,
    Double,
    Text,
    Uuid,
    Timestamp,
    Other,
}

impl Form {
    fn of(ty: &Type) -> Self {
        match *ty {
            Type::BOOL => Self::Bool,
            Type::INT4 => Self::Int,
            Type::INT8 => Self::Long,
            Type::FLOAT8 => Self::Double,
            Type::TEXT => Self::Text,
            Type::UUID => Self::Uuid,
            Type::TIMESTAMP | Type::TIMESTAMPTZ => Self::Timestamp,
            _ => Self::Other,
        }
    }
}

impl Rows {
    pub(super) fn new(rows: usize, columns: &[SqlType]) -> Self {
        let columns = columns.iter().map(|ty| {
            let (item, size) = item(*ty);
            Array {
                form: Form::of(&item),
                item,
                len: 0,
                items: BytesMut::with_capacity(rows * (4 + size)),
                is_mixed: false,
            }
        });
        Self { columns: columns.collect(), next: 0 }
    }

    #[inline]
    pub(super) fn push(&mut self, value: &Param<'_>) -> Result<(), EncodeError> {
        let width = self.columns.len();
        let Some(array) = self.columns.get_mut(self.next) else { return Ok(()) };
        self.next = if self.next + 1 == width { 0 } else { self.next + 1 };
        array.len += 1;
        array.push(value)
    }

    pub(super) fn finish(self) -> impl Iterator<Item = Array> {
        self.columns.into_iter()
    }
}

impl Array {
    /// Rows have many values: what most of them are is written without asking the server's types what they are.
    #[inline]
    fn push(&mut self, value: &Param<'_>) -> Result<(), EncodeError> {
        match (value, self.form) {
            (Param::Null, _) => self.items.put_i32(-1),
            (Param::Integer(value), Form::Long) => self.fixed(value.to_be_bytes()),
            (Param::Integer(value), Form::Int) => match i32::try_from(*value) {
                Ok(value) => self.fixed(value.to_be_bytes()),
                Err(_) => return Err(EncodeError::OutOfRange { sql_type: "integer" }),
            },
            (Param::Double(value), Form::Double) => self.fixed(value.to_be_bytes()),
            (Param::Bool(value), Form::Bool) => self.fixed([u8::from(*value)]),
            (Param::Uuid(value), Form::Uuid) => self.fixed(*value),
            (Param::Timestamp(micros), Form::Timestamp) => self.fixed(server_micros(*micros)?.to_be_bytes()),
            (Param::Text(text), Form::Text) => self.text(text)?,
            (value, _) => return self.push_other(value),
        }
        Ok(())
    }

    #[inline]
    fn text(&mut self, value: &str) -> Result<(), EncodeError> {
        check_text(value)?;
        let length = i32::try_from(value.len()).map_err(|_| EncodeError::OutOfRange { sql_type: "an array" })?;
        self.items.reserve(4 + value.len());
        self.items.put_i32(length);
        self.items.put_slice(value.as_bytes());
        Ok(())
    }

    /// Writes the length of a value and the value at once.
    #[inline]
    fn fixed<const N: usize>(&mut self, value: [u8; N]) {
        let mut bytes = [0; 20];
        bytes[3] = u8::try_from(N).expect("no longer than a UUID");
        bytes[4..4 + N].copy_from_slice(&value);
        self.items.extend_from_slice(&bytes[..4 + N]);
    }

    #[inline(never)]
    fn push_other(&mut self, value: &Param<'_>) -> Result<(), EncodeError> {
        write_item(value, &self.item, &mut self.items).or_else(|error| match error.downcast() {
            Ok(error) => Err(*error),
            Err(_) => {
                self.is_mixed = true;
                Ok(())
            }
        })
    }

    pub(super) fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        match ty.kind() {
            Kind::Array(item) if !self.is_mixed && self.fits(base(item)) => {
                out.reserve(self.items.len() + 20);
                write_array_head(self.len, item, out)?;
                out.put_slice(&self.items);
                Ok(())
            }
            _ => Err(mismatch(ty)),
        }
    }

    /// How many bytes the items have.
    pub(crate) fn size(&self) -> usize {
        self.items.len()
    }

    /// The type of the array, which the text casts to that of the column.
    pub(crate) fn ty(&self) -> Type {
        match self.item {
            Type::BOOL => Type::BOOL_ARRAY,
            Type::INT2 => Type::INT2_ARRAY,
            Type::INT4 => Type::INT4_ARRAY,
            Type::INT8 => Type::INT8_ARRAY,
            Type::FLOAT4 => Type::FLOAT4_ARRAY,
            Type::FLOAT8 => Type::FLOAT8_ARRAY,
            Type::BYTEA => Type::BYTEA_ARRAY,
            Type::UUID => Type::UUID_ARRAY,
            Type::DATE => Type::DATE_ARRAY,
            Type::TIME => Type::TIME_ARRAY,
            Type::TIMESTAMP => Type::TIMESTAMP_ARRAY,
            Type::TIMESTAMPTZ => Type::TIMESTAMPTZ_ARRAY,
            Type::NUMERIC => Type::NUMERIC_ARRAY,
            Type::JSONB => Type::JSONB_ARRAY,
            Type::INET => Type::INET_ARRAY,
            Type::INTERVAL => Type::INTERVAL_ARRAY,
            Type::INT4_RANGE => Type::INT4_RANGE_ARRAY,
            Type::INT8_RANGE => Type::INT8_RANGE_ARRAY,
            Type::NUM_RANGE => Type::NUM_RANGE_ARRAY,
            Type::DATE_RANGE => Type::DATE_RANGE_ARRAY,
            Type::TS_RANGE => Type::TS_RANGE_ARRAY,
            Type::TSTZ_RANGE => Type::TSTZ_RANGE_ARRAY,
            _ => Type::TEXT_ARRAY,
        }
    }

    /// Whether the binary format of a type is that of the items.
    fn fits(&self, ty: &Type) -> bool {
        self.item == *ty || (self.item == Type::TEXT && is_text(ty))
    }
}

/// The type whose binary format a column's values have, and about how long one is.
fn item(ty: SqlType) -> (Type, usize) {
    match ty {
        SqlType::Bool => (Type::BOOL, 1),
        SqlType::SmallInt => (Type::INT2, 2),
        SqlType::Integer => (Type::INT4, 4),
        SqlType::BigInt => (Type::INT8, 8),
        SqlType::Real => (Type::FLOAT4, 4),
        SqlType::Double => (Type::FLOAT8, 8),
        SqlType::Text | SqlType::Enum(_) => (Type::TEXT, 16),
        SqlType::Bytes => (Type::BYTEA, 16),
        SqlType::Uuid => (Type::UUID, 16),
        SqlType::Date => (Type::DATE, 4),
        SqlType::Time => (Type::TIME, 8),
        SqlType::Timestamp => (Type::TIMESTAMP, 8),
        SqlType::TimestampTz => (Type::TIMESTAMPTZ, 8),
        SqlType::Decimal => (Type::NUMERIC, 16),
        SqlType::Json => (Type::JSONB, 32),
        SqlType::Inet => (Type::INET, 8),
        SqlType::Interval => (Type::INTERVAL, 16),
        SqlType::Range(SqlType::Integer) => (Type::INT4_RANGE, 17),
        SqlType::Range(SqlType::BigInt) => (Type::INT8_RANGE, 25),
        SqlType::Range(SqlType::Date) => (Type::DATE_RANGE, 17),
        SqlType::Range(SqlType::Timestamp) => (Type::TS_RANGE, 25),
        SqlType::Range(SqlType::TimestampTz) => (Type::TSTZ_RANGE, 25),
        SqlType::Range(_) => (Type::NUM_RANGE, 32),
        // Rows with such a column are not sent as arrays.
        SqlType::Array(_) => (Type::UNKNOWN, 0),
    }
}
