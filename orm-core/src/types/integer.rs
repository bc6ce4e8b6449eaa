//! Integers that no database has a type for: stored in the next wider one, checked when read.

use super::{Binder, DbType, Decode, DecodeError, DecodeFault, Encode, RowRead, SqlType};

macro_rules! widened {
    ($($ty:ty => $wide:ty, $sql_type:ident, $method:ident;)*) => {$(
        impl DbType for $ty {
            type Base = Self;
            type Needs = ();
            const SQL_TYPE: SqlType = SqlType::$sql_type;
        }
        impl Encode for $ty {
            fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
                out.$method(<$wide>::from(*self));
            }
        }
        impl Decode for $ty {
            #[inline]
            fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
                let wide = row.$method(index).map_err(DecodeError::reading::<Self>)?;
                <$ty>::try_from(wide).map_err(|_| DecodeError::new::<Self>(index, DecodeFault::OutOfRange))
            }
        }
        crate::__value_type!($ty);
    )*};
}

widened! {
    i8 => i16, SmallInt, i16;
    u8 => i16, SmallInt, i16;
    u16 => i32, Integer, i32;
    u32 => i64, BigInt, i64;
}
