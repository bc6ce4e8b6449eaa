//! `select`.

use std::marker::PhantomData;

use super::{
    dynamic::DynamicSelect,
    fetch::{Needy, fetch_methods},
    filter::{FilterIn, NoFilter},
    group::{GroupBy, GroupIn, Grouping, HavingIn, IsGrouped, Ungrouped},
    join::{Cross, CrossJoinIn, FromClause, FromOne, Full, Inner, JoinIn, JoinTarget, JoinedFrom, Left, Right},
    selection::{ColumnsIn, RowSource},
    wrap::{Counted, Exists},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Executor, Query, QueryKey, Shape},
    expr::{And, Column, Compare, Eq, IntoExpr, Lower, Operand, OrderBy, OrderIn},
    scope::{GroupKeys, Kind, Uniform},
    table::{ColumnDef, Source},
    types::{Binder, DecodeError, RowRead, SqlType},
};

/// A query that reads one source so far.
pub type From<S> = FromOne<S>;

/// Whole rows: what a query gives unless `columns` says something else.
pub struct AllRows;

/// A query that reads rows.
///
/// Its type says what it reads (`F`), which rows (`W`), how they are grouped (`G`, `H`), what they give (`C`) and in
/// which order (`O`). Every method checks what it is given against that, so that a query that compiles is valid SQL.
/// Nothing is sent before a method such as [`all`](Select::all) runs it.
#[must_use = "a query does nothing until it is run, for example with `.all(&db)`"]
pub struct Select<F, W = NoFilter, C = AllRows, G = Ungrouped, H = NoFilter, O = Unordered> {
    from: F,
    filter: W,
    columns: C,
    group: G,
    having: H,
    order: O,
    distinct: bool,
    page: Page,
}

/// `limit` and `offset`.
#[derive(Debug, Clone, Copy, Default)]
#[doc(hidden)]
pub struct Page {
    limit: Option<i64>,
    offset: Option<i64>,
    first: bool,
}

impl Page {
    pub(crate) fn set_limit(&mut self, rows: u64) {
        self.limit = Some(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    pub(crate) fn set_offset(&mut self, rows: u64) {
        self.offset = Some(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    pub(crate) fn only_first(&mut self) {
        self.first = true;
    }

    pub(crate) fn lower(self, select: &mut ast::Select) {
        select.limit = match self.limit {
            Some(_) => Some(ast::Expr::Param(SqlType::BigInt)),
            None => self.first.then_some(ast::Expr::Integer(1)),
        };
        select.offset = self.offset.map(|_| ast::Expr::Param(SqlType::BigInt));
    }

    pub(crate) fn add_shape(self, shape: &mut Shape) {
        let bits = u64::from(self.limit.is_some()) | u64::from(self.offset.is_some()) << 1 | u64::from(self.first) << 2;
        shape.add(bits);
    }

    pub(crate) fn bind<'q>(self, out: &mut dyn Binder<'q>) {
        for rows in [self.limit, self.offset].into_iter().flatten() {
            out.i64(rows);
        }
    }
}

impl<S: Source> Select<FromOne<S>> {
    pub(crate) fn new() -> Self {
        Self {
            from: FromOne(PhantomData),
            filter: NoFilter,
            columns: AllRows,
            group: Ungrouped,
            having: NoFilter,
            order: Unordered,
            distinct: false,
            page: Page::default(),
        }
    }
}

/// The order of a query's rows.
pub trait OrderClause<Scope>: Send {
    /// Whether it is one per row or per group.
    type Kind: Kind;
}

/// The parts of an order that do not depend on the query.
pub trait OrderList: Send {
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

impl<Sc, I, O: OrderClause<Sc>, E: OrderIn<Sc, I>> OrderClause<Sc> for ThenBy<O, E, I> {
    type Kind = <O::Kind as Kind>::With<E::Kind>;
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
pub trait OrderByIn<Scope, Index, C>: OrderBy {}
impl<Sc, I, C, E> OrderByIn<Sc, I, C> for E
where
    E: OrderIn<Sc, I>,
    C: RowSource<Sc>,
    <E::Kind as Kind>::With<C::Kind>: Uniform,
{
}

/// A query to which sources can still be joined.
#[diagnostic::on_unimplemented(
    message = "a join comes before `columns`, `group_by` and `order_by`",
    label = "too late to join",
    note = "a join can change which columns are `Option`: put it right after `select()` and `filter(..)`"
)]
pub trait Joinable {}
impl<F, W> Joinable for Select<F, W> {}

/// A query whose rows can still be grouped.
#[diagnostic::on_unimplemented(
    message = "`group_by` comes before `columns` and `order_by`, and only once",
    label = "too late to group",
    note = "several columns are grouped as a tuple: `.group_by((a, b))`"
)]
pub trait Groupable {}
impl<F, W> Groupable for Select<F, W> {}

impl<F: FromClause, W, C, G: Grouping, H, O> Select<F, W, C, G, H, O> {
    /// Keeps the rows that meet a condition, and all earlier ones. `None` adds nothing.
    ///
    /// A condition that is NULL for a row does not match it.
    ///
    /// ```sql
    /// where "users"."age" >= $1
    /// ```
    pub fn filter<E, I>(self, condition: E) -> Select<F, And<W, E>, C, G, H, O>
    where
        E: FilterIn<F::Scope, I>,
    {
        Select {
            from: self.from,
            filter: And::new(self.filter, condition),
            columns: self.columns,
            group: self.group,
            having: self.having,
            order: self.order,
            distinct: self.distinct,
            page: self.page,
        }
    }

