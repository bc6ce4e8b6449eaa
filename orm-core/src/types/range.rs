//! Ranges of values.

use std::ops::{self, Bound};

use super::{Binder, DbType, Decode, DecodeError, Encode, RowRead, SqlType, ToValue};
use crate::{
    dialect::Ranges,
    expr::{IntoExpr, Value},
};

/// All values between two bounds, or none.
///
/// `i32`, `i64`, `NaiveDate`, `NaiveDateTime`, `DateTime<Utc>` and `Decimal` have ranges: `int4range`, `int8range`,
/// `daterange`, `tsrange`, `tstzrange` and `numrange`. PostgreSQL only.
///
/// Where there is a next value, of integers and dates, ranges with the same values are the same range: `1..=4` is kept as
/// `1..5`. A range whose lower bound is above its upper one has no values, and is [`Range::empty`].
///
/// ```
/// use orm::{postgres::Postgres, prelude::*};
///
/// #[derive(Table)]
/// struct Booking {
///     #[column(primary_key)]
///     id: i64,
///     nights: Range<i32>,
/// }
///
/// let taken = Booking::select().columns(Booking::id).filter(Booking::nights.overlaps(3..=4));
/// assert_eq!(
///     taken.to_sql(Postgres),
///     r#"select "bookings"."id" from "bookings" where "bookings"."nights" && $1"#
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range<T> {
    bounds: Option<(Bound<T>, Bound<T>)>,
}

/// A type whose values have ranges.
#[diagnostic::on_unimplemented(
    message = "there are no ranges of `{Self}`",
    label = "expected an `i32`, an `i64`, a date, a date and time, or a `Decimal`"
)]
pub trait RangeItem: DbType + Clone + PartialOrd {
    /// The smallest value that is greater, if there is one; `None` of a type with values between any two.
    fn next(&self) -> Option<Self> {
        None
    }
}

impl RangeItem for i32 {
    fn next(&self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl RangeItem for i64 {
    fn next(&self) -> Option<Self> {
        self.checked_add(1)
    }
}

#[cfg(feature = "chrono")]
impl RangeItem for chrono::NaiveDate {
    fn next(&self) -> Option<Self> {
        self.succ_opt()
    }
}

#[cfg(feature = "chrono")]
impl RangeItem for chrono::NaiveDateTime {}
#[cfg(feature = "chrono")]
impl RangeItem for chrono::DateTime<chrono::Utc> {}
#[cfg(feature = "decimal")]
impl RangeItem for rust_decimal::Decimal {}

impl<T: RangeItem> Range<T> {
    /// The values between two bounds.
    ///
    /// Ranges of Rust convert: `Range::from(1..5)`.
    ///
    /// ```
    /// use std::ops::Bound;
    ///
    /// use orm::prelude::*;
    ///
    /// let after = Range::new(Bound::Excluded(1), Bound::Unbounded);
    /// assert_eq!(after, Range::from(2..));
    /// assert!(Range::new(Bound::Included(3), Bound::Included(2)).is_empty());
    /// ```
    pub fn new(lower: Bound<T>, upper: Bound<T>) -> Self {
        let lower = match lower {
            Bound::Excluded(value) => value.next().map_or(Bound::Excluded(value), Bound::Included),
            lower => lower,
        };
        let upper = match upper {
            Bound::Included(value) => value.next().map_or(Bound::Included(value), Bound::Excluded),
            upper => upper,
        };
        let is_empty = match (&lower, &upper) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
            (Bound::Included(lower) | Bound::Excluded(lower), Bound::Included(upper) | Bound::Excluded(upper)) => {
                lower >= upper
            }
        };
        Self { bounds: (!is_empty).then_some((lower, upper)) }
    }

    /// Whether a value is in the range.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// assert!(Range::from(1..5).contains(&4));
    /// assert!(!Range::from(1..5).contains(&5));
    /// ```
    pub fn contains(&self, value: &T) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| ops::RangeBounds::contains(bounds, value))
    }
}

