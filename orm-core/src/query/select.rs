//! `select`.

use std::marker::PhantomData;

use super::{
    dynamic::DynamicSelect,
    fetch::{Needy, fetch_methods},
    filter::{FilterIn, NoFilter},
    find::FindKey,
    group::{GroupBy, GroupIn, GroupList, GroupedAt, Grouping, HavingIn, IsGrouped, Ungrouped},
    join::{Cross, CrossJoinIn, FromClause, FromOne, Full, Inner, JoinIn, JoinTarget, JoinedFrom, Left, Right},
    order::{OrderByIn, OrderList, ThenBy, Unordered},
    page::Page,
    selection::{ColumnsIn, ListOf, RowSource},
    wrap::{Counted, Exists},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Executor, Query, QueryKey, Shape},
    expr::{And, Lower, OrderKind},
    scope::GroupKeys,
    table::{Source, Table},
    types::{Binder, DecodeError, RowRead},
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

/// A query to which sources can still be joined.
#[diagnostic::on_unimplemented(
    message = "a join comes before `columns`, `group_by` and `order_by`",
    label = "too late to join",
    note = "a join can change which columns are `Option`: put it right after `select()` and `filter(..)`"
)]
pub trait Joinable {}
#[diagnostic::do_not_recommend]
impl<F, W> Joinable for Select<F, W> {}

/// A query whose rows can still be grouped.
#[diagnostic::on_unimplemented(
    message = "`group_by` comes before `columns` and `order_by`, and only once",
    label = "too late to group",
    note = "several columns are grouped as a tuple: `.group_by((a, b))`"
)]
pub trait Groupable {}
#[diagnostic::do_not_recommend]
impl<F, W, H> Groupable for Select<F, W, AllRows, Ungrouped, H> {}

