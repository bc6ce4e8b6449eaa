//! Comparisons.

use std::marker::PhantomData;

use super::{Expr, Lower, expression};
use crate::{
    ast::{self, BinaryOp},
    executor::Shape,
    scope::{Kind, NotNull, Nullability, ValidIn},
    types::{ArrayItem, Binder, DbType, EnumLabel, Range, RangeItem},
};

/// A type whose values are equal or not the same way on every database: everything but JSON.
#[diagnostic::on_unimplemented(
    message = "values of type `{Self}` cannot be compared in SQL",
    label = "has no equality that is the same on every database"
)]
pub trait Equatable {}
#[diagnostic::do_not_recommend]
impl<T: DbType<Base: EquatableBase>> Equatable for T {}

/// A type whose values have an order that is the same on every database: not JSON and not enums.
#[diagnostic::on_unimplemented(
    message = "values of type `{Self}` have no order in SQL that is the same on every database",
    label = "cannot be compared by size"
)]
pub trait Comparable {}
#[diagnostic::do_not_recommend]
impl<T: DbType<Base: ComparableBase>> Comparable for T {}

/// A type of which a list can be bound as one value: everything but arrays.
#[diagnostic::on_unimplemented(
    message = "a list of `{Self}` cannot be bound as one value",
    label = "compared with a list of arrays",
    note = "PostgreSQL has no arrays of arrays of different lengths: combine conditions with `any(..)`"
)]
pub trait Listable {}
#[diagnostic::do_not_recommend]
impl<T: DbType<Base: ListableBase>> Listable for T {}

/// The storage types of which lists can be bound.
pub trait ListableBase {}
#[diagnostic::do_not_recommend]
impl ListableBase for EnumLabel {}
#[diagnostic::do_not_recommend]
impl ListableBase for std::net::IpAddr {}
#[diagnostic::do_not_recommend]
impl<T: RangeItem> ListableBase for Range<T> {}
#[cfg(feature = "json")]
#[diagnostic::do_not_recommend]
impl ListableBase for serde_json::Value {}
#[cfg(feature = "json")]
#[diagnostic::do_not_recommend]
impl<T> ListableBase for crate::types::Json<T> {}

/// The storage types with equality.
pub trait EquatableBase {}
/// The storage types with an order.
pub trait ComparableBase: EquatableBase {}

macro_rules! bases {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl EquatableBase for $ty {}
        #[diagnostic::do_not_recommend]
        impl ComparableBase for $ty {}
        #[diagnostic::do_not_recommend]
        impl ListableBase for $ty {}
    )*};
}

bases!(bool, i8, i16, i32, i64, u8, u16, u32, f32, f64, String, Vec<u8>);
bases!(crate::types::Interval);
#[cfg(feature = "uuid")]
bases!(uuid::Uuid);
#[cfg(feature = "chrono")]
bases!(chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::DateTime<chrono::Utc>);
#[cfg(feature = "decimal")]
bases!(rust_decimal::Decimal);
#[diagnostic::do_not_recommend]
impl EquatableBase for EnumLabel {}
#[diagnostic::do_not_recommend]
impl EquatableBase for std::net::IpAddr {}
#[diagnostic::do_not_recommend]
impl<T: RangeItem> EquatableBase for Range<T> {}
#[diagnostic::do_not_recommend]
impl<T: ArrayItem<Element: DbType<Base: EquatableBase>>> EquatableBase for Vec<T> {}

/// A comparison operator as a type.
pub trait Comparison: Send + Sync + 'static {
    /// The operator.
    const OP: BinaryOp;
    /// Whether the result can be NULL, given whether an operand can.
    type Null<N: Nullability>: Nullability;
}

macro_rules! comparisons {
    ($($name:ident, $null:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "` as a type.")]
        pub struct $name;
        impl Comparison for $name {
            const OP: BinaryOp = BinaryOp::$name;
            comparisons!(@null $null);
        }
    )*};
    (@null same) => { type Null<N: Nullability> = N; };
    (@null never) => { type Null<N: Nullability> = NotNull; };
}