    fn join<K, S, On>(self, on: Option<On>) -> Select<JoinedFrom<F, K, S, On>, W> {
        Select {
            from: JoinedFrom::new(self.from, on),
            filter: self.filter,
            columns: AllRows,
            group: Ungrouped,
            having: NoFilter,
            order: Unordered,
            distinct: self.distinct,
            page: self.page,
        }
    }

    /// Joins a source, keeping only rows with a partner.
    ///
    /// ```sql
    /// from "users" inner join "posts" on "posts"."author_id" = "users"."id"
    /// ```
    pub fn inner_join<J, I, S, On>(self, join: J) -> Select<JoinedFrom<F, Inner, S, On>, W>
    where
        J: JoinTarget + JoinIn<F::Scope, I, S, On>,
        Self: Joinable,
    {
        self.join(Some(join.into_condition()))
    }

    /// Joins a source, keeping rows without a partner: what comes from it is an `Option`.
    ///
    /// ```sql
    /// from "users" left join "posts" on "posts"."author_id" = "users"."id"
    /// ```
    pub fn left_join<J, I, S, On>(self, join: J) -> Select<JoinedFrom<F, Left, S, On>, W>
    where
        J: JoinTarget + JoinIn<F::Scope, I, S, On>,
        Self: Joinable,
    {
        self.join(Some(join.into_condition()))
    }

    /// Joins a source, keeping all of its rows: what comes from the sources before it is an `Option`.
    ///
    /// ```sql
    /// from "users" right join "posts" on "posts"."author_id" = "users"."id"
    /// ```
    pub fn right_join<J, I, S, On>(self, join: J) -> Select<JoinedFrom<F, Right, S, On>, W>
    where
        J: JoinTarget + JoinIn<F::Scope, I, S, On>,
        Self: Joinable,
    {
        self.join(Some(join.into_condition()))
    }

    /// Joins a source, keeping all rows of both sides: everything is an `Option`.
    ///
    /// PostgreSQL takes only conditions here that it can merge or hash, such as equality.
    ///
    /// ```sql
    /// from "users" full join "posts" on "posts"."author_id" = "users"."id"
    /// ```
    pub fn full_join<J, I, S, On>(self, join: J) -> Select<JoinedFrom<F, Full, S, On>, W>
    where
        J: JoinTarget + JoinIn<F::Scope, I, S, On>,
        Self: Joinable,
    {
        self.join(Some(join.into_condition()))
    }

