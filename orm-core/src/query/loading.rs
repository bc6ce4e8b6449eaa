//! Queries that load relations of their rows.

use std::marker::PhantomData;

use super::{
    fetch::Needy,
    filter::{FilterIn, NoFilter},
    join::FromClause,
    order::{OrderByIn, ThenBy},
    scoped::ScopeSaid,
    select::{AllRows, Select, SelectQuery},
    selection::{Columns, Decoder, Reading},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Executor, Extent, Plan, Query, QueryKey, Runner, Shape},
    expr::{And, OrderKind},
    query::group::Ungrouped,
    relation::{
        Append, Direct, Extras, ExtrasOf, Found, Itself, Loadable, Loads, OwnedBy, RelatedIn, RelatedRows, RowShape,
        ShapeOf, ShapeRows, TargetRow, column,
    },
    table::Table,
    types::{Binder, DecodeError, RowRead},
    writer,
};

/// A query whose rows are read together with what they are related to.
///
/// [`with`](Select::with), [`extra`](Select::extra) and [`rows_as`](Select::rows_as) make one of a query. It runs one statement for
/// each level of relations, whatever the number of rows, and all of them see the same state of the database; inside a transaction, they
/// see what its isolation says.
#[must_use = "a query does nothing until it is run, for example with `.all(&db)`"]
pub struct Loading<Q, T, C = TargetRow<Itself<T>>, N = (), X = Extras> {
    query: Q,
    columns: C,
    nested: N,
    extras: X,
    table: PhantomData<fn() -> T>,
}

/// A query of whole rows of one table, for which relations can be loaded.
#[diagnostic::on_unimplemented(
    message = "relations are loaded for the whole rows of one table",
    label = "this query joins, groups or chooses columns",
    note = "filter through a relation instead of joining: `.filter(User::posts.any(..))`; to choose columns, use `.rows_as::<Shape>()`"
)]
pub trait WholeTable {
    /// The table.
    type Table: Table;
}
#[diagnostic::do_not_recommend]
impl<T: Table, F: FromClause<Scope = Direct<T>>, W, O> WholeTable for Select<F, W, AllRows, Ungrouped, NoFilter, O> {
    type Table = T;
}

impl<F, W, C, G, H, O> Select<F, W, C, G, H, O> {
    /// Loads a relation of the rows, too.
    ///
    /// What was loaded is read by a method of the row that is named like the relation; reading a relation that was not
    /// loaded does not compile. One statement for each level of relations, whatever the number of rows.
    ///
    /// ```sql
    /// select … from "users";
    /// select … from "posts" where "posts"."author_id" = any($1)                            -- PostgreSQL
    /// select … from "posts" where "posts"."author_id" in (select value from json_each(?1))   -- SQLite
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users = User::select().with(User::posts.order_by(Post::id)).order_by(User::id).all(&db)?;
    /// assert_eq!(users[0].name, "Anna");
    /// assert_eq!(users[0].posts()[1].title, "Borrowing");
    /// assert!(users[1].posts().is_empty());
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn with<L, T>(self, relation: L) -> Loading<Self, T, TargetRow<Itself<T>>, (L, ())>
    where
        F: ScopeSaid,
        Self: WholeTable<Table = T>,
        L: Loadable<Owner: OwnedBy<T>>,
    {
        Loading::new(self, TargetRow::NEW, (relation, ()))
    }

