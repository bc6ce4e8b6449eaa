//! Spans of time.

use super::{Binder, DbType, Decode, DecodeError, Encode, RowRead, SqlType};
use crate::dialect::Intervals;

/// A span of time that is added to a time: months, days and microseconds, each of which may be negative.
///
/// The three are kept apart, because a month has 28 to 31 days, and a day 23 to 25 hours where clocks are changed. To
/// compare spans, PostgreSQL takes a month for 30 days and a day for 24 hours: an interval of a day and one of 24 hours
/// are equal there, and different values in Rust. SQLite has no such type, and no text of one has its order: a table with
/// an interval is for PostgreSQL only.
///
/// ```
/// use orm::{postgres::Postgres, prelude::*};
///
/// #[derive(Table)]
/// struct Plan {
///     #[column(primary_key)]
///     id: i64,
///     period: Interval,
/// }
///
/// let month = Interval { months: 1, ..Interval::default() };
/// let monthly = Plan::select().columns(Plan::id).filter(Plan::period.le(month));
/// assert_eq!(monthly.to_sql(Postgres), r#"select "plans"."id" from "plans" where "plans"."period" <= $1"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Whole months; a year has twelve.
    pub months: i32,
    /// Whole days; a week has seven.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

impl DbType for Interval {
    type Base = Self;
    type Needs = Intervals;
    const SQL_TYPE: SqlType = SqlType::Interval;
}

impl Encode for Interval {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.interval(*self);
    }
}

impl Decode for Interval {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        row.interval(index)
    }
}

crate::__array_item!(Interval);
crate::__value_type!(Interval);
