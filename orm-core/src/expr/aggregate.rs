//! Aggregates: one value for each group, or for all rows of a query without groups.

use std::marker::PhantomData;

use super::{Equatable, Expr, Lower, Number, expression};
use crate::{
    ast::{self, Aggregate as Function},
    executor::Shape,
    scope::{Aggregate, Argument, NotNull, Nullability, Scope, ValidIn},
    types::{Binder, DbType, SqlType},
};

/// An aggregate function as a type.
pub trait Aggregation: Send + Sync + 'static {
    /// The function.
    const FUNCTION: Function;
    /// Whether equal values count once.
    const DISTINCT: bool;
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
pub trait Orderable: DbType {
    /// The type of the smallest and the greatest value: the same.
    type Value: DbType;
}

#[diagnostic::do_not_recommend]
impl<T: DbType<Base: OrderableBase>> Orderable for T {
    type Value = T;
}

/// The storage types with an order that is the same on every database.
pub trait OrderableBase {}

macro_rules! bases {
    ($($ty:ty => $sum:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Summable for $ty {
            type Sum = $sum;
        }
        #[diagnostic::do_not_recommend]
        impl Averageable for $ty {
            type Average = f64;
        }
    )*};
    (@ordered $($ty:ty),*) => { $(#[diagnostic::do_not_recommend] impl OrderableBase for $ty {})* };
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
#[diagnostic::do_not_recommend]
impl Summable for rust_decimal::Decimal {
    type Sum = Self;
}
#[cfg(feature = "decimal")]
#[diagnostic::do_not_recommend]
impl Averageable for rust_decimal::Decimal {
    type Average = Self;
}

/// An aggregate function applied to an expression: a `T`, for which a database needs `N`.
pub struct Aggregated<F, E, T, N> {
    argument: E,
    function: PhantomData<fn() -> (F, T, N)>,
}

impl<F, E, T, N> Aggregated<F, E, T, N> {
    pub(crate) fn new(argument: E) -> Self {
        Self { argument, function: PhantomData }
    }
}

impl<F: Aggregation, E: Expr, T: DbType, N> Lower for Aggregated<F, E, T, N> {
    type Needs = (N, E::Needs);
    type Columns = Argument<E>;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Aggregate {
            function: F::FUNCTION,
            distinct: F::DISTINCT,
            argument: Some(Box::new(self.argument.to_ast())),
            result: T::SQL_TYPE,
        }
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.argument.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.argument.bind_values(out);
    }
}

expression!({F: Aggregation, E: Expr, T: DbType, N} Aggregated<F, E, T, N>, type = T);

impl<Sc, I, F, E, T, N> ValidIn<Sc, I> for Aggregated<F, E, T, N>
where
    Sc: Scope,
    E: ValidIn<Sc::Rows, I>,
    F: Aggregation,
{
    type Null = F::Null<E::Null, Sc::EmptyGroup>;
    type Kind = Aggregate;
}

macro_rules! functions {
    ($($name:ident, $which:ident, distinct = $distinct:literal, |$a:ident, $e:ident| $null:ty;)*) => {$(
        #[doc = concat!("`", stringify!($name), "` as a type.")]
        pub struct $name;
        impl Aggregation for $name {
            const FUNCTION: Function = Function::$which;
            const DISTINCT: bool = $distinct;
            type Null<$a: Nullability, $e: Nullability> = $null;
        }
    )*};
}

functions! {
    Count, Count, distinct = false, |A, B| NotNull;
    CountDistinct, Count, distinct = true, |A, B| NotNull;
    Sum, Sum, distinct = false, |A, B| A::Or<B>;
    Avg, Avg, distinct = false, |A, B| A::Or<B>;
    Min, Min, distinct = false, |A, B| A::Or<B>;
    Max, Max, distinct = false, |A, B| A::Or<B>;
}

/// The number of values that are not NULL; 0 of no rows.
///
/// ```sql
/// count("posts"."id")
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let with_age: i64 = User::select().columns(count(User::age)).one(&db)?;
/// assert_eq!(with_age, 2);
/// let posts: Vec<(String, i64)> = User::select()
///     .left_join(Post::on(Post::author_id.eq(User::id)))
///     .group_by(User::id)
///     .columns((User::name, count(Post::id)))
///     .order_by(User::name)
///     .all(&db)?;
/// assert_eq!(posts[1], ("Bob".to_owned(), 0));
/// # Ok::<(), orm::Error>(())
/// ```
pub fn count<E: Expr>(expr: E) -> Aggregated<Count, E, i64, ()> {
    Aggregated::new(expr)
}

/// The number of different values that are not NULL; 0 of no rows.
///
/// ```sql
/// count(distinct "posts"."author_id")
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// assert_eq!(Post::select().columns(count_distinct(Post::author_id)).one(&db)?, 2);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn count_distinct<E: Expr<Type: Equatable>>(expr: E) -> Aggregated<CountDistinct, E, i64, ()> {
    Aggregated::new(expr)
}

/// The sum of the values that are not NULL. NULL, hence an `Option`, if there are none: always possible without
/// `group_by`, and with it if the expression can be NULL.
///
/// Integers add up to `i64`, floats to `f64`; a sum that does not fit is an error, never a wrong number.
///
/// ```sql
/// cast(sum("posts"."words") as bigint)        -- PostgreSQL
/// sum("posts"."words")                        -- SQLite
/// ```
///
/// Of decimals it is a decimal, which compiles on databases that add them exactly: not on SQLite.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let words: Option<i64> = Post::select().columns(sum(Post::words)).one(&db)?;
/// assert_eq!(words, Some(2500));
/// let by_author: Vec<i64> =
///     Post::select().group_by(Post::author_id).columns(sum(Post::words)).order_by(Post::author_id).all(&db)?;
/// assert_eq!(by_author, [2100, 400]);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn sum<E, T, N>(expr: E) -> Aggregated<Sum, E, T, N>
where
    E: Expr<Type: Summable<Sum = T, Needs = N>>,
{
    Aggregated::new(expr)
}

/// The mean of the values that are not NULL, as `f64`; NULL, hence an `Option`, like [`sum`].
///
/// ```sql
/// cast(avg("posts"."words") as double precision)      -- PostgreSQL
/// avg("posts"."words")                                -- SQLite
/// ```
///
/// Of decimals it is a decimal, which compiles on databases that divide them exactly: not on SQLite.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let age: Option<f64> = User::select().columns(avg(User::age)).one(&db)?;
/// assert_eq!(age, Some(24.0));
/// # Ok::<(), orm::Error>(())
/// ```
pub fn avg<E, T, N>(expr: E) -> Aggregated<Avg, E, T, N>
where
    E: Expr<Type: Averageable<Average = T, Needs = N>>,
{
    Aggregated::new(expr)
}

/// The smallest value that is not NULL; NULL like [`sum`]. Text is compared by its bytes on SQLite, by the column's
/// collation on PostgreSQL.
///
/// ```sql
/// min("users"."age")
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let youngest: Option<i32> = User::select().columns(min(User::age)).one(&db)?;
/// assert_eq!(youngest, Some(17));
/// # Ok::<(), orm::Error>(())
/// ```
pub fn min<E, T>(expr: E) -> Aggregated<Min, E, T, ()>
where
    E: Expr<Type: Orderable<Value = T>>,
{
    Aggregated::new(expr)
}

/// The greatest value that is not NULL; NULL and order like [`min`].
///
/// ```sql
/// max("posts"."words")
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let longest: Option<i32> = Post::select().columns(max(Post::words)).one(&db)?;
/// assert_eq!(longest, Some(1200));
/// # Ok::<(), orm::Error>(())
/// ```
pub fn max<E, T>(expr: E) -> Aggregated<Max, E, T, ()>
where
    E: Expr<Type: Orderable<Value = T>>,
{
    Aggregated::new(expr)
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
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let roles: Vec<(Role, i64)> =
///     User::select().group_by(User::role).columns((User::role, count_all())).order_by(User::role).all(&db)?;
/// assert_eq!(roles, [(Role::Member, 2), (Role::Owner, 1)]);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn count_all() -> CountAll {
    CountAll
}

impl Lower for CountAll {
    type Needs = ();
    type Columns = ();

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