impl<T> Range<T> {
    /// The range without values.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// assert_eq!(Range::from(1..1), Range::empty());
    /// ```
    pub const fn empty() -> Self {
        Self { bounds: None }
    }

    /// Whether there are no values in the range.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// assert!(Range::from(5..1).is_empty());
    /// ```
    pub const fn is_empty(&self) -> bool {
        self.bounds.is_none()
    }

    /// The lower bound and the upper one; `None` if the range is empty.
    ///
    /// ```
    /// use std::ops::Bound;
    ///
    /// use orm::prelude::*;
    ///
    /// let range = Range::from(..=4);
    /// assert_eq!(range.bounds(), Some((Bound::Unbounded, Bound::Excluded(&5))));
    /// ```
    pub fn bounds(&self) -> Option<(Bound<&T>, Bound<&T>)> {
        self.bounds.as_ref().map(|(lower, upper)| (lower.as_ref(), upper.as_ref()))
    }
}

impl<T: RangeItem> DbType for Range<T> {
    type Base = Self;
    type Needs = Ranges;
    const SQL_TYPE: SqlType = SqlType::Range(const { &<T as DbType>::SQL_TYPE });
}

impl<T: RangeItem> Encode for Range<T> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        let Some((lower, upper)) = &self.bounds else {
            out.begin_range(None);
            return out.end_range();
        };
        out.begin_range(Some((lower.as_ref().map(|_| ()), upper.as_ref().map(|_| ()))));
        for bound in [lower, upper] {
            if let Bound::Included(value) | Bound::Excluded(value) = bound {
                value.encode(out);
            }
        }
        out.end_range();
    }
}

impl<T: RangeItem> Decode for Range<T> {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        let mut values = Vec::with_capacity(2);
        let read = row.range(index, &mut |value| {
            values.push(T::decode(value, 0)?);
            Ok(())
        });
        let Some((lower, upper)) = read.map_err(|error| error.at(index).reading::<Self>())? else {
            return Ok(Self::empty());
        };
        let mut values = values.into_iter();
        let mut bound = |form: Bound<()>| match form {
            Bound::Included(()) => values.next().map_or(Bound::Unbounded, Bound::Included),
            Bound::Excluded(()) => values.next().map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Unbounded => Bound::Unbounded,
        };
        Ok(Self::new(bound(lower), bound(upper)))
    }
}

crate::__array_item!({T: RangeItem} Range<T>);
crate::__value_type!({T: RangeItem} Range<T>);

/// Ranges of Rust, which convert to [`Range`] and stand where one is expected.
macro_rules! ranges {
    ($($range:ty, |$from:ident| $bounds:expr;)*) => {$(
        impl<T: RangeItem> From<$range> for Range<T> {
            fn from($from: $range) -> Self {
                let (lower, upper) = $bounds;
                Self::new(lower, upper)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: RangeItem> ToValue<Range<T>> for $range {
            type Stored = Range<T>;
            fn to_value(self) -> Range<T> {
                self.into()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: RangeItem> IntoExpr<Range<T>> for $range {
            type Expr = Value<Range<T>, Range<T>>;
            fn into_expr(self) -> Self::Expr {
                Value::new(self.into())
            }
        }
    )*};
}

ranges! {
    ops::Range<T>, |range| (Bound::Included(range.start), Bound::Excluded(range.end));
    ops::RangeInclusive<T>, |range| {
        let (start, end) = range.into_inner();
        (Bound::Included(start), Bound::Included(end))
    };
    ops::RangeFrom<T>, |range| (Bound::Included(range.start), Bound::Unbounded);
    ops::RangeTo<T>, |range| (Bound::Unbounded, Bound::Excluded(range.end));
    ops::RangeToInclusive<T>, |range| (Bound::Unbounded, Bound::Included(range.end));
    ops::RangeFull, |_all| (Bound::Unbounded, Bound::Unbounded);
}