impl<F: FromClause, W, C, G: Grouping, H, O> Select<F, W, C, G, H, O> {
    /// Keeps the rows that meet a condition, and all earlier ones. `None` adds nothing.
    ///
    /// A condition that is NULL for a row does not match it.
    ///
    /// ```sql
    /// where "users"."age" >= $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let minimum = Some(1000);
    /// let long = Post::select()
    ///     .filter(Post::published)
    ///     .filter(minimum.map(|words| Post::words.ge(words)))
    ///     .all(&db)?;
    /// assert_eq!(long[0].title, "Borrowing");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, I, X>(self, condition: E) -> Select<F, And<W, X>, C, G, H, O>
    where
        E: FilterIn<F::Scope, I, Filter = X>,
    {
        Select {
            from: self.from,
            filter: And::new(self.filter, condition.into_filter()),
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
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let rows: Vec<(User, Post)> =
    ///     User::select().inner_join(Post::on(Post::author_id.eq(User::id))).order_by(Post::id).all(&db)?;
    /// assert_eq!(rows.len(), 3);
    /// # Ok::<(), orm::Error>(())
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
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let rows: Vec<(User, Option<Post>)> =
    ///     User::select().left_join(Post::on(Post::author_id.eq(User::id))).order_by((User::id, Post::id)).all(&db)?;
    /// assert_eq!((rows.len(), rows[2].0.name.as_str(), &rows[2].1), (4, "Bob", &None));
    /// # Ok::<(), orm::Error>(())
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
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let rows: Vec<(Option<Post>, User)> =
    ///     Post::select().right_join(User::on(User::id.eq(Post::author_id))).order_by((User::id, Post::id)).all(&db)?;
    /// assert_eq!((rows.len(), &rows[2].0, rows[2].1.name.as_str()), (4, &None, "Bob"));
    /// # Ok::<(), orm::Error>(())
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
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let rows: Vec<(Option<User>, Option<Post>)> =
    ///     User::select().full_join(Post::on(Post::author_id.eq(User::id))).all(&db)?;
    /// assert_eq!(rows.iter().filter(|(_, post)| post.is_none()).count(), 1);
    /// # Ok::<(), orm::Error>(())
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
    ///
    /// The number of rows is the product of both.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let pairs: Vec<(User, Post)> = User::select().cross_join::<Post>().all(&db)?;
    /// assert_eq!(pairs.len(), 9);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn cross_join<S>(self) -> Select<JoinedFrom<F, Cross, S, NoFilter>, W>
    where
        S: CrossJoinIn<F::Scope>,
        Self: Joinable,
    {
        self.join(None)
    }

    /// Groups rows with equal values of a column, or of several columns in a tuple: one row of the result for each
    /// group.
    ///
    /// What the query gives must then be one per group: a column it is grouped by, any column of a table whose primary
    /// key it is grouped by, or an aggregate.
    ///
    /// ```sql
    /// group by "users"."id"
    /// ```
    ///
    /// Rows in which a grouped column is NULL are one group.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let words: Vec<(i64, i64)> = Post::select()
    ///     .group_by(Post::author_id)
    ///     .columns((Post::author_id, sum(Post::words)))
    ///     .order_by(Post::author_id)
    ///     .all(&db)?;
    /// assert_eq!(words, [(1, 2100), (3, 400)]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn group_by<E, I, K, L>(self, columns: E) -> Select<F, W, AllRows, GroupBy<L, K>>
    where
        E: GroupIn<F::Scope, I>,
        I: GroupedAt<E, Keys = K, Columns = L>,
        K: GroupKeys,
        L: GroupList,
        Self: Groupable,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: AllRows,
            group: GroupBy::new(I::into_columns(columns)),
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
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let busy: Vec<(String, i64)> = User::select()
    ///     .inner_join(Post::on(Post::author_id.eq(User::id)))
    ///     .group_by(User::id)
    ///     .having(count(Post::id).gt(1))
    ///     .columns((User::name, count(Post::id)))
    ///     .all(&db)?;
    /// assert_eq!(busy, [("Anna".to_owned(), 2)]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn having<E, I, X>(self, condition: E) -> Select<F, W, C, G, And<H, X>, O>
    where
        G: IsGrouped,
        E: HavingIn<G::Scope<F::Scope>, I, Having = X>,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: self.columns,
            group: self.group,
            having: And::new(self.having, condition.into_having()),
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
    ///
    /// What can be NULL is an `Option`, be it for the column's type, a join, or an aggregate of no rows. An aggregate
    /// beside a column of single rows does not compile.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().columns(User::name).order_by(User::id).all(&db)?;
    /// let ages: Vec<(String, Option<i32>)> = User::select().columns((User::name, User::age)).order_by(User::id).all(&db)?;
    /// assert_eq!((names[0].as_str(), ages[1].1), ("Anna", None));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn columns<E, I, L>(self, columns: E) -> Select<F, W, L, G, H, O>
    where
        E: ColumnsIn<G::Scope<F::Scope>, I, O>,
        I: ListOf<E, G::Scope<F::Scope>, List = L>,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: I::into_list(columns),
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
    ///
    /// Without an order, rows come in any. For where NULLs come, see [`asc`](crate::expr::Expr::asc).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names = User::select().columns(User::name).order_by((User::role.desc(), User::name)).all(&db)?;
    /// assert_eq!(names, ["Anna", "Bob", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn order_by<E, I, K>(self, keys: E) -> Select<F, W, C, G, H, ThenBy<O, K, I>>
    where
        E: OrderByIn<G::Scope<F::Scope>, I, C>,
        I: OrderKind<E, G::Scope<F::Scope>, Keys = K>,
    {
        Select {
            from: self.from,
            filter: self.filter,
            columns: self.columns,
            group: self.group,
            having: self.having,
            order: ThenBy::new(self.order, I::into_keys(keys)),
            distinct: self.distinct,
            page: self.page,
        }
    }

    /// Gives equal rows once.
    ///
    /// ```sql
    /// select distinct "users"."name"
    /// ```
    ///
    /// Two NULLs are equal here. What the rows are ordered by must be among the columns, otherwise running the query is
    /// [`Error::DistinctOrder`].
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let authors = Post::select().columns(Post::author_id).distinct().order_by(Post::author_id).all(&db)?;
    /// assert_eq!(authors, [1, 3]);
    /// # Ok::<(), orm::Error>(())
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
    ///
    /// A further call replaces the number. Without an order, it is open which rows they are.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let youngest = User::select().filter(User::age.is_not_null()).order_by(User::age).limit(1).one(&db)?;
    /// assert_eq!(youngest.name, "Cleo");
    /// # Ok::<(), orm::Error>(())
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
    ///
    /// A further call replaces the number. The rows skipped are read by the database all the same: for pages far in,
    /// filter by the last key seen instead.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let second = Post::select().order_by(Post::words.desc()).offset(1).first(&db)?;
    /// assert_eq!(second.map(|post| post.title).as_deref(), Some("Ownership"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.page.set_offset(rows);
        self
    }

    /// The same query with one type after every further step, for loops and branches.
    ///
    /// Sources, grouping and columns are fixed by then; filters, orders, limit and offset can still be added. Each
    /// added filter or order costs an allocation, and each combination of them is a text that is prepared once.
    ///
    /// An optional condition needs none of this: `filter` takes an `Option`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let mut query = Post::select().dynamic();
    /// for word in ["r", "ing"] {
    ///     query = query.filter(Post::title.contains(word));
    /// }
    /// if let Some(words) = Some(1000) {
    ///     query = query.filter(Post::words.gt(words));
    /// }
    /// assert_eq!(query.one(&db)?.title, "Borrowing");
    /// # Ok::<(), orm::Error>(())
    /// ```
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
    ///
    /// A query that is distinct, grouped, or has a limit or offset is counted as a subquery, so the number is that of
    /// the rows `all` would give.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the query, [`Error::Encode`] if a value cannot be sent.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(User::select().filter(User::age.ge(18)).count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn count<'a, E>(self, db: &'a E) -> E::Output<'a, i64>
    where
        Self: SelectQuery + Needy + 'a,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_one(Counted(self))
    }