    /// Reads an expression beside each row, under a name.
    ///
    /// It is among what `extras()` of the row gives, in the order of the calls; the name is the one it is serialized
    /// under. Up to eight.
    ///
    /// ```sql
    /// select "users"."id", …, (select count(*) from "posts" where "posts"."author_id" = "users"."id") from "users"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users = User::select().extra("posts", User::posts.count()).order_by(User::id).all(&db)?;
    /// assert_eq!((users[0].name.as_str(), *users[0].extras()), ("Anna", 2));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn extra<E, I, L, D, T>(
        self,
        name: &'static str,
        value: E,
    ) -> Loading<Self, T, TargetRow<Itself<T>>, (), Extras<(L,), (D,)>>
    where
        F: ScopeSaid,
        Self: WholeTable<Table = T>,
        T: Table,
        E: RelatedIn<Direct<T>, I>,
        I: Reading<E, Direct<T>, Columns = L, Decoder = D>,
    {
        let extras = Extras::NONE.and(name, I::into_columns(value));
        Loading { query: self, columns: TargetRow::NEW, nested: (), extras, table: PhantomData }
    }

    /// Reads each row as a struct that says which columns and relations it has.
    ///
    /// The struct derives `Row` and says `#[row(of = User)]`. Its fields are columns of the same names, and relations:
    /// `#[row(relation = User::posts)] posts: Vec<PostTitle>`. Only these columns are read.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// #[derive(Debug, PartialEq, Row)]
    /// #[row(of = User)]
    /// struct Author {
    ///     name: String,
    ///     #[row(relation = User::posts)]
    ///     posts: Vec<Title>,
    /// }
    ///
    /// #[derive(Debug, PartialEq, Row)]
    /// #[row(of = Post)]
    /// struct Title {
    ///     title: String,
    /// }
    ///
    /// let authors: Vec<Author> = User::select().rows_as::<Author>().filter(User::age.lt(18)).all(&db)?;
    /// assert_eq!(authors, [Author { name: "Cleo".to_owned(), posts: vec![Title { title: "Lifetimes".to_owned() }] }]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn rows_as<S>(self) -> Loading<Self, S::Of, ShapeRows<S>, S::Loads>
    where
        F: ScopeSaid,
        S: RowShape,
        Self: WholeTable<Table: ShapeOf<S::Of>>,
    {
        Loading::new(self, ShapeRows::NEW, S::loads())
    }
}

impl<Q, T, C, N> Loading<Q, T, C, N> {
    fn new(query: Q, columns: C, nested: N) -> Self {
        Self { query, columns, nested, extras: Extras::NONE, table: PhantomData }
    }
}

impl<Q, T: Table, N, E, D> Loading<Q, T, TargetRow<Itself<T>>, N, Extras<E, D>> {
    /// Loads another relation of the rows. Like [`Select::with`].
    pub fn with<L>(self, relation: L) -> Loading<Q, T, TargetRow<Itself<T>>, (L, N), Extras<E, D>>
    where
        L: Loadable<Owner: OwnedBy<T>>,
    {
        let Self { query, columns, nested, extras, table } = self;
        Loading { query, columns, nested: (relation, nested), extras, table }
    }

    /// Reads another expression beside each row. Like [`Select::extra`].
    pub fn extra<F, I, E2, D2>(
        self,
        name: &'static str,
        value: F,
    ) -> Loading<Q, T, TargetRow<Itself<T>>, N, Extras<E2, D2>>
    where
        F: RelatedIn<Direct<T>, I>,
        I: Reading<F, Direct<T>>,
        E: Append<I::Columns, Out = E2>,
        D: Append<I::Decoder, Out = D2>,
    {
        let Self { query, columns, nested, extras, table } = self;
        Loading { query, columns, nested, extras: extras.and(name, I::into_columns(value)), table }
    }
}

impl<Q, T, C, N, X> Loading<Q, T, C, N, X> {
    fn change<Q2>(self, make: impl FnOnce(Q) -> Q2) -> Loading<Q2, T, C, N, X> {
        let Self { query, columns, nested, extras, table } = self;
        Loading { query: make(query), columns, nested, extras, table }
    }
}

impl<T, F, W, O, C, N, X> Loading<Select<F, W, AllRows, Ungrouped, NoFilter, O>, T, C, N, X>
where
    T: Table,
    F: FromClause<Scope = Direct<T>>,
{
    /// Keeps the rows that meet a condition, and all earlier ones. Like [`Select::filter`].
    pub fn filter<E, I, Y>(
        self,
        condition: E,
    ) -> Loading<Select<F, And<W, Y>, AllRows, Ungrouped, NoFilter, O>, T, C, N, X>
    where
        E: FilterIn<Direct<T>, I, Filter = Y>,
    {
        self.change(|query| query.filter(condition))
    }

    /// Orders the rows. Like [`Select::order_by`].
    pub fn order_by<E, I, K>(
        self,
        keys: E,
    ) -> Loading<Select<F, W, AllRows, Ungrouped, NoFilter, ThenBy<O, K, I>>, T, C, N, X>
    where
        E: OrderByIn<Direct<T>, I, AllRows>,
        I: OrderKind<E, Direct<T>, Keys = K>,
    {
        self.change(|query| query.order_by(keys))
    }

    /// Gives at most this many rows. Like [`Select::limit`].
    pub fn limit(self, rows: u64) -> Self {
        self.change(|query| query.limit(rows))
    }

    /// Skips this many rows. Like [`Select::offset`].
    pub fn offset(self, rows: u64) -> Self {
        self.change(|query| query.offset(rows))
    }
}