    /// Joins every row with every row of `S`, a table or an alias: `.cross_join::<Post>()`.
    ///
    /// ```sql
    /// from "users" cross join "posts"
    /// ```
    pub fn cross_join<S>(self) -> Select<JoinedFrom<F, Cross, S, NoFilter>, W>
    where
        S: CrossJoinIn<F::Scope>,
        Self: Joinable,
    {
        self.join(None)
    }

    /// Groups rows with equal values of a column, or of several columns in a tuple: one row of the result for each group.
    ///
    /// What the query gives must then be one per group: a column it is grouped by, any column of a table whose primary
    /// key it is grouped by, or an aggregate.
    ///
    /// ```sql
    /// group by "users"."id"
    /// ```
    pub fn group_by<E, I, K>(self, columns: E) -> Select<F, W, AllRows, GroupBy<E, K>>
    where
        E: GroupIn<F::Scope, I, Keys = K>,
        K: GroupKeys,
        Self: Groupable,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: AllRows,
            group: GroupBy::new(columns),
            having: NoFilter,
            order: Unordered,
            distinct: self.distinct,
            page: self.page,
        }
    }

    /// Keeps the groups that meet a condition, and all earlier ones.
    ///
    /// ```sql
    /// having count("posts"."id") > $1
    /// ```
    pub fn having<E, I>(self, condition: E) -> Select<F, W, C, G, And<H, E>, O>
    where
        G: IsGrouped,
        E: HavingIn<G::Scope<F::Scope>, I>,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: self.columns,
            group: self.group,
            having: And::new(self.having, condition),
            order: self.order,
            distinct: self.distinct,
            page: self.page,
        }
    }

    /// Gives these expressions instead of whole rows: one, a tuple of up to 16, or a `#[derive(Row)]` projection.
    ///
    /// ```sql
    /// select "users"."name", count("posts"."id")
    /// ```
    pub fn columns<E, I, L>(self, columns: E) -> Select<F, W, L, G, H, O>
    where
        E: ColumnsIn<G::Scope<F::Scope>, I, O, List = L>,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: columns.into_list(),
            group: self.group,
            having: self.having,
            order: self.order,
            distinct: self.distinct,
            page: self.page,
        }
    }

    /// Orders the rows by an expression, by `.asc()` or `.desc()` of one, or by several in a tuple. A further call
    /// orders rows that are equal so far.
    ///
    /// ```sql
    /// order by "users"."name", "users"."id" desc
    /// ```
    pub fn order_by<E, I>(self, keys: E) -> Select<F, W, C, G, H, ThenBy<O, E, I>>
    where
        E: OrderByIn<G::Scope<F::Scope>, I, C>,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: self.columns,
            group: self.group,
            having: self.having,
            order: ThenBy { first: self.order, then: keys, index: PhantomData },
            distinct: self.distinct,
            page: self.page,
        }
    }

    /// Gives equal rows once.
    ///
    /// ```sql
    /// select distinct "users"."name"
    /// ```
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Gives at most this many rows.
    ///
    /// ```sql
    /// limit $1
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.page.set_limit(rows);
        self
    }

    /// Skips this many rows.
    ///
    /// ```sql
    /// offset $1                 -- PostgreSQL
    /// limit -1 offset ?1        -- SQLite, without a limit
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.page.set_offset(rows);
        self
    }

    /// The same query with one type after every further step, for loops and branches.
    ///
    /// Sources, grouping and columns are fixed by then; filters, orders, limit and offset can still be added. Each added
    /// part costs an allocation.
    pub fn dynamic<'a>(self) -> DynamicSelect<'a, Self, F::Scope, G::Scope<F::Scope>, C>
    where
        Self: SelectQuery + 'a,
    {
        DynamicSelect::new(self)
    }

    pub(crate) fn only_first(mut self) -> Self {
        self.page.only_first();
        self
    }
}

