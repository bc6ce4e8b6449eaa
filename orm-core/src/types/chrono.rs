//! Dates and times of `chrono`, to the microsecond: what is finer is cut off when stored.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

use super::{Binder, DbType, Decode, DecodeError, DecodeFault, Encode, RowRead, SqlType};

/// Days from 0001-01-01 (chrono's day 1) to 1970-01-01.
const EPOCH: i32 = 719_163;
const MICROS_PER_DAY: i64 = 86_400_000_000;

macro_rules! temporal {
    ($($ty:ty, $sql_type:ident, $method:ident, |$value:ident| $encode:expr, |$raw:ident| $decode:expr;)*) => {$(
        impl DbType for $ty {
            type Base = Self;
            type Needs = ();
            const SQL_TYPE: SqlType = SqlType::$sql_type;
        }
        impl Encode for $ty {
            fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
                let $value = self;
                out.$method($encode);
            }
        }
        impl Decode for $ty {
            #[inline]
            fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
                let $raw = row.$method(index).map_err(DecodeError::reading::<Self>)?;
                ($decode).ok_or_else(|| DecodeError::new::<Self>(index, DecodeFault::OutOfRange))
            }
        }
        crate::__value_type!($ty);
    )*};
}

temporal! {
    NaiveDate, Date, date,
        |value| value.num_days_from_ce() - EPOCH,
        |days| days.checked_add(EPOCH).and_then(NaiveDate::from_num_days_from_ce_opt);
    NaiveTime, Time, time,
        |value| time_to_micros(*value),
        |micros| time_from_micros(micros);
    NaiveDateTime, Timestamp, timestamp,
        |value| value.and_utc().timestamp_micros(),
        |micros| DateTime::from_timestamp_micros(micros).map(|moment| moment.naive_utc());
    DateTime<Utc>, TimestampTz, timestamp_tz,
        |value| value.timestamp_micros(),
        |micros| DateTime::from_timestamp_micros(micros);
}

/// A leap second (23:59:60) becomes the last microsecond before midnight: databases have no such time of day.
fn time_to_micros(time: NaiveTime) -> i64 {
    let micros = i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000);
    micros.min(MICROS_PER_DAY - 1)
}

fn time_from_micros(micros: i64) -> Option<NaiveTime> {
    let seconds = u32::try_from(micros.div_euclid(1_000_000)).ok()?;
    let nanos = u32::try_from(micros.rem_euclid(1_000_000)).ok()? * 1_000;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
}
