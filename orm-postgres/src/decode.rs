//! Values on their way from PostgreSQL, out of its binary formats.

use std::error::Error as StdError;

use orm_core::types::{DecodeError, DecodeFault, RowRead};
use tokio_postgres::{
    Row,
    types::{FromSql, Kind, Type},
};

use crate::{
    encode::{EPOCH_DAYS, EPOCH_MICROS},
    numeric,
};

/// A row as `orm-core` reads it.
pub(crate) struct PgRow<'r>(pub(crate) &'r Row);

/// The bytes of a value.
struct Raw<'r>(Option<&'r [u8]>);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_ty: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_ty: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}

impl<'r> PgRow<'r> {
    /// The type and the bytes of a value that is not NULL.
    fn value<T>(&self, index: usize) -> Result<(&'r Type, &'r [u8]), DecodeError> {
        // The query and the statement agree on the columns, so a missing one is as good as NULL.
        let raw = self.0.try_get::<_, Raw<'r>>(index).unwrap_or(Raw(None));
        match (self.0.columns().get(index), raw.0) {
            (Some(column), Some(bytes)) => Ok((column.type_(), bytes)),
            _ => Err(DecodeError::new::<T>(index, DecodeFault::Null)),
        }
    }

    fn fixed<T, const N: usize>(&self, index: usize, expected: &Type) -> Result<[u8; N], DecodeError> {
        let (ty, bytes) = self.value::<T>(index)?;
        match bytes.try_into() {
            Ok(bytes) if ty == expected => Ok(bytes),
            _ => Err(wrong::<T>(index, ty)),
        }
    }

    fn integer<T: TryFrom<i64>>(&self, index: usize) -> Result<T, DecodeError> {
        let (ty, bytes) = self.value::<T>(index)?;
        let wide = match (ty, bytes) {
            (&Type::INT2, &[a, b]) => i64::from(i16::from_be_bytes([a, b])),
            (&Type::INT4, &[a, b, c, d]) => i64::from(i32::from_be_bytes([a, b, c, d])),
            (&Type::INT8, bytes) => i64::from_be_bytes(bytes.try_into().map_err(|_| wrong::<T>(index, ty))?),
            _ => return Err(wrong::<T>(index, ty)),
        };
        T::try_from(wide).map_err(|_| DecodeError::new::<T>(index, DecodeFault::OutOfRange))
    }

    fn utf8<T>(&self, index: usize, bytes: &'r [u8]) -> Result<&'r str, DecodeError> {
        std::str::from_utf8(bytes).map_err(|_| DecodeError::new::<T>(index, DecodeFault::InvalidUtf8))
    }

    /// Microseconds since 1970. PostgreSQL's infinities are the greatest and the smallest number.
    fn moment(&self, index: usize, expected: &Type) -> Result<i64, DecodeError> {
        let micros = i64::from_be_bytes(self.fixed::<i64, 8>(index, expected)?);
        let out_of_range = || DecodeError::new::<i64>(index, DecodeFault::OutOfRange);
        match micros {
            i64::MIN | i64::MAX => Err(out_of_range()),
            micros => micros.checked_add(EPOCH_MICROS).ok_or_else(out_of_range),
        }
    }
}

#[cold]
fn wrong<T>(index: usize, ty: &Type) -> DecodeError {
    let found = match *ty {
        Type::BOOL => "a boolean",
        Type::INT2 | Type::INT4 | Type::INT8 => "an integer",
        Type::FLOAT4 | Type::FLOAT8 => "a float",
        Type::NUMERIC => "a numeric",
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => "text",
        Type::BYTEA => "bytes",
        Type::DATE | Type::TIME | Type::TIMESTAMP | Type::TIMESTAMPTZ => "a date or time",
        Type::JSON | Type::JSONB => "JSON",
        _ => "another type",
    };
    DecodeError::new::<T>(index, DecodeFault::WrongType { found })
}

impl RowRead for PgRow<'_> {
    fn is_null(&self, index: usize) -> bool {
        self.0.try_get::<_, Raw<'_>>(index).is_ok_and(|raw| raw.0.is_none())
    }