impl<F, W, C, G, H, O> Select<F, W, C, G, H, O> {
    /// The number of rows the query gives.
    ///
    /// ```sql
    /// select count(*) from "users" where …
    /// ```
    pub fn count<'a, E>(self, db: &'a E) -> E::Output<'a, i64>
    where
        Self: SelectQuery + Needy + 'a,
        E: Executor,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_one(Counted(self))
    }

    /// Whether the query gives any row.
    ///
    /// ```sql
    /// select exists (select 1 from "users" where …)
    /// ```
    pub fn exists<'a, E>(self, db: &'a E) -> E::Output<'a, bool>
    where
        Self: SelectQuery + Needy + 'a,
        E: Executor,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_one(Exists(self))
    }

    /// The first row the query gives, if there is any, without looking whether there are more.
    ///
    /// ```sql
    /// select … limit 1
    /// ```
    pub fn first<'a, E, R>(self, db: &'a E) -> E::Output<'a, Option<R>>
    where
        Self: SelectQuery + Query<Row = R> + Needy + 'a,
        R: Send + 'a,
        E: Executor,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_first(self.into_first())
    }

    fetch_methods!(Executor);
}

/// A query whose syntax tree is a `select`.
pub trait SelectQuery: Query + Sized {
    /// The query without its values.
    fn select_ast(&self) -> ast::Select;
    /// The query with `limit 1`, if it has no limit.
    #[must_use]
    fn into_first(self) -> Self;
    /// Takes `limit` and `offset` out of the query.
    #[doc(hidden)]
    fn take_page(&mut self) -> Page;
    /// Hands the values to the driver, with those of further filters and orders where they are in the text.
    #[doc(hidden)]
    fn bind_around<'q>(&'q self, out: &mut dyn Binder<'q>, filters: BindMore<'_, 'q>, orders: BindMore<'_, 'q>);
}

/// Binds the values of parts added to a query.
#[doc(hidden)]
pub type BindMore<'a, 'q> = &'a dyn Fn(&mut dyn Binder<'q>);

impl<F, W, C, G, H, O> SelectQuery for Select<F, W, C, G, H, O>
where
    F: FromClause,
    W: Lower + Send,
    C: RowSource<G::Scope<F::Scope>>,
    G: Grouping,
    H: Lower + Send,
    O: OrderList,
{
    fn select_ast(&self) -> ast::Select {
        let mut select = ast::Select { distinct: self.distinct, ..ast::Select::default() };
        self.columns.lower_rows(&mut select.columns);
        self.from.to_from(&mut select);
        select.filter = self.filter.to_condition();
        self.group.to_group_by(&mut select.group_by);
        select.having = self.having.to_condition();
        self.order.to_order_by(&mut select.order_by);
        self.page.lower(&mut select);
        select
    }

    fn into_first(self) -> Self {
        self.only_first()
    }

    fn take_page(&mut self) -> Page {
        std::mem::take(&mut self.page)
    }

    fn bind_around<'q>(&'q self, out: &mut dyn Binder<'q>, filters: BindMore<'_, 'q>, orders: BindMore<'_, 'q>) {
        self.columns.bind_rows(out);
        self.from.bind_from(out);
        self.filter.bind_values(out);
        filters(out);
        self.having.bind_values(out);
        self.order.bind_order_by(out);
        orders(out);
        self.page.bind(out);
    }
}

impl<F, W, C, G, H, O> Query for Select<F, W, C, G, H, O>
where
    F: FromClause,
    W: Lower + Send,
    C: RowSource<G::Scope<F::Scope>>,
    G: Grouping,
    H: Lower + Send,
    O: OrderList,
{
    type Row = C::Row;

    #[inline]
    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.columns.shape_rows(&mut shape);
        self.from.add_from_shape(&mut shape);
        self.filter.add_shape(&mut shape);
        self.having.add_shape(&mut shape);
        self.order.add_order_by_shape(&mut shape);
        shape.add(u64::from(self.distinct));
        self.page.add_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        Ok(ast::Statement::Select(self.select_ast()))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_around(out, &|_| {}, &|_| {});
    }

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<C::Row, DecodeError> {
        C::decode_row(row)
    }
}

