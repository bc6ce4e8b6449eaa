//! `order by`.

use std::marker::PhantomData;

use super::selection::RowSource;
use crate::{
    ast,
    executor::Shape,
    expr::{OrderBy, OrderIn, OrderKind},
    scope::{Kind, Uniform},
    types::Binder,
};

/// The order of a query's rows.
pub trait OrderClause<Scope>: Send + Sync {
    /// Whether it is one per row or per group.
    type Kind: Kind;
}

/// The parts of an order that do not depend on the query.
pub trait OrderList: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// Adds the keys as plain data.
    fn to_order_by(&self, out: &mut Vec<ast::Order>);
    /// Adds what the text depends on at run time.
    fn add_order_by_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_order_by<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// In no particular order.
pub struct Unordered;

impl<Sc> OrderClause<Sc> for Unordered {
    type Kind = crate::scope::Constant;
}

impl OrderList for Unordered {
    type Needs = ();
    fn to_order_by(&self, _out: &mut Vec<ast::Order>) {}
    fn add_order_by_shape(&self, _shape: &mut Shape) {}
    fn bind_order_by<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// In the order `O`, and where that leaves rows equal, by `E`.
pub struct ThenBy<O, E, I> {
    first: O,
    then: E,
    index: PhantomData<fn() -> I>,
}

impl<O, E, I> ThenBy<O, E, I> {
    pub(crate) fn new(first: O, then: E) -> Self {
        Self { first, then, index: PhantomData }
    }
}

impl<Sc, I, O: OrderClause<Sc>, E: Send + Sync> OrderClause<Sc> for ThenBy<O, E, I>
where
    I: OrderKind<E, Sc>,
{
    type Kind = <O::Kind as Kind>::With<I::Kind>;
}

impl<I, O: OrderList, E: OrderBy> OrderList for ThenBy<O, E, I> {
    type Needs = (O::Needs, E::Needs);

    fn to_order_by(&self, out: &mut Vec<ast::Order>) {
        self.first.to_order_by(out);
        self.then.to_orders(out);
    }

    fn add_order_by_shape(&self, shape: &mut Shape) {
        self.first.add_order_by_shape(shape);
        self.then.add_orders_shape(shape);
    }

    fn bind_order_by<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.first.bind_order_by(out);
        self.then.bind_orders(out);
    }
}

/// What `order_by` accepts: keys of this query that go together with what it gives.
#[diagnostic::on_unimplemented(
    message = "this query cannot be ordered by `{Self}`",
    label = "expected an expression, `.asc()`, `.desc()`, or a tuple of them"
)]
pub trait OrderByIn<Scope, Index, C> {}
impl<Sc, I, C, E> OrderByIn<Sc, I, C> for E
where
    E: OrderIn<Sc, I>,
    I: OrderKind<E, Sc>,
    C: RowSource<Sc>,
    <I::Kind as Kind>::With<C::Kind>: Uniform,
{
}
