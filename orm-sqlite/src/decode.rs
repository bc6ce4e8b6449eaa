//! Values of a row, read from the forms they are stored in. Nothing is converted: a value of another storage class is an
//! error.

use std::net::IpAddr;

use orm_core::types::{DecodeError, DecodeFault, RowRead};

use crate::{
    decimal,
    statement::{Running, Value},
    text,
};

impl RowRead for Running<'_, '_> {
    #[inline]
    fn is_null(&self, index: usize) -> bool {
        Running::is_null(self, index)
    }

    #[inline]
    fn bool(&self, index: usize) -> Result<bool, DecodeError> {
        match integer::<bool>(self, index)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::new::<bool>(index, DecodeFault::OutOfRange)),
        }
    }

    #[inline]
    fn i16(&self, index: usize) -> Result<i16, DecodeError> {
        let value = integer::<i16>(self, index)?;
        value.try_into().map_err(|_| DecodeError::new::<i16>(index, DecodeFault::OutOfRange))
    }

    #[inline]
    fn i32(&self, index: usize) -> Result<i32, DecodeError> {
        let value = integer::<i32>(self, index)?;
        value.try_into().map_err(|_| DecodeError::new::<i32>(index, DecodeFault::OutOfRange))
    }

    #[inline]
    fn i64(&self, index: usize) -> Result<i64, DecodeError> {
        integer::<i64>(self, index)
    }

    /// What SQLite computed with more digits is rounded; only what would become infinite is out of range.
    #[inline]
    fn f32(&self, index: usize) -> Result<f32, DecodeError> {
        let value = float::<f32>(self, index)?;
        #[allow(clippy::cast_possible_truncation, reason = "rounding is meant, and too large a value is checked for")]
        let rounded = value as f32;
        if rounded.is_infinite() && value.is_finite() {
            return Err(DecodeError::new::<f32>(index, DecodeFault::OutOfRange));
        }
        Ok(rounded)
    }

    #[inline]
    fn f64(&self, index: usize) -> Result<f64, DecodeError> {
        float::<f64>(self, index)
    }

    #[inline]
    fn text(&self, index: usize) -> Result<&str, DecodeError> {
        utf8::<String>(self, index)
    }

    #[inline]
    fn bytes(&self, index: usize) -> Result<&[u8], DecodeError> {
        match self.value(index) {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(unexpected::<Vec<u8>>(index, other)),
        }
    }

    fn uuid(&self, index: usize) -> Result<[u8; 16], DecodeError> {
        parsed::<[u8; 16]>(self, index, text::parse_uuid, "a UUID with hyphens")
    }

    fn date(&self, index: usize) -> Result<i32, DecodeError> {
        parsed(self, index, text::parse_date, "a date (`2024-05-01`)")
    }

    fn time(&self, index: usize) -> Result<i64, DecodeError> {
        parsed(self, index, text::parse_time, "a time of day (`12:30:00.000000`)")
    }

    fn timestamp(&self, index: usize) -> Result<i64, DecodeError> {
        parsed(self, index, text::parse_timestamp, "a date and time (`2024-05-01T12:30:00.000000`)")
    }

    fn timestamp_tz(&self, index: usize) -> Result<i64, DecodeError> {
        parsed(self, index, text::parse_timestamp_tz, "a date and time in UTC (`2024-05-01T12:30:00.000000Z`)")
    }

    fn decimal(&self, index: usize) -> Result<String, DecodeError> {
        if let Value::Integer(value) = self.value(index) {
            return Ok(value.to_string());
        }
        let text = utf8::<String>(self, index)?;
        let malformed = || DecodeError::new::<String>(index, DecodeFault::Malformed { expected: "a decimal number" });
        decimal::decode(text).ok_or_else(malformed)
    }

    #[inline]
    fn json(&self, index: usize) -> Result<&str, DecodeError> {
        utf8::<String>(self, index)
    }

    fn ip(&self, index: usize) -> Result<IpAddr, DecodeError> {
        let parse = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
        parsed(self, index, parse, "an IP address")
    }

    #[inline]
    fn label(&self, index: usize) -> Result<&str, DecodeError> {
        utf8::<String>(self, index)
    }
}

#[inline]
fn integer<T>(row: &Running<'_, '_>, index: usize) -> Result<i64, DecodeError> {
    row.integer_at(index).ok_or_else(|| unexpected::<T>(index, row.value(index)))
}

/// An expression over floats may give an integer, which is taken if it is the same number as a float.
#[inline]
fn float<T>(row: &Running<'_, '_>, index: usize) -> Result<f64, DecodeError> {
    match row.value(index) {
        Value::Float(value) => Ok(value),
        Value::Integer(value) => {
            #[allow(clippy::cast_precision_loss, reason = "checked below")]
            let float = value as f64;
            #[allow(clippy::cast_possible_truncation, reason = "128 bits hold the greatest integer and the one above")]
            if float as i128 == i128::from(value) {
                Ok(float)
            } else {
                Err(DecodeError::new::<T>(index, DecodeFault::OutOfRange))
            }
        }
        other => Err(unexpected::<T>(index, other)),
    }
}

#[inline]
fn utf8<'r, T>(row: &'r Running<'_, '_>, index: usize) -> Result<&'r str, DecodeError> {
    let bytes = row.text_at(index).ok_or_else(|| unexpected::<T>(index, row.value(index)))?;
    std::str::from_utf8(bytes).map_err(|_| DecodeError::new::<T>(index, DecodeFault::InvalidUtf8))
}

#[inline]
fn parsed<T>(
    row: &Running<'_, '_>,
    index: usize,
    parse: fn(&[u8]) -> Option<T>,
    expected: &'static str,
) -> Result<T, DecodeError> {
    let text = row.text_at(index).ok_or_else(|| unexpected::<T>(index, row.value(index)))?;
    parse(text).ok_or_else(|| DecodeError::new::<T>(index, DecodeFault::Malformed { expected }))
}

#[cold]
fn unexpected<T>(index: usize, value: Value<'_>) -> DecodeError {
    let found = match value {
        Value::Null => return DecodeError::new::<T>(index, DecodeFault::Null),
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Text(_) => "text",
        Value::Blob(_) => "a blob",
        Value::OutOfMemory => "a value there is no memory for",
    };
    DecodeError::new::<T>(index, DecodeFault::WrongType { found })
}

#[cfg(test)]
mod tests;
