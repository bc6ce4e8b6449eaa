//! `uuid::Uuid`.

use uuid::Uuid;

use super::{Binder, DbType, Decode, DecodeError, Encode, RowRead, SqlType};

impl DbType for Uuid {
    type Base = Self;
    type Needs = ();
    const SQL_TYPE: SqlType = SqlType::Uuid;
}

impl Encode for Uuid {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.uuid(*self.as_bytes());
    }
}

impl Decode for Uuid {
    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        row.uuid(index).map(Uuid::from_bytes).map_err(DecodeError::reading::<Self>)
    }
}

crate::__value_type!(Uuid);
