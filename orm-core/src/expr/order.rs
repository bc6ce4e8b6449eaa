//! The order of rows.

use std::marker::PhantomData;

use super::{Equatable, Expr};
use crate::{
    ast::{Direction, Nulls, Order},
    executor::Shape,
    query::One,
    scope::{InScope, Kind, ValidIn},
    types::Binder,
};

/// An expression to order by, with its direction.
pub struct Ordered<E> {
    expr: E,
    direction: Direction,
    nulls: Option<Nulls>,
}

impl<E> Ordered<E> {
    pub(crate) fn new(expr: E, direction: Direction) -> Self {
        Self { expr, direction, nulls: None }
    }

    /// NULLs before all values.
    ///
    /// ```sql
    /// order by "users"."age" desc nulls first
    /// ```
    ///
    /// The same on every database.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names = User::select().columns(User::name).order_by(User::age.desc().nulls_first()).all(&db)?;
    /// assert_eq!(names, ["Bob", "Anna", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.nulls = Some(Nulls::First);
        self
    }

    /// NULLs after all values.
    ///
    /// ```sql
    /// order by "users"."age" nulls last
    /// ```
    ///
    /// The same on every database.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names = User::select().columns(User::name).order_by(User::age.asc().nulls_last()).all(&db)?;
    /// assert_eq!(names, ["Cleo", "Anna", "Bob"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.nulls = Some(Nulls::Last);
        self
    }
}

/// One key of an order: an expression, or one with a direction.
pub trait OrderKey: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// The key as plain data.
    fn to_order(&self) -> Order;
    /// Adds what the text depends on at run time.
    fn add_order_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_order<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<E: Expr> OrderKey for Ordered<E> {
    type Needs = E::Needs;

    fn to_order(&self) -> Order {
        Order { expr: self.expr.to_ast(), direction: self.direction, nulls: self.nulls }
    }

    fn add_order_shape(&self, shape: &mut Shape) {
        let nulls = match self.nulls {
            None => 0,
            Some(Nulls::First) => 1,
            Some(Nulls::Last) => 2,
        };
        shape.add(self.direction as u64 * 3 + nulls);
        self.expr.add_shape(shape);
    }

    fn bind_order<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.expr.bind_values(out);
    }
}

impl<E: Expr> OrderKey for E {
    type Needs = E::Needs;

    fn to_order(&self) -> Order {
        Order { expr: self.to_ast(), direction: Direction::Ascending, nulls: None }
    }

    fn add_order_shape(&self, shape: &mut Shape) {
        self.add_shape(shape);
    }

    fn bind_order<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_values(out);
    }
}

/// What rows are ordered by: one key, or several in a tuple, the leading one first.
#[diagnostic::on_unimplemented(
    message = "rows cannot be ordered by `{Self}`",
    label = "expected an expression, `.asc()`, `.desc()`, or a tuple of them"
)]
pub trait OrderBy: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// The keys as plain data.
    fn to_orders(&self, out: &mut Vec<Order>);
    /// Adds what the text depends on at run time.
    fn add_orders_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_orders<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// An order that makes sense in a query reading `Scope`.
#[diagnostic::on_unimplemented(
    message = "rows cannot be ordered by `{Self}`",
    label = "expected an expression, `.asc()`, `.desc()`, or a tuple of them"
)]
pub trait OrderIn<Scope, Index> {}

impl<Scope, I, E: Expr<Type: Equatable>> OrderIn<Scope, Directed<I>> for Ordered<E> where E::Columns: InScope<Scope, I> {}

/// Where the columns of an order `E` are, which says what kind of order it is.
pub trait OrderKind<E, Scope> {
    /// Whether it is one per row or per group.
    type Kind: Kind;
    /// The order.
    type Keys: OrderBy;
    /// Converts it.
    fn into_keys(keys: E) -> Self::Keys;
}

/// The index of an expression with a direction.
pub struct Directed<I>(PhantomData<I>);

impl<Scope, I, E: Expr + ValidIn<Scope, I>> OrderKind<E, Scope> for One<I> {
    type Kind = E::Kind;
    type Keys = E;
    fn into_keys(keys: E) -> E {
        keys
    }
}

impl<Scope, I, E: Expr + ValidIn<Scope, I>> OrderKind<Ordered<E>, Scope> for Directed<I> {
    type Kind = E::Kind;
    type Keys = Ordered<E>;
    fn into_keys(keys: Ordered<E>) -> Ordered<E> {
        keys
    }
}

impl<K: OrderKey> OrderBy for K {
    type Needs = K::Needs;

    fn to_orders(&self, out: &mut Vec<Order>) {
        out.push(self.to_order());
    }

    fn add_orders_shape(&self, shape: &mut Shape) {
        self.add_order_shape(shape);
    }

    fn bind_orders<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_order(out);
    }
}
