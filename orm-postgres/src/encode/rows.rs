//! Rows that are sent as an array of values for each column.

use bytes::{BufMut, BytesMut};
use orm_core::types::{EncodeError, SqlType};
use tokio_postgres::types::{Kind, Type};

use super::{BoxError, Param, base, is_text, mismatch, write_array_head, write_item};

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
    len: usize,
    items: BytesMut,
    /// Whether a value is not of the column's type.
    is_mixed: bool,
}

impl Rows {
    pub(super) fn new(rows: usize, columns: &[SqlType]) -> Self {
        let columns = columns.iter().map(|ty| {
            let (item, size) = item(*ty);
            Array { item, len: 0, items: BytesMut::with_capacity(rows * (4 + size)), is_mixed: false }
        });
        Self { columns: columns.collect(), next: 0 }
    }

    pub(super) fn push(&mut self, value: &Param<'_>) -> Result<(), EncodeError> {
        let width = self.columns.len();
        let Some(array) = self.columns.get_mut(self.next) else { return Ok(()) };
        self.next = if self.next + 1 == width { 0 } else { self.next + 1 };
        array.len += 1;
        write_item(value, &array.item, &mut array.items).or_else(|error| match error.downcast() {
            Ok(error) => Err(*error),
            Err(_) => {
                array.is_mixed = true;
                Ok(())
            }
        })
    }

    pub(super) fn finish(self) -> impl Iterator<Item = Array> {
        self.columns.into_iter()
    }
}

impl Array {
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
