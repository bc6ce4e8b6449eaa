//! Arithmetic, and text put together.

use std::marker::PhantomData;

use super::{Expr, Lower, expression};
use crate::{
    ast::{self, BinaryOp},
    executor::Shape,
    scope::{Kind, Null, Nullability, ValidIn},
    types::Binder,
};

/// A type with arithmetic.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number in SQL",
    label = "arithmetic needs numbers",
    note = "text is put together with `.concat(..)`"
)]
pub trait Number: 'static {
    /// What a database needs to compute with it.
    type Needs;
}

macro_rules! numbers {
    ($($ty:ty: $needs:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Number for $ty {
            type Needs = $needs;
        }
    )*};
}

numbers!(i8: (), i16: (), i32: (), i64: (), u8: (), u16: (), u32: (), f32: (), f64: ());
#[cfg(feature = "decimal")]
numbers!(rust_decimal::Decimal: crate::dialect::DecimalArithmetic);

/// A number with a remainder: an integer, or an exact decimal.
///
/// ```compile_fail,E0277
/// use orm::{doctest::*, prelude::*};
/// let halves = Post::select().columns(Post::words.cast::<f64>() % 0.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no remainder in SQL",
    label = "`%` needs integers",
    note = "PostgreSQL has no `%` of floats, and SQLite drops their fractions first"
)]
pub trait Divisible: Number {}

macro_rules! divisible {
    ($($ty:ty),*) => { $(impl Divisible for $ty {})* };
}

divisible!(i8, i16, i32, i64, u8, u16, u32);
#[cfg(feature = "decimal")]
divisible!(rust_decimal::Decimal);

/// An arithmetic operator as a type.
pub trait Arithmetician: Send + Sync + 'static {
    /// The operator.
    const OP: BinaryOp;
    /// Whether the result can be NULL, given whether an operand can.
    type Null<N: Nullability>: Nullability;
}

macro_rules! operators {
    ($($name:ident, |$n:ident| $null:ty, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub struct $name;
        impl Arithmetician for $name {
            const OP: BinaryOp = BinaryOp::$name;
            type Null<$n: Nullability> = $null;
        }
    )*};
}

operators! {
    Add, |N| N, "`+` as a type.";
    Sub, |N| N, "`-` as a type.";
    Mul, |N| N, "`*` as a type.";
    Div, |N| Null, "`/` as a type. Dividing by zero gives NULL on every database.";
    Rem, |N| Null, "`%` as a type. Dividing by zero gives NULL on every database.";
}

/// Two numbers combined.
pub struct Arithmetic<O, L, R> {
    left: L,
    right: R,
    op: PhantomData<O>,
}

impl<O, L, R> Arithmetic<O, L, R> {
    pub(crate) fn new(left: L, right: R) -> Self {
        Self { left, right, op: PhantomData }
    }
}

impl<O: Arithmetician, L: Expr<Type: Number>, R: Lower> Lower for Arithmetic<O, L, R> {
    type Needs = (<L::Type as Number>::Needs, (L::Needs, R::Needs));
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

expression!({O: Arithmetician, L: Expr<Type: Number>, R: Expr} Arithmetic<O, L, R>, type = L::Type);

impl<Scope, I, J, O, L, R> ValidIn<Scope, (I, J)> for Arithmetic<O, L, R>
where
    O: Arithmetician,
    L: ValidIn<Scope, I>,
    R: ValidIn<Scope, J>,
{
    type Null = O::Null<<L::Null as Nullability>::Or<R::Null>>;
    type Kind = <L::Kind as Kind>::With<R::Kind>;
}

/// `-expr`.
pub struct Negate<E>(pub(crate) E);

impl<E: Expr<Type: Number>> Lower for Negate<E> {
    type Needs = (<E::Type as Number>::Needs, E::Needs);
    type Columns = E::Columns;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Negate(Box::new(self.0.to_ast()))
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.0.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind_values(out);
    }
}

expression!({E: Expr<Type: Number>} Negate<E>, type = E::Type);

impl<Scope, I, E: ValidIn<Scope, I>> ValidIn<Scope, I> for Negate<E> {
    type Null = E::Null;
    type Kind = E::Kind;
}

/// `left || right`.
pub struct Concat<L, R> {
    pub(crate) left: L,
    pub(crate) right: R,
}

impl<L: Lower, R: Lower> Lower for Concat<L, R> {
    type Needs = (L::Needs, R::Needs);
    type Columns = (L::Columns, R::Columns);

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Binary(Box::new(self.left.to_ast()), BinaryOp::Concat, Box::new(self.right.to_ast()))
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

expression!({L: Expr, R: Expr} Concat<L, R>, type = String);

impl<Scope, I, J, L: ValidIn<Scope, I>, R: ValidIn<Scope, J>> ValidIn<Scope, (I, J)> for Concat<L, R> {
    type Null = <L::Null as Nullability>::Or<R::Null>;
    type Kind = <L::Kind as Kind>::With<R::Kind>;
}
