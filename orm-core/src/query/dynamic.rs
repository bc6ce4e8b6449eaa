//! Queries put together in loops and branches: one type after every step.

use std::marker::PhantomData;

use super::{
    fetch::{Needy, fetch_methods},
    filter::FilterIn,
    order::OrderByIn,
    page::Page,
    select::{BindMore, SelectQuery},
    wrap::{Counted, Exists},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Executor, Query, QueryKey, Shape},
    expr::{Condition, Lower, OrderBy, OrderKind},
    types::{Binder, DecodeError, RowRead},
};

/// A part of a query that is added at run time: needs nothing that only one database has.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be added to a dynamic query",
    label = "needs a feature that not every database has",
    note = "add it before `.dynamic()`"
)]
pub trait Portable {}
#[diagnostic::do_not_recommend]
impl Portable for () {}
impl<A: Portable, B: Portable> Portable for (A, B) {}

/// A condition of any type.
#[doc(hidden)]
#[allow(missing_docs, reason = "hidden")]
pub trait AnyCondition<'a>: Send + Sync {
    fn to_condition(&self) -> Option<ast::Expr>;
    fn add_shape(&self, shape: &mut Shape);
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<'a, L: Lower + 'a> AnyCondition<'a> for L {
    fn to_condition(&self) -> Option<ast::Expr> {
        Lower::to_condition(self)
    }

    fn add_shape(&self, shape: &mut Shape) {
        shape.add_type(typeid::of::<L>());
        Lower::add_shape(self, shape);
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_values(out);
    }
}

/// An order of any type.
#[doc(hidden)]
#[allow(missing_docs, reason = "hidden")]
pub trait AnyOrder<'a>: Send + Sync {
    fn to_orders(&self, out: &mut Vec<ast::Order>);
    fn add_shape(&self, shape: &mut Shape);
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<'a, K: OrderBy + 'a> AnyOrder<'a> for K {
    fn to_orders(&self, out: &mut Vec<ast::Order>) {
        OrderBy::to_orders(self, out);
    }

    fn add_shape(&self, shape: &mut Shape) {
        shape.add_type(typeid::of::<K>());
        self.add_orders_shape(shape);
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_orders(out);
    }
}

/// A query to which filters and orders are added at run time; what `dynamic()` gives.
///
/// What the query gives is fixed when it becomes dynamic; what is added is checked like everywhere.
#[must_use = "a query does nothing until it is run, for example with `.all(&db)`"]
pub struct DynamicSelect<'a, Q, Rows, Groups, C> {
    base: Q,
    filters: Vec<Box<dyn AnyCondition<'a> + 'a>>,
    orders: Vec<Box<dyn AnyOrder<'a> + 'a>>,
    page: Page,
    scope: PhantomData<fn() -> (Rows, Groups, C)>,
}

impl<'a, Q, Rows, Groups, C> DynamicSelect<'a, Q, Rows, Groups, C> {
    pub(crate) fn new(mut base: Q) -> Self
    where
        Q: SelectQuery,
    {
        let page = base.take_page();
        Self { base, filters: Vec::new(), orders: Vec::new(), page, scope: PhantomData }
    }

    /// Keeps the rows that meet a condition, and all earlier ones. `None` adds nothing.
    ///
    /// ```sql
    /// where … and "users"."name" like $1
    /// ```
    ///
    /// A condition that needs a feature only some databases have does not compile here; add it before `dynamic()`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let mut query = User::select().dynamic();
    /// for letter in ["n", "a"] {
    ///     query = query.filter(User::name.contains(letter));
    /// }
    /// assert_eq!(query.one(&db)?.name, "Anna");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, I, X>(mut self, condition: E) -> Self
    where
        E: FilterIn<Rows, I, Filter = X>,
        X: Condition<Needs: Portable> + 'a,
    {
        self.filters.push(Box::new(condition.into_filter()));
        self
    }

    /// Orders rows that are equal so far.
    ///
    /// ```sql
    /// order by …, "users"."name" desc
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let mut query = User::select().dynamic();
    /// for column in ["role", "age"] {
    ///     query = match column {
    ///         "age" => query.order_by(User::age.desc().nulls_last()),
    ///         _ => query.order_by(User::role),
    ///     };
    /// }
    /// let names: Vec<String> = query.all(&db)?.into_iter().map(|user| user.name).collect();
    /// assert_eq!(names, ["Cleo", "Bob", "Anna"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn order_by<E, I, K>(mut self, keys: E) -> Self
    where
        E: OrderByIn<Groups, I, C>,
        I: OrderKind<E, Groups, Keys = K>,
        K: OrderBy<Needs: Portable> + 'a,
    {
        self.orders.push(Box::new(I::into_keys(keys)));
        self
    }

