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

/// The order of a relation, and what else is said of its rows, as something that a further word can be said of.
pub trait Limited: OrderList + Sized {
    /// The same order of some of the rows.
    type Page: OrderList;
    #[doc(hidden)]
    fn page(self) -> Self::Page;
}

/// A relation of which no limit or offset was said, so that it is about all of its rows.
#[diagnostic::on_unimplemented(
    message = "conditions and aggregates are about all rows that a relation leads to",
    label = "has a limit or an offset",
    note = "leave out `.limit(..)` and `.offset(..)`, which are about what is loaded"
)]
pub trait Unlimited {}

/// An order in which only some rows are given.
pub struct Paged<O>(O);

/// An order of rows of which deleted ones are given, too.
pub struct Undeleted<O>(pub(crate) O);

macro_rules! wrapped_orders {
    ($($name:ident),*) => {$(
        impl<O: OrderList> OrderList for $name<O> {
            type Needs = O::Needs;

            fn to_order_by(&self, out: &mut Vec<ast::Order>) {
                self.0.to_order_by(out);
            }

            fn add_order_by_shape(&self, shape: &mut Shape) {
                self.0.add_order_by_shape(shape);
            }

            fn bind_order_by<'q>(&'q self, out: &mut dyn Binder<'q>) {
                self.0.bind_order_by(out);
            }
        }
    )*};
}
wrapped_orders!(Paged, Undeleted);

impl<O: OrderList> Limited for Paged<O> {
    type Page = Self;
    fn page(self) -> Self {
        self
    }
}

impl Limited for Unordered {
    type Page = Paged<Self>;
    fn page(self) -> Paged<Self> {
        Paged(self)
    }
}

impl<O: OrderList, E: OrderBy, I> Limited for ThenBy<O, E, I> {
    type Page = Paged<Self>;
    fn page(self) -> Paged<Self> {
        Paged(self)
    }
}

impl<O: OrderList> Limited for Undeleted<O> {
    type Page = Paged<Self>;
    fn page(self) -> Paged<Self> {
        Paged(self)
    }
}

#[diagnostic::do_not_recommend]
impl Unlimited for Unordered {}
#[diagnostic::do_not_recommend]
impl<O: Unlimited, E, I> Unlimited for ThenBy<O, E, I> {}
#[diagnostic::do_not_recommend]
impl<O: Unlimited> Unlimited for Undeleted<O> {}

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
