//! Values on their way from PostgreSQL, out of its binary formats.

use std::{error::Error as StdError, net::IpAddr, ops::Bound};

use orm_core::types::{DecodeError, DecodeFault, Interval, Range, RowRead};
use tokio_postgres::{
    Row,
    types::{FromSql, Kind, Type},
};

use crate::{
    encode::{EPOCH_DAYS, EPOCH_MICROS, parts},
    numeric,
};

/// A row as `orm-core` reads it.
pub(crate) struct PgRow<V>(pub(crate) V);

/// Where the values of a row are.
pub(crate) trait Values {
    /// The type and the bytes of a value; no bytes if it is NULL.
    fn raw(&self, index: usize) -> Option<(&Type, Option<&[u8]>)>;
}

impl Values for &Row {
    fn raw(&self, index: usize) -> Option<(&Type, Option<&[u8]>)> {
        let raw = self.try_get::<_, Raw<'_>>(index).ok()?;
        Some((self.columns().get(index)?.type_(), raw.0))
    }
}

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

/// A part of a value, as the only value of a row.
struct Part<'r>(&'r Type, Option<&'r [u8]>);

impl Values for Part<'_> {
    fn raw(&self, _index: usize) -> Option<(&Type, Option<&[u8]>)> {
        Some((self.0, self.1))
    }
}

impl<V: Values> PgRow<V> {
    /// The type and the bytes of a value that is not NULL.
    fn value<T>(&self, index: usize) -> Result<(&Type, &[u8]), DecodeError> {
        match self.0.raw(index) {
            Some((ty, Some(bytes))) => Ok((ty, bytes)),
            // The query and the statement agree on the columns, so a missing one is as good as NULL.
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
        Type::INET | Type::CIDR => "an address",
        Type::INTERVAL => "an interval",
        _ if matches!(ty.kind(), Kind::Array(_)) => "an array",
        _ if matches!(ty.kind(), Kind::Range(_)) => "a range",
        _ => "another type",
    };
    DecodeError::new::<T>(index, DecodeFault::WrongType { found })
}

fn utf8(index: usize, bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::new::<String>(index, DecodeFault::InvalidUtf8))
}