    /// Gives at most this many rows; replaces an earlier limit.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users = User::select().dynamic().order_by(User::id).limit(2).all(&db)?;
    /// assert_eq!(users.len(), 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.page.set_limit(rows);
        self
    }

    /// Skips this many rows; replaces an earlier offset.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users = User::select().dynamic().order_by(User::id).offset(2).all(&db)?;
    /// assert_eq!(users[0].name, "Cleo");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.page.set_offset(rows);
        self
    }

    /// The number of rows the query gives.
    ///
    /// # Errors
    /// Like [`Select::count`](crate::query::Select::count).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(User::select().dynamic().filter(User::age.is_null()).count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn count<'e, E>(self, db: &'e E) -> E::Output<'e, i64>
    where
        Self: SelectQuery + Needy + 'e,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_one(Counted(self))
    }

    /// Whether the query gives any row.
    ///
    /// # Errors
    /// Like [`Select::exists`](crate::query::Select::exists).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert!(User::select().dynamic().filter(User::age.is_null()).exists(&db)?);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn exists<'e, E>(self, db: &'e E) -> E::Output<'e, bool>
    where
        Self: SelectQuery + Needy + 'e,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_one(Exists(self))
    }

    /// The first row the query gives, if there is any.
    ///
    /// # Errors
    /// Like [`Select::first`](crate::query::Select::first).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let first = User::select().dynamic().order_by(User::name).first(&db)?;
    /// assert_eq!(first.map(|user| user.id), Some(1));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn first<'e, E, R>(self, db: &'e E) -> E::Output<'e, Option<R>>
    where
        Self: SelectQuery + Query<Row = R> + Needy + 'e,
        R: Send + 'e,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_first(self.into_first())
    }

    /// The text of the query in this dialect, with placeholders.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let query = User::select().columns(User::id).dynamic().filter(User::age.is_null()).filter(User::id.gt(1));
    /// assert_eq!(
    ///     query.to_sql(Sqlite),
    ///     r#"select "users"."id" from "users" where "users"."age" is null and "users"."id" > ?1"#
    /// );
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> String
    where
        Self: SelectQuery + Needy,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        crate::writer::write(&ast::Statement::Select(self.select_ast()), &dialect)
    }
}

/// The methods that run the query, whose lifetimes differ from that of its parts.
impl<Q, Rows, Groups, C> DynamicSelect<'_, Q, Rows, Groups, C> {
    fetch_methods!(Executor);
}

impl<Q: SelectQuery, Rows, Groups, C> SelectQuery for DynamicSelect<'_, Q, Rows, Groups, C> {
    fn select_ast(&self) -> ast::Select {
        let mut select = self.base.select_ast();
        let mut conditions: Vec<ast::Expr> = select.filter.take().into_iter().collect();
        conditions.extend(self.filters.iter().filter_map(|filter| filter.to_condition()));
        select.filter = match conditions.len() {
            0 => None,
            1 => conditions.pop(),
            _ => Some(ast::Expr::And(conditions)),
        };
        for order in &self.orders {
            order.to_orders(&mut select.order_by);
        }
        self.page.lower(&mut select);
        select
    }

    fn into_first(mut self) -> Self {
        self.page.only_first();
        self
    }

    fn take_page(&mut self) -> Page {
        std::mem::take(&mut self.page)
    }

    fn bind_around<'q>(&'q self, out: &mut dyn Binder<'q>, filters: BindMore<'_, 'q>, orders: BindMore<'_, 'q>) {
        let all_filters = |out: &mut dyn Binder<'q>| {
            for filter in &self.filters {
                filter.bind(out);
            }
            filters(out);
        };
        let all_orders = |out: &mut dyn Binder<'q>| {
            for order in &self.orders {
                order.bind(out);
            }
            orders(out);
        };
        self.base.bind_around(out, &all_filters, &all_orders);
        self.page.bind(out);
    }
}

impl<Q: SelectQuery, Rows, Groups, C> Query for DynamicSelect<'_, Q, Rows, Groups, C> {
    type Row = Q::Row;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        shape.add(self.base.key().shape());
        shape.add(self.filters.len() as u64);
        for filter in &self.filters {
            filter.add_shape(&mut shape);
        }
        shape.add(self.orders.len() as u64);
        for order in &self.orders {
            order.add_shape(&mut shape);
        }
        self.page.add_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        self.select_ast().checked()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_around(out, &|_| {}, &|_| {});
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Q::Row, DecodeError> {
        self.base.decode(row)
    }
}

impl<Q: Needy, Rows, Groups, C> Needy for DynamicSelect<'_, Q, Rows, Groups, C> {
    type Needs = Q::Needs;
}
