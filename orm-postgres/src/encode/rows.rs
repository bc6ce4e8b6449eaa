//! Rows that are sent as an array of values for each column.

use bytes::{BufMut, BytesMut};
use orm_core::types::{EncodeError, SqlType};
use tokio_postgres::types::{Kind, Type};

use super::{BoxError, Param, base, has_nul, is_text, mismatch, timestamp, write_array_head, write_item};

/// Collects the values of rows, one row after the other, in the arrays of their columns.
pub(super) struct Rows {
    columns: Vec<Array>,
    /// The column of the next value.
    next: usize,
    /// Where a value is written that has no short way into its array.
    scratch: BytesMut,
}

/// The values of a column, as they will be sent.
#[derive(Debug)]
pub(crate) struct Array {
    item: Type,
    len: usize,
    items: Vec<u8>,
    /// Whether a value is not of the column's type.
    is_mixed: bool,
}

impl Rows {
    pub(super) fn new(rows: usize, columns: &[SqlType]) -> Self {
        let columns = columns.iter().map(|ty| {
            let (item, size) = item(*ty);
            Array { item, len: 0, items: Vec::with_capacity(rows * (4 + size)), is_mixed: false }
        });
        Self { columns: columns.collect(), next: 0, scratch: BytesMut::new() }
    }

    // Inline, so that what follows is chosen where the kind of the value is known.
    #[inline]
    pub(super) fn push(&mut self, value: Param<'_>) -> Result<(), EncodeError> {
        let width = self.columns.len();
        let Some(array) = self.columns.get_mut(self.next) else { return Ok(()) };
        self.next = if self.next + 1 == width { 0 } else { self.next + 1 };
        array.len += 1;
        match (&value, &array.item) {
            (Param::Null, _) => array.items.put_i32(-1),
            (Param::Bool(value), &Type::BOOL) => array.put([u8::from(*value)]),
            (Param::Integer(value), &Type::INT8) => array.put(value.to_be_bytes()),
            (Param::Integer(value), &Type::INT4) if let Ok(value) = i32::try_from(*value) => {
                array.put(value.to_be_bytes());
            }
            (Param::Double(value), &Type::FLOAT8) => array.put(value.to_be_bytes()),
            (Param::Uuid(value), &Type::UUID) => array.put(*value),
            (Param::Timestamp(micros), &(Type::TIMESTAMP | Type::TIMESTAMPTZ))
                if let Some(value) = timestamp(*micros) =>
            {
                array.put(value.to_be_bytes());
            }
            (Param::Text(value), &Type::TEXT)
                if let Ok(len) = i32::try_from(value.len())
                    && !has_nul(value) =>
            {
                array.items.put_i32(len);
                array.items.put_slice(value.as_bytes());
            }
            _ => return array.put_any(&value, &mut self.scratch),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> impl Iterator<Item = Array> {
        self.columns.into_iter()
    }
}

impl Array {
    /// Writes a value of a fixed size.
    #[inline]
    fn put<const N: usize>(&mut self, value: [u8; N]) {
        self.items.reserve(4 + N);
        self.items.put_i32(N as i32);
        self.items.put_slice(&value);
    }

    /// Writes a value like any other parameter.
    fn put_any(&mut self, value: &Param<'_>, scratch: &mut BytesMut) -> Result<(), EncodeError> {
        scratch.clear();
        match write_item(value, &self.item, scratch) {
            Ok(()) => self.items.put_slice(scratch),
            Err(error) => match error.downcast() {
                Ok(error) => return Err(*error),
                Err(_) => self.is_mixed = true,
            },
        }
        Ok(())
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
    }
}
