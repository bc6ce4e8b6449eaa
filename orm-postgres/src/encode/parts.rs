//! Values that are made of several: ranges, spans of time and addresses of hosts, with the numbers in their formats.

use std::{net::IpAddr, ops::Bound};

use bytes::{BufMut, BytesMut};
use orm_core::types::Interval;
use tokio_postgres::types::{Kind, Type};

use super::{BoxError, Param, mismatch, out_of_range, write_item};

// See <https://github.com/postgres/postgres/blob/master/src/include/utils/rangetypes.h>.
pub(crate) const EMPTY: u8 = 0x01;
pub(crate) const LOWER_INCLUDED: u8 = 0x02;
pub(crate) const UPPER_INCLUDED: u8 = 0x04;
pub(crate) const LOWER_UNBOUNDED: u8 = 0x08;
pub(crate) const UPPER_UNBOUNDED: u8 = 0x10;

// See `network_send` in <https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/network.c>.
pub(crate) const IPV4: u8 = 2;
pub(crate) const IPV6: u8 = 3;

// What newer servers take for infinity, see <https://www.postgresql.org/docs/current/datatype-datetime.html>.
pub(crate) const INFINITE: [Interval; 2] = [
    Interval { months: i32::MAX, days: i32::MAX, micros: i64::MAX },
    Interval { months: i32::MIN, days: i32::MIN, micros: i64::MIN },
];

pub(super) fn range_flags(bounds: Option<(Bound<()>, Bound<()>)>) -> u8 {
    let flag = |bound, included, unbounded| match bound {
        Bound::Included(()) => included,
        Bound::Excluded(()) => 0,
        Bound::Unbounded => unbounded,
    };
    bounds.map_or(EMPTY, |(lower, upper)| {
        flag(lower, LOWER_INCLUDED, LOWER_UNBOUNDED) | flag(upper, UPPER_INCLUDED, UPPER_UNBOUNDED)
    })
}

pub(super) fn write_range(flags: u8, bounds: &[Param<'_>], ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    let Kind::Range(item) = ty.kind() else { return Err(mismatch(ty)) };
    out.put_u8(flags);
    bounds.iter().try_for_each(|bound| write_item(bound, item, out))
}

pub(super) fn write_interval(interval: Interval, out: &mut BytesMut) -> Result<(), BoxError> {
    if INFINITE.contains(&interval) {
        return Err(out_of_range("interval"));
    }
    out.put_i64(interval.micros);
    out.put_i32(interval.days);
    out.put_i32(interval.months);
    Ok(())
}

/// An address, which is a network of one host.
pub(super) fn write_ip(address: IpAddr, out: &mut BytesMut) {
    let is_network = 0;
    match address {
        IpAddr::V4(address) => {
            out.put_slice(&[IPV4, 32, is_network, 4]);
            out.put_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.put_slice(&[IPV6, 128, is_network, 16]);
            out.put_slice(&address.octets());
        }
    }
}