impl<V: Values> RowRead for PgRow<V> {
    fn is_null(&self, index: usize) -> bool {
        self.0.raw(index).is_some_and(|(_, bytes)| bytes.is_none())
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
            (&(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME), bytes) => utf8(index, bytes),
            (ty, bytes) if matches!(ty.kind(), Kind::Domain(_)) || ty.name() == "citext" => utf8(index, bytes),
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
            (&Type::JSON, bytes) | (&Type::JSONB, [1, bytes @ ..]) => utf8(index, bytes),
            (ty, _) => Err(wrong::<String>(index, ty)),
        }
    }

    fn label(&self, index: usize) -> Result<&str, DecodeError> {
        match self.value::<String>(index)? {
            (ty, bytes) if matches!(ty.kind(), Kind::Enum(_)) => utf8(index, bytes),
            _ => self.text(index),
        }
    }

    fn ip(&self, index: usize) -> Result<IpAddr, DecodeError> {
        match self.value::<IpAddr>(index)? {
            (&(Type::INET | Type::CIDR), &[parts::IPV4, 32, _, 4, a, b, c, d]) => Ok([a, b, c, d].into()),
            (&(Type::INET | Type::CIDR), &[parts::IPV6, 128, _, 16, ref bytes @ ..]) if bytes.len() == 16 => {
                Ok(<[u8; 16]>::try_from(bytes).expect("16 bytes").into())
            }
            (&(Type::INET | Type::CIDR), _) => {
                let found = "the address of a network";
                Err(DecodeError::new::<IpAddr>(index, DecodeFault::WrongType { found }))
            }
            (ty, _) => Err(wrong::<IpAddr>(index, ty)),
        }
    }

    fn interval(&self, index: usize) -> Result<Interval, DecodeError> {
        let bytes = i128::from_be_bytes(self.fixed::<Interval, 16>(index, &Type::INTERVAL)?);
        #[allow(clippy::cast_possible_truncation, reason = "each part is cut out of the whole")]
        let interval = Interval { months: bytes as i32, days: (bytes >> 32) as i32, micros: (bytes >> 64) as i64 };
        if parts::INFINITE.contains(&interval) {
            return Err(DecodeError::new::<Interval>(index, DecodeFault::OutOfRange));
        }
        Ok(interval)
    }

    fn range(
        &self,
        index: usize,
        value: &mut dyn FnMut(&dyn RowRead) -> Result<(), DecodeError>,
    ) -> Result<Option<(Bound<()>, Bound<()>)>, DecodeError> {
        let (ty, bytes) = self.value::<Range<()>>(index)?;
        let Kind::Range(item_type) = ty.kind() else { return Err(wrong::<Range<()>>(index, ty)) };
        let malformed = || {
            let found = "a range that is not well-formed";
            DecodeError::new::<Range<()>>(index, DecodeFault::WrongType { found })
        };
        let (&flags, rest) = bytes.split_first().ok_or_else(malformed)?;
        let mut bytes = Bytes(rest);
        let bound = |included, unbounded| match flags {
            flags if flags & unbounded != 0 => Bound::Unbounded,
            flags if flags & included != 0 => Bound::Included(()),
            _ => Bound::Excluded(()),
        };
        let bounds = (flags & parts::EMPTY == 0).then(|| {
            let lower = bound(parts::LOWER_INCLUDED, parts::LOWER_UNBOUNDED);
            (lower, bound(parts::UPPER_INCLUDED, parts::UPPER_UNBOUNDED))
        });
        for bound in bounds.iter().flat_map(|(lower, upper)| [lower, upper]) {
            if *bound != Bound::Unbounded {
                let part = bytes.part().ok_or_else(malformed)?;
                value(&PgRow(Part(item_type, part)))?;
            }
        }
        if bytes.0.is_empty() { Ok(bounds) } else { Err(malformed()) }
    }

    fn array(
        &self,
        index: usize,
        item: &mut dyn FnMut(&dyn RowRead) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let (ty, bytes) = self.value::<Vec<()>>(index)?;
        let Kind::Array(item_type) = ty.kind() else { return Err(wrong::<Vec<()>>(index, ty)) };
        let wrong = |found| DecodeError::new::<Vec<()>>(index, DecodeFault::WrongType { found });
        let mut bytes = Bytes(bytes);
        let malformed = || wrong("an array that is not well-formed");
        let dimensions = bytes.integer().ok_or_else(malformed)?;
        let (_has_nulls, _item_oid) = (bytes.integer().ok_or_else(malformed)?, bytes.integer().ok_or_else(malformed)?);
        let items = match dimensions {
            0 => 0,
            1 => bytes.integer().ok_or_else(malformed)?,
            _ => return Err(wrong("an array of several dimensions")),
        };
        if dimensions == 1 {
            let _number_of_the_first = bytes.integer().ok_or_else(malformed)?;
        }
        for _ in 0..items {
            let value = bytes.part().ok_or_else(malformed)?;
            item(&PgRow(Part(item_type, value)))?;
        }
        if bytes.0.is_empty() && items >= 0 { Ok(()) } else { Err(malformed()) }
    }
}

/// What is left of a value that has parts.
struct Bytes<'r>(&'r [u8]);

impl<'r> Bytes<'r> {
    fn integer(&mut self) -> Option<i32> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*head))
    }

    /// The bytes of a part, whose number stands before them; none if it is NULL.
    fn part(&mut self) -> Option<Option<&'r [u8]>> {
        let Ok(length) = usize::try_from(self.integer()?) else { return Some(None) };
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(part))
    }
}

#[cfg(test)]
mod tests {
    use orm_core::types::Decode;

    use super::*;

    fn read<T: Decode>(ty: &Type, bytes: &[u8]) -> Result<T, String> {
        T::decode(&PgRow(Part(ty, Some(bytes))), 0).map_err(|error| error.into_fault().to_string())
    }

