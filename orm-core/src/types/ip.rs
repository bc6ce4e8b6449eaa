//! Addresses of hosts.

use std::net::IpAddr;

use super::{Binder, DbType, Decode, DecodeError, Encode, RowRead, SqlType};

impl DbType for IpAddr {
    type Base = Self;
    type Needs = ();
    const SQL_TYPE: SqlType = SqlType::Inet;
}

impl Encode for IpAddr {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.ip(*self);
    }
}

impl Decode for IpAddr {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        row.ip(index)
    }
}

crate::__array_item!(IpAddr);
crate::__value_type!(IpAddr);