/// The ways to run a query that loads.
macro_rules! load_methods {
    ($($(#[$doc:meta])* $name:ident => $how:ident, |$row:ident| $output:ty, $($first:ident)?;)*) => {$(
        $(#[$doc])*
        pub fn $name<'a, E, $row>(self, db: &'a E) -> E::Output<'a, $output>
        where
            Self: Needy + 'a,
            Q: SelectQuery,
            T: Table,
            C: RelatedRows<N, X::Values, Row = $row>,
            N: Loads,
            X: ExtrasOf,
            $row: Send + 'a,
            E: Executor + ?Sized,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            $(let this = self.change(Q::$first);)?
            db.run_plan(LoadRows { loading: load_methods!(@this self this $($first)?), how: PhantomData::<$how> })
        }
    )*};
    (@this $self:ident $this:ident) => { $self };
    (@this $self:ident $this:ident $first:ident) => { $this };
}

impl<Q, T, C, N, X> Loading<Q, T, C, N, X> {
    load_methods! {
        /// Runs the query and gives all its rows, with what was loaded for them.
        ///
        /// # Errors
        /// Those of [`Select::all`], and [`Error::NotRelated`] if a row that a relation to one row leads to is not there.
        all => All, |R| Vec<R>,;
        /// Runs the query and gives its only row. None is [`Error::NotFound`], several are [`Error::MultipleRows`].
        ///
        /// # Errors
        /// [`Error::NotFound`], [`Error::MultipleRows`], and those of [`all`](Loading::all).
        one => One, |R| R,;
        /// Runs the query and gives its only row, if there is one. Several are [`Error::MultipleRows`].
        ///
        /// # Errors
        /// [`Error::MultipleRows`], and those of [`all`](Loading::all).
        optional => Optional, |R| Option<R>,;
        /// Runs the query and gives its first row, if there is any, without looking whether there are more.
        ///
        /// # Errors
        /// Those of [`all`](Loading::all).
        first => First, |R| Option<R>, into_first;
    }

    /// The texts of the statements, with placeholders: one for each level, the query's own first.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let texts = User::select().with(User::posts).to_sql(Sqlite);
    /// assert_eq!(texts.len(), 2);
    /// assert!(texts[1].ends_with(r#"where "posts"."author_id" in (select value from json_each(?1))"#));
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> Vec<String>
    where
        Self: Needy,
        Q: SelectQuery,
        T: Table,
        C: RelatedRows<N, X::Values>,
        N: Loads,
        X: ExtrasOf,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        let statement = ast::Statement::Select(self.root().select_ast());
        let mut texts = vec![writer::write(&statement, &dialect)];
        self.nested.sql(&dialect, &mut texts);
        texts
    }

    fn root(&self) -> Root<'_, Q, T, C, N, X>
    where
        C: RelatedRows<N, X::Values>,
        N: Loads,
        X: ExtrasOf,
    {
        let keys = self.nested.all_key_columns();
        let width = C::WIDTH + <X::Columns as Columns>::WIDTH;
        let places = self.nested.places(&mut |at| if C::WHOLE { keys[at] } else { width + at });
        Root { loading: self, places }
    }
}

impl<Q, T, C, N, X> Needy for Loading<Q, T, C, N, X>
where
    Q: Needy,
    C: RelatedRows<N, X::Values>,
    N: Loads,
    X: ExtrasOf,
{
    type Needs = (Q::Needs, (C::Needs, (N::Needs, X::Needs)));
}

/// The statement for the rows themselves.
struct Root<'l, Q, T, C, N: Loads, X> {
    loading: &'l Loading<Q, T, C, N, X>,
    places: N::Places,
}