    /// Whether the query gives any row.
    ///
    /// ```sql
    /// select exists (select 1 from "users" where …)
    /// ```
    ///
    /// The database stops at the first row.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the query, [`Error::Encode`] if a value cannot be sent.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert!(User::select().filter(User::name.eq("Anna")).exists(&db)?);
    /// assert!(!User::select().filter(User::name.eq("Nobody")).exists(&db)?);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn exists<'a, E>(self, db: &'a E) -> E::Output<'a, bool>
    where
        Self: SelectQuery + Needy + 'a,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_one(Exists(self))
    }

    /// The first row the query gives, if there is any, without looking whether there are more.
    ///
    /// ```sql
    /// select … limit 1
    /// ```
    ///
    /// Without an order, it is open which row is first.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the query, [`Error::Encode`] if a value cannot be sent, [`Error::Decode`] if a
    /// stored value does not fit its Rust type.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let longest: Option<Post> = Post::select().order_by(Post::words.desc()).first(&db)?;
    /// assert_eq!(longest.map(|post| post.id), Some(2));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn first<'a, E, R>(self, db: &'a E) -> E::Output<'a, Option<R>>
    where
        Self: SelectQuery + Query<Row = R> + Needy + 'a,
        R: Send + 'a,
        E: Executor + ?Sized,
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
    W: Lower,
    C: RowSource<G::Scope<F::Scope>>,
    G: Grouping,
    H: Lower,
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
    W: Lower,
    C: RowSource<G::Scope<F::Scope>>,
    G: Grouping,
    H: Lower,
    O: OrderList,
{
    type Row = C::Row;

    const WRITES: bool = false;

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
        self.select_ast().checked()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_around(out, &|_| {}, &|_| {});
    }

    #[inline]
    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<C::Row, DecodeError> {
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

/// Starts a query for one row, for `Table::find`.
pub(crate) fn find<S: Source, K, X>(key: K) -> Select<FromOne<S>, And<NoFilter, X>>
where
    <S::Table as Table>::Key: FindKey<S::Table, K, Filter = X>,
{
    let select = Select::<FromOne<S>>::new();
    Select {
        from: select.from,
        filter: And::new(NoFilter, <<S::Table as Table>::Key as FindKey<S::Table, K>>::filter(key)),
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
    ///
    /// It is written anew for each call, for reading and for logs; running a query takes it from a cache.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let query = User::select().filter(User::age.ge(18)).columns(User::name);
    /// assert_eq!(query.to_sql(Sqlite), r#"select "users"."name" from "users" where "users"."age" >= ?1"#);
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> String
    where
        Self: SelectQuery + Needy,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        crate::writer::write(&ast::Statement::Select(self.select_ast()), &dialect)
    }
}