impl<F, W, C, G, H, O> Needy for Select<F, W, C, G, H, O>
where
    F: FromClause,
    W: Lower,
    C: RowSource<G::Scope<F::Scope>>,
    G: Grouping,
    H: Lower,
    O: OrderList,
{
    type Needs = (F::Needs, (W::Needs, (C::Needs, (H::Needs, O::Needs))));
}

/// A value, or a tuple of values, of the primary key's columns `Self`.
#[diagnostic::on_unimplemented(
    message = "`{V}` is not a value of the primary key `{Self}`",
    label = "expected a value for each column of `{Self}`",
    note = "a primary key of several columns takes a tuple of values"
)]
pub trait FindKey<V> {
    /// The condition that the key has this value.
    type Filter: crate::expr::Condition;
    /// The condition.
    fn filter(value: V) -> Self::Filter;
}

impl<C: ColumnDef, V, X> FindKey<V> for (C,)
where
    V: IntoExpr<C::Type, Expr = X>,
    X: Operand<Type = C::Type>,
{
    type Filter = Compare<Eq, Column<C, C::Table>, X>;

    fn filter(value: V) -> Self::Filter {
        Compare::new(Column::NEW, value.into_expr())
    }
}

macro_rules! find_keys {
    ($(($first:ident $first_value:ident $first_position:tt) $(($name:ident $value:ident $position:tt))+;)*) => {$(
        impl<$first: ColumnDef, $first_value, $($name: ColumnDef, $value),+>
            FindKey<($first_value, $($value),+)> for ($first, $($name),+)
        where
            $first_value: IntoExpr<$first::Type>,
            $($value: IntoExpr<$name::Type>,)+
        {
            type Filter = find_keys!(@filter
                Compare<Eq, Column<$first, $first::Table>, $first_value::Expr>
                $(, Compare<Eq, Column<$name, $name::Table>, $value::Expr>)+);

            fn filter(value: ($first_value, $($value),+)) -> Self::Filter {
                let filter = Compare::new(Column::NEW, value.$first_position.into_expr());
                $(let filter = And::new(filter, Compare::new(Column::NEW, value.$position.into_expr()));)+
                filter
            }
        }
    )*};
    (@filter $only:ty) => { $only };
    (@filter $first:ty, $second:ty $(, $rest:ty)*) => { find_keys!(@filter And<$first, $second> $(, $rest)*) };
}

find_keys! {
    (A V 0) (B W 1);
    (A V 0) (B W 1) (C X 2);
    (A V 0) (B W 1) (C X 2) (D Y 3);
}

/// Starts a query for one row, for `Table::find`.
pub(crate) fn find<S: Source, K, X>(key: K) -> Select<FromOne<S>, And<NoFilter, X>>
where
    <S::Table as crate::table::Table>::Key: FindKey<K, Filter = X>,
{
    let select = Select::<FromOne<S>>::new();
    Select {
        from: select.from,
        filter: And::new(NoFilter, <<S::Table as crate::table::Table>::Key as FindKey<K>>::filter(key)),
        columns: AllRows,
        group: Ungrouped,
        having: NoFilter,
        order: Unordered,
        distinct: false,
        page: select.page,
    }
}

impl<F, W, C, G, H, O> Select<F, W, C, G, H, O> {
    /// The text of the query in this dialect, with placeholders.
    pub fn to_sql<D: Dialect>(&self, dialect: D) -> String
    where
        Self: SelectQuery + Needy,
        D: Supports<<Self as Needy>::Needs>,
    {
        crate::writer::write(&ast::Statement::Select(self.select_ast()), &dialect)
    }
}