impl<Q, T, C, N, X> Root<'_, Q, T, C, N, X>
where
    Q: SelectQuery,
    T: Table,
    C: RelatedRows<N, X::Values>,
    N: Loads,
    X: ExtrasOf,
{
    fn select_ast(&self) -> ast::Select {
        let Loading { query, columns, nested, extras, .. } = self.loading;
        let mut select = query.select_ast();
        select.columns.clear();
        columns.lower(&mut select.columns);
        extras.columns().lower(&mut select.columns);
        if !C::WHOLE {
            let keys = nested.all_key_columns();
            select.columns.extend(keys.iter().map(|&at| column(T::DEF, T::NAME, at)));
        }
        select
    }
}

impl<Q, T, C, N, X> Query for Root<'_, Q, T, C, N, X>
where
    Q: SelectQuery,
    T: Table,
    C: RelatedRows<N, X::Values>,
    N: Loads,
    X: ExtrasOf,
{
    type Row = Found<C::Flat, <X::Values as Decoder>::Row, N::Keys>;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        shape.add(self.loading.query.key().shape());
        self.loading.columns.add_shape(&mut shape);
        self.loading.extras.columns().shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        self.select_ast().checked()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.loading.columns.bind(out);
        self.loading.extras.columns().bind(out);
        self.loading.query.bind(out);
    }

    #[inline]
    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Self::Row, DecodeError> {
        let (found, extras) = (C::decode(row)?, <X::Values as Decoder>::decode(row, C::WIDTH)?);
        Ok(Found { row: found, extras, keys: N::read(&self.places, row)? })
    }
}

/// What becomes of the rows.
trait How: Send + 'static {
    type Output<T: Send>: Send;
    /// Whether a second row is an error.
    const ONLY: bool;
    fn finish<T: Send>(rows: Vec<T>, table: &'static str) -> Result<Self::Output<T>, Error>;
}

enum All {}
enum One {}
enum Optional {}
enum First {}

impl How for All {
    type Output<T: Send> = Vec<T>;
    const ONLY: bool = false;
    fn finish<T: Send>(rows: Vec<T>, _table: &'static str) -> Result<Vec<T>, Error> {
        Ok(rows)
    }
}

impl How for One {
    type Output<T: Send> = T;
    const ONLY: bool = true;
    fn finish<T: Send>(mut rows: Vec<T>, table: &'static str) -> Result<T, Error> {
        rows.pop().ok_or(Error::NotFound { table })
    }
}

impl How for Optional {
    type Output<T: Send> = Option<T>;
    const ONLY: bool = true;
    fn finish<T: Send>(mut rows: Vec<T>, _table: &'static str) -> Result<Option<T>, Error> {
        Ok(rows.pop())
    }
}

impl How for First {
    type Output<T: Send> = Option<T>;
    const ONLY: bool = false;
    fn finish<T: Send>(rows: Vec<T>, _table: &'static str) -> Result<Option<T>, Error> {
        Ok(rows.into_iter().next())
    }
}

/// A query that loads, and what becomes of its rows.
struct LoadRows<Q, T, C, N, X, H> {
    loading: Loading<Q, T, C, N, X>,
    how: PhantomData<H>,
}

impl<Q, T, C, N, X, H> Plan for LoadRows<Q, T, C, N, X, H>
where
    Q: SelectQuery,
    T: Table,
    C: RelatedRows<N, X::Values>,
    N: Loads,
    X: ExtrasOf,
    H: How,
{
    type Output = H::Output<C::Row>;

    const EXTENT: Extent = if N::IS_EMPTY { Extent::ReadsOnce } else { Extent::Reads };

    async fn run<R: Runner>(self, on: &R) -> Result<Self::Output, Error> {
        let mut rows = Vec::new();
        let mut parents = N::Parents::default();
        let Loading { nested, extras, .. } = &self.loading;
        let root = self.loading.root();
        on.rows(&root, |found| {
            if H::ONLY && !rows.is_empty() {
                return Err(Error::MultipleRows { table: T::NAME });
            }
            rows.push((found.row, found.extras));
            N::push(found.keys, &mut parents);
            Ok(())
        })
        .await?;
        let entries = nested.load(on, parents, rows.len()).await?;
        let names = extras.names();
        let rows = rows.into_iter().zip(entries);
        H::finish(rows.map(|((row, extras), entries)| C::assemble(row, entries, extras, &names)).collect(), T::NAME)
    }
}
