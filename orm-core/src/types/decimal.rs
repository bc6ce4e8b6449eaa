//! `rust_decimal::Decimal`.

use rust_decimal::Decimal;

use super::{Binder, DbType, Decode, DecodeError, DecodeFault, Encode, RowRead, SqlType};

impl DbType for Decimal {
    type Base = Self;
    type Needs = ();
    const SQL_TYPE: SqlType = SqlType::Decimal;
}

impl Encode for Decimal {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.decimal(self.to_string());
    }
}

impl Decode for Decimal {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        let text = row.decimal(index).map_err(DecodeError::reading::<Self>)?;
        Decimal::from_str_exact(&text).map_err(|_| DecodeError::new::<Self>(index, DecodeFault::OutOfRange))
    }
}

crate::__value_type!(Decimal);
