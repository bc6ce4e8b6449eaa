//! Aggregates: one value for each group, or for all rows of a query without groups.

use std::marker::PhantomData;

use super::{Expr, Lower, Number, expression};
use crate::{
    ast::{self, Aggregate as Function},
    executor::Shape,
    scope::{Aggregate, NotNull, Nullability, RowLevel, Scope, ValidIn},
    types::{Binder, DbType, SqlType},
};

/// An aggregate function as a type.
pub trait Aggregation<T>: Send + 'static {
    /// The function.
    const FUNCTION: Function;
    /// Whether equal values count once.
    const DISTINCT: bool = false;
    /// The type of the result.
    type Result: DbType;
    /// What a database needs for it.
    type Needs;
    /// Whether the result can be NULL, given whether the argument can, and whether a group can be empty.
    type Null<Argument: Nullability, Empty: Nullability>: Nullability;
}

/// A type with a sum: integers add up to `i64`, floats to `f64`.
#[diagnostic::on_unimplemented(message = "`{Self}` has no sum", label = "`sum` needs numbers")]
pub trait Summable: Number {
    /// The type of the sum.
    type Sum: DbType;
}

/// A type with a mean: that of integers and floats is `f64`.
#[diagnostic::on_unimplemented(message = "`{Self}` has no average", label = "`avg` needs numbers")]
pub trait Averageable: Number {
    /// The type of the mean.
    type Average: DbType;
}

/// A type with an order: everything but JSON.
#[diagnostic::on_unimplemented(message = "`{Self}` has no order in SQL", label = "`min` and `max` need an order")]
pub trait Orderable: DbType {}

impl<T: DbType<Base: OrderableBase>> Orderable for T {}

/// The storage types with an order that is the same on every database.
pub trait OrderableBase {}

macro_rules! bases {
    ($($ty:ty => $sum:ty;)*) => {$(
        impl Summable for $ty {
            type Sum = $sum;
        }
        impl Averageable for $ty {
            type Average = f64;
        }
    )*};
    (@ordered $($ty:ty),*) => { $(impl OrderableBase for $ty {})* };
}

bases! {
    i8 => i64;
    i16 => i64;
    i32 => i64;
    i64 => i64;
    u8 => i64;
    u16 => i64;
    u32 => i64;
    f32 => f64;
    f64 => f64;
}
bases!(@ordered i8, i16, i32, i64, u8, u16, u32, f32, f64, String, Vec<u8>);
#[cfg(feature = "chrono")]
bases!(@ordered chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::DateTime<chrono::Utc>);
#[cfg(feature = "decimal")]
bases!(@ordered rust_decimal::Decimal);

#[cfg(feature = "decimal")]
impl Summable for rust_decimal::Decimal {
    type Sum = Self;
}
#[cfg(feature = "decimal")]
impl Averageable for rust_decimal::Decimal {
    type Average = Self;
}

/// An aggregate function applied to an expression.
pub struct Aggregated<F, E> {
    argument: E,
    function: PhantomData<F>,
}

impl<F, E> Aggregated<F, E> {
    fn new(argument: E) -> Self {
        Self { argument, function: PhantomData }
    }
}

impl<F: Aggregation<E::Type>, E: Expr> Lower for Aggregated<F, E> {
    type Needs = (F::Needs, E::Needs);

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Aggregate {
            function: F::FUNCTION,
            distinct: F::DISTINCT,
            argument: Some(Box::new(self.argument.to_ast())),
            result: <F::Result as DbType>::SQL_TYPE,
        }
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.argument.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.argument.bind_values(out);
    }
}

expression!({F: Aggregation<E::Type>, E: Expr} Aggregated<F, E>, type = F::Result);

impl<Sc, I, F, E> ValidIn<Sc, I> for Aggregated<F, E>
where
    Sc: Scope,
    E: Expr + ValidIn<Sc::Rows, I>,
    E::Kind: RowLevel,
    F: Aggregation<E::Type>,
{
    type Null = F::Null<E::Null, Sc::EmptyGroup>;
    type Kind = Aggregate;
}

macro_rules! aggregates {
    ($($name:ident, $alias:ident, $function:ident, $which:ident, |$t:ident: $bound:path| $result:ty, $needs:ty, |$a:ident, $e:ident| $null:ty, distinct = $distinct:literal, $doc:literal;)*) => {$(
        #[doc = concat!("`", stringify!($function), "` as a type.")]
        pub struct $name;
        impl<$t: $bound> Aggregation<$t> for $name {
            const FUNCTION: Function = Function::$which;
            const DISTINCT: bool = $distinct;
            type Result = $result;
            type Needs = $needs;
            type Null<$a: Nullability, $e: Nullability> = $null;
        }
        #[doc = concat!("`", stringify!($function), "` of an expression.")]
        pub type $alias<E> = Aggregated<$name, E>;
        #[doc = $doc]
        pub fn $function<E>(expr: E) -> $alias<E>
        where
            E: Expr,
            E::Type: $bound,
        {
            Aggregated::new(expr)
        }
    )*};
}

/// Any type at all.
pub trait Anything {}
impl<T> Anything for T {}

aggregates! {
    CountOf, Count, count, Count, |T: Anything| i64, (), |A, B| NotNull, distinct = false,
        "The number of values that are not NULL; 0 of no rows.\n\n```sql\ncount(\"posts\".\"id\")\n```";
    CountDistinctOf, CountDistinct, count_distinct, Count, |T: Anything| i64, (), |A, B| NotNull, distinct = true,
        "The number of different values that are not NULL; 0 of no rows.\n\n```sql\ncount(distinct \"posts\".\"author_id\")\n```";
    SumOf, Sum, sum, Sum, |T: Summable| T::Sum, T::Needs, |A, B| A::Or<B>, distinct = false,
        "The sum of the values that are not NULL. NULL, hence an `Option`, if there are none: always possible without\n`group_by`, and with it if the expression can be NULL.\n\nIntegers add up to `i64`, floats to `f64`; a sum that does not fit is an error, never a wrong number.\n\n```sql\nsum(\"posts\".\"words\")\n```";
    AvgOf, Avg, avg, Avg, |T: Averageable| T::Average, T::Needs, |A, B| A::Or<B>, distinct = false,
        "The mean of the values that are not NULL, as `f64`; NULL like [`sum`].\n\n```sql\navg(\"posts\".\"words\")\n```";
    MinOf, Min, min, Min, |T: Orderable| T, (), |A, B| A::Or<B>, distinct = false,
        "The smallest value that is not NULL; NULL like [`sum`]. Text is compared by its bytes on SQLite, by the column's\ncollation on PostgreSQL.\n\n```sql\nmin(\"posts\".\"created_at\")\n```";
    MaxOf, Max, max, Max, |T: Orderable| T, (), |A, B| A::Or<B>, distinct = false,
        "The greatest value that is not NULL; NULL and order like [`min`].\n\n```sql\nmax(\"posts\".\"created_at\")\n```";
}

/// `count(*)`.
pub struct CountAll;

/// The number of rows; 0 if there are none.
///
/// After a left join this counts the row of a left side without a partner too: count a column of the right side, such
/// as its key, to count partners.
///
/// ```sql
/// count(*)
/// ```
pub fn count_all() -> CountAll {
    CountAll
}

impl Lower for CountAll {
    type Needs = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Aggregate { function: Function::Count, distinct: false, argument: None, result: SqlType::BigInt }
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

expression!(CountAll, type = i64);

impl<Sc> ValidIn<Sc, ()> for CountAll {
    type Null = NotNull;
    type Kind = Aggregate;
}
