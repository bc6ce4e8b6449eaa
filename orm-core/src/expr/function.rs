//! Scalar functions.

use std::marker::PhantomData;

use super::{Expr, IntoExpr, Lower, expression};
use crate::{
    ast::{self, Function},
    executor::Shape,
    scope::{Kind, Nullability, ValidIn},
    types::Binder,
};

/// A function of one argument, as a type.
pub trait Callable: Send + Sync + 'static {
    /// The function.
    const FUNCTION: Function;
    /// What a database needs for it.
    type Needs;
    /// The type of its result, given that of the argument.
    type Result<T: Send + 'static>: Send + 'static;
}

macro_rules! functions {
    ($($name:ident, |$t:ident| $result:ty;)*) => {$(
        #[doc = concat!("`", stringify!($name), "` as a type.")]
        pub struct $name;
        impl Callable for $name {
            const FUNCTION: Function = Function::$name;
            type Needs = ();
            type Result<$t: Send + 'static> = $result;
        }
    )*};
}

functions! {
    LowerCase, |T| T;
    UpperCase, |T| T;
    Trim, |T| T;
    Length, |T| i64;
}

/// `Abs` as a type. Computing with exact decimals needs `N`.
pub struct Abs<N>(PhantomData<fn() -> N>);

impl<N: 'static> Callable for Abs<N> {
    const FUNCTION: Function = Function::Abs;
    type Needs = N;
    type Result<T: Send + 'static> = T;
}

/// A function applied to an expression.
pub struct Call<F, E> {
    argument: E,
    function: PhantomData<F>,
}

impl<F, E> Call<F, E> {
    pub(crate) fn new(argument: E) -> Self {
        Self { argument, function: PhantomData }
    }
}

impl<F: Callable, E: Lower> Lower for Call<F, E> {
    type Needs = (F::Needs, E::Needs);
    type Columns = E::Columns;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Function(F::FUNCTION, vec![self.argument.to_ast()])
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.argument.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.argument.bind_values(out);
    }
}

expression!({F: Callable, E: Expr} Call<F, E>, type = F::Result<E::Type>);

impl<Scope, I, F, E: ValidIn<Scope, I>> ValidIn<Scope, I> for Call<F, E> {
    type Null = E::Null;
    type Kind = E::Kind;
}

/// The first of two expressions that is not NULL.
pub struct Coalesce<L, R> {
    left: L,
    right: R,
}

/// `expr`, or `otherwise` where it is NULL. The result is NULL only where both are.
///
/// ```sql
/// coalesce("users"."age", $1)
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let ages: Vec<i32> = User::select().columns(coalesce(User::age, 0)).order_by(User::id).all(&db)?;
/// assert_eq!(ages, [31, 0, 17]);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn coalesce<L, V, R>(expr: L, otherwise: V) -> Coalesce<L, R>
where
    L: Expr,
    V: IntoExpr<L::Type, Expr = R>,
{
    Coalesce { left: expr, right: otherwise.into_expr() }
}

impl<L: Lower, R: Lower> Lower for Coalesce<L, R> {
    type Needs = (L::Needs, R::Needs);
    type Columns = (L::Columns, R::Columns);

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Function(Function::Coalesce, vec![self.left.to_ast(), self.right.to_ast()])
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

expression!({L: Expr, R: Expr} Coalesce<L, R>, type = L::Type);

impl<Scope, I, J, L: ValidIn<Scope, I>, R: ValidIn<Scope, J>> ValidIn<Scope, (I, J)> for Coalesce<L, R> {
    type Null = <L::Null as Nullability>::And<R::Null>;
    type Kind = <L::Kind as Kind>::With<R::Kind>;
}