    /// Whatever the bytes are, they are read or refused.
    fn torture<T: Decode>(ty: &Type, bytes: &[u8]) {
        for end in 0..bytes.len() {
            drop(read::<T>(ty, &bytes[..end]));
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = bytes.to_vec();
                damaged[end] = byte;
                drop(read::<T>(ty, &damaged));
            }
        }
    }

    #[test]
    fn arrays_that_are_not_well_formed() {
        let array =
            [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 7, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(read::<Vec<Option<i16>>>(&Type::INT2_ARRAY, &array), Ok(vec![Some(7), None]));
        let null = "the value is NULL, and the Rust type is not an `Option`";
        assert_eq!(read::<Vec<i16>>(&Type::INT2_ARRAY, &array), Err(null.to_owned()));
        torture::<Vec<Option<i16>>>(&Type::INT2_ARRAY, &array);
        let refused = |ty, bytes: &[u8], expected: &str| {
            assert_eq!(read::<Vec<Option<i16>>>(ty, bytes), Err(format!("the value is stored as {expected}")));
        };
        for end in 0..array.len() {
            refused(&Type::INT2_ARRAY, &array[..end], "an array that is not well-formed");
        }
        refused(&Type::INT2_ARRAY, &[array.as_slice(), &[0]].concat(), "an array that is not well-formed");
        refused(&Type::INT2, &array, "an integer");
        refused(&Type::TEXT_ARRAY, &array, "text");
        let square =
            [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 7];
        refused(&Type::INT2_ARRAY, &square, "an array of several dimensions");
    }

    #[test]
    fn ranges_that_are_not_well_formed() {
        let range = [parts::LOWER_INCLUDED, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 5];
        assert_eq!(read::<Range<i32>>(&Type::INT4_RANGE, &range), Ok(Range::from(1..5)));
        assert_eq!(read::<Range<i32>>(&Type::INT4_RANGE, &[parts::EMPTY]), Ok(Range::empty()));
        torture::<Range<i32>>(&Type::INT4_RANGE, &range);
        let refused = |ty, bytes: &[u8], expected: &str| {
            assert_eq!(read::<Range<i32>>(ty, bytes), Err(format!("the value is stored as {expected}")));
        };
        for end in 0..range.len() {
            refused(&Type::INT4_RANGE, &range[..end], "a range that is not well-formed");
        }
        refused(&Type::INT4_RANGE, &[parts::EMPTY, 0], "a range that is not well-formed");
        refused(&Type::INT4, &range, "an integer");
        refused(&Type::DATE_RANGE, &range, "a date or time");
    }

    #[test]
    fn intervals_and_addresses_that_are_not_well_formed() {
        let interval = Interval { months: -1, days: 2, micros: -3 };
        let bytes = [[0xff; 7].as_slice(), &[0xfd, 0, 0, 0, 2], &[0xff; 4]].concat();
        assert_eq!(read::<Interval>(&Type::INTERVAL, &bytes), Ok(interval));
        torture::<Interval>(&Type::INTERVAL, &bytes);
        let infinite = [[0x7f].as_slice(), &[0xff; 7], &[0x7f], &[0xff; 3], &[0x7f], &[0xff; 3]].concat();
        assert_eq!(read::<Interval>(&Type::INTERVAL, &infinite), Err("the value is out of range".to_owned()));
        for bytes in [[2, 32, 0, 4, 127, 0, 0, 1].as_slice(), &[[3, 128, 0, 16].as_slice(), &[7; 16]].concat()] {
            assert!(read::<IpAddr>(&Type::INET, bytes).is_ok());
            torture::<IpAddr>(&Type::INET, bytes);
        }
        let network = "the value is stored as the address of a network";
        assert_eq!(read::<IpAddr>(&Type::INET, &[2, 8, 0, 4, 10, 0, 0, 0]), Err(network.to_owned()));
    }
}