comparisons! {
    Eq, same;
    Ne, same;
    Lt, same;
    Le, same;
    Gt, same;
    Ge, same;
    IsDistinctFrom, never;
    IsNotDistinctFrom, never;
}

/// Two expressions compared.
pub struct Compare<O, L, R> {
    left: L,
    right: R,
    op: PhantomData<O>,
}

impl<O, L, R> Compare<O, L, R> {
    pub(crate) fn new(left: L, right: R) -> Self {
        Self { left, right, op: PhantomData }
    }
}

impl<O: Comparison, L: Lower, R: Lower> Lower for Compare<O, L, R> {
    type Needs = (L::Needs, R::Needs);
    type Columns = (L::Columns, R::Columns);

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Binary(Box::new(self.left.to_ast()), O::OP, Box::new(self.right.to_ast()))
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.left.add_shape(shape);
        self.right.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.left.bind_values(out);
        self.right.bind_values(out);
    }
}

expression!({O: Comparison, L: Expr, R: Expr} Compare<O, L, R>, type = bool);

impl<Scope, I, J, O, L, R> ValidIn<Scope, (I, J)> for Compare<O, L, R>
where
    O: Comparison,
    L: ValidIn<Scope, I>,
    R: ValidIn<Scope, J>,
{
    type Null = O::Null<<L::Null as Nullability>::Or<R::Null>>;
    type Kind = <L::Kind as Kind>::With<R::Kind>;
}

/// `expr is null`, or `is not null`.
pub struct NullTest<O, E> {
    expr: E,
    op: PhantomData<O>,
}

/// `is null` as a type.
pub struct IsNull;
/// `is not null` as a type.
pub struct IsNotNull;

impl<O, E> NullTest<O, E> {
    pub(crate) fn new(expr: E) -> Self {
        Self { expr, op: PhantomData }
    }
}

macro_rules! null_tests {
    ($($name:ident)*) => {$(
        impl<E: Lower> Lower for NullTest<$name, E> {
            type Needs = E::Needs;
            type Columns = E::Columns;

            fn to_ast(&self) -> ast::Expr {
                ast::Expr::$name(Box::new(self.expr.to_ast()))
            }

            fn add_shape(&self, shape: &mut Shape) {
                self.expr.add_shape(shape);
            }

            fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
                self.expr.bind_values(out);
            }
        }

        expression!({E: Expr} NullTest<$name, E>, type = bool);
    )*};
}

null_tests!(IsNull IsNotNull);

impl<Scope, I, O, E: ValidIn<Scope, I>> ValidIn<Scope, I> for NullTest<O, E> {
    type Null = NotNull;
    type Kind = E::Kind;
}

/// `expr between low and high`.
pub struct Between<E, L, H> {
    pub(crate) expr: E,
    pub(crate) low: L,
    pub(crate) high: H,
}

impl<E: Lower, L: Lower, H: Lower> Lower for Between<E, L, H> {
    type Needs = (E::Needs, (L::Needs, H::Needs));
    type Columns = (E::Columns, L::Columns, H::Columns);

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Between {
            expr: Box::new(self.expr.to_ast()),
            low: Box::new(self.low.to_ast()),
            high: Box::new(self.high.to_ast()),
        }
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.expr.add_shape(shape);
        self.low.add_shape(shape);
        self.high.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.expr.bind_values(out);
        self.low.bind_values(out);
        self.high.bind_values(out);
    }
}

expression!({E: Expr, L: Expr, H: Expr} Between<E, L, H>, type = bool);

impl<Scope, I, J, K, E, L, H> ValidIn<Scope, (I, J, K)> for Between<E, L, H>
where
    E: ValidIn<Scope, I>,
    L: ValidIn<Scope, J>,
    H: ValidIn<Scope, K>,
{
    type Null = <<E::Null as Nullability>::Or<L::Null> as Nullability>::Or<H::Null>;
    type Kind = <<E::Kind as Kind>::With<L::Kind> as Kind>::With<H::Kind>;
}