    fn bool(&self, index: usize) -> Result<bool, DecodeError> {
        Ok(self.fixed::<bool, 1>(index, &Type::BOOL)? != [0])
    }

    fn i16(&self, index: usize) -> Result<i16, DecodeError> {
        self.integer(index)
    }

    fn i32(&self, index: usize) -> Result<i32, DecodeError> {
        self.integer(index)
    }

    fn i64(&self, index: usize) -> Result<i64, DecodeError> {
        self.integer(index)
    }

    fn f32(&self, index: usize) -> Result<f32, DecodeError> {
        Ok(f32::from_be_bytes(self.fixed::<f32, 4>(index, &Type::FLOAT4)?))
    }

    fn f64(&self, index: usize) -> Result<f64, DecodeError> {
        match self.value::<f64>(index)? {
            (&Type::FLOAT4, _) => self.f32(index).map(f64::from),
            _ => Ok(f64::from_be_bytes(self.fixed::<f64, 8>(index, &Type::FLOAT8)?)),
        }
    }

    fn text(&self, index: usize) -> Result<&str, DecodeError> {
        match self.value::<String>(index)? {
            (&(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME), bytes) => self.utf8::<String>(index, bytes),
            (ty, bytes) if matches!(ty.kind(), Kind::Domain(_)) || ty.name() == "citext" => {
                self.utf8::<String>(index, bytes)
            }
            (ty, _) => Err(wrong::<String>(index, ty)),
        }
    }

    fn bytes(&self, index: usize) -> Result<&[u8], DecodeError> {
        match self.value::<Vec<u8>>(index)? {
            (&Type::BYTEA, bytes) => Ok(bytes),
            (ty, _) => Err(wrong::<Vec<u8>>(index, ty)),
        }
    }

    fn uuid(&self, index: usize) -> Result<[u8; 16], DecodeError> {
        self.fixed::<[u8; 16], 16>(index, &Type::UUID)
    }

    fn date(&self, index: usize) -> Result<i32, DecodeError> {
        let days = i32::from_be_bytes(self.fixed::<i32, 4>(index, &Type::DATE)?);
        let out_of_range = || DecodeError::new::<i32>(index, DecodeFault::OutOfRange);
        match days {
            i32::MIN | i32::MAX => Err(out_of_range()),
            days => days.checked_add(EPOCH_DAYS).ok_or_else(out_of_range),
        }
    }

    fn time(&self, index: usize) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(self.fixed::<i64, 8>(index, &Type::TIME)?))
    }

    fn timestamp(&self, index: usize) -> Result<i64, DecodeError> {
        self.moment(index, &Type::TIMESTAMP)
    }

    fn timestamp_tz(&self, index: usize) -> Result<i64, DecodeError> {
        self.moment(index, &Type::TIMESTAMPTZ)
    }

    fn decimal(&self, index: usize) -> Result<String, DecodeError> {
        match self.value::<String>(index)? {
            (&Type::NUMERIC, bytes) => {
                numeric::read(bytes).ok_or_else(|| DecodeError::new::<String>(index, DecodeFault::OutOfRange))
            }
            (ty, _) => Err(wrong::<String>(index, ty)),
        }
    }

    fn json(&self, index: usize) -> Result<&str, DecodeError> {
        match self.value::<String>(index)? {
            (&Type::JSON, bytes) | (&Type::JSONB, [1, bytes @ ..]) => self.utf8::<String>(index, bytes),
            (ty, _) => Err(wrong::<String>(index, ty)),
        }
    }

    fn label(&self, index: usize) -> Result<&str, DecodeError> {
        match self.value::<String>(index)? {
            (ty, bytes) if matches!(ty.kind(), Kind::Enum(_)) => self.utf8::<String>(index, bytes),
            _ => self.text(index),
        }
    }
}
