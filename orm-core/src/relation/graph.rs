//! Inserting a row together with the rows that belong to it.

use std::marker::PhantomData;

use super::{
    Relation, RelationDef,
    key::{KeyCell, KeyOf},
    link::link,
};
use crate::{
    dialect::{ColumnsOf, Supports},
    error::Error,
    executor::{Extent, Plan, Query, Runner, WriteExecutor},
    query::{
        AllRows, Insert, ManyAction, ManyPart, Needy, NoRows, Plainly, Returning, RowSource, WriteValues, WrittenScope,
    },
    table::{CellVisitor, Cells, Complete, Table},
    types::Encode,
};

/// New rows that belong to one that is inserted before them.
pub struct NewRelated<R, G> {
    rows: Vec<G>,
    relation: PhantomData<fn() -> R>,
}

/// A new row, alone or with rows that belong to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a new row of `{T}`",
    label = "expected the insert model of `{T}`, alone or with `.with_new(..)`"
)]
pub trait NewGraph<T>: Send + Sync {
    /// The row's insert model.
    type New: Cells<Table = T> + Send + Sync;
    /// What belongs to it.
    type Nested: NewNested<T>;
    /// Takes them apart.
    #[doc(hidden)]
    fn split(self) -> (Self::New, Self::Nested);
}

#[diagnostic::do_not_recommend]
impl<T: Table<New = N>, N: Cells<Table = T> + Send + Sync> NewGraph<T> for N {
    type New = N;
    type Nested = ();
    fn split(self) -> (N, ()) {
        (self, ())
    }
}

/// A new row with rows that belong to it: what `with_new` of an insert model gives.
#[derive(Debug, Clone)]
pub struct WithNew<N, C> {
    row: N,
    nested: C,
}

#[diagnostic::do_not_recommend]
impl<T: Table<New = N>, N: Cells<Table = T> + Send + Sync, C: NewNested<T>> NewGraph<T> for WithNew<N, C> {
    type New = N;
    type Nested = C;
    fn split(self) -> (N, C) {
        (self.row, self.nested)
    }
}

impl<N, C> WithNew<N, C> {
    /// Adds new rows of another relation. Like [`NewRow::with_new`].
    pub fn with_new<R, G>(
        self,
        relation: Relation<R>,
        rows: impl IntoIterator<Item = G>,
    ) -> WithNew<N, (NewRelated<R, G>, C)>
    where
        R: RelationDef<Owner: Table<New = N>>,
        G: NewGraph<R::Target>,
    {
        let _ = relation;
        WithNew { row: self.row, nested: (NewRelated::new(rows), self.nested) }
    }
}

/// An insert model, to which rows can be added that belong to it.
pub trait NewRow: Cells + Sized {
    /// The row together with new rows that it leads to: they are inserted after it, with its key filled in.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let dora = NewUser::new(4, "dora@example.com", "Dora");
    /// let emil = NewUser::new(5, "emil@example.com", "Emil");
    /// // What stands in the place of the key does not matter.
    /// let users = [dora.with_new(User::posts, [NewPost::new(4, 0, "Traits", 500)]), emil.with_new(User::posts, [])];
    /// assert_eq!(User::insert_graphs(users).execute(&db)?, 3);
    /// assert_eq!(User::find(4).columns(User::posts.count()).one(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn with_new<R, G>(
        self,
        relation: Relation<R>,
        rows: impl IntoIterator<Item = G>,
    ) -> WithNew<Self, (NewRelated<R, G>, ())>
    where
        R: RelationDef<Owner: Table<New = Self>>,
        G: NewGraph<R::Target>,
    {
        let _ = relation;
        WithNew { row: self, nested: (NewRelated::new(rows), ()) }
    }
}

impl<N: Cells> NewRow for N {}

impl<R, G> NewRelated<R, G> {
    fn new(rows: impl IntoIterator<Item = G>) -> Self {
        Self { rows: rows.into_iter().collect(), relation: PhantomData }
    }
}

/// New rows that belong to a row of `T`: none, or those of several relations as nested pairs.
pub trait NewNested<T>: Sized + Send + Sync {
    /// Whether there are none.
    const IS_EMPTY: bool;
    /// What a database needs for them.
    type Needs;
    /// Inserts what belongs to these rows, and gives the number of rows inserted.
    #[doc(hidden)]
    fn insert<X: Runner>(all: Vec<Self>, on: &X, parents: &[T]) -> impl Future<Output = Result<u64, Error>> + Send;
}

impl<T: Sync> NewNested<T> for () {
    const IS_EMPTY: bool = true;
    type Needs = ();

    async fn insert<X: Runner>(_all: Vec<()>, _on: &X, _parents: &[T]) -> Result<u64, Error> {
        Ok(0)
    }
}

impl<T, R, G, Rest> NewNested<T> for (NewRelated<R, G>, Rest)
where
    T: Table + Sync,
    R: RelationDef<Owner = T, Target: Sync>,
    G: NewGraph<R::Target>,
    Rest: NewNested<T>,
{
    const IS_EMPTY: bool = false;
    type Needs = ((ColumnsOf<R::Target>, <G::Nested as NewNested<R::Target>>::Needs), Rest::Needs);

    async fn insert<X: Runner>(all: Vec<Self>, on: &X, parents: &[T]) -> Result<u64, Error> {
        let (own, rest): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        // In the order in which they were given.
        let inserted = Rest::insert(rest, on, parents).await?;
        Ok(inserted + insert_related::<T, R, G, X>(own, on, parents).await?)
    }
}

/// Inserts the rows of one relation for all rows that they belong to.
async fn insert_related<T, R, G, X>(all: Vec<NewRelated<R, G>>, on: &X, parents: &[T]) -> Result<u64, Error>
where
    T: Table + Sync,
    R: RelationDef<Owner = T, Target: Sync>,
    G: NewGraph<R::Target>,
    X: Runner,
{
    const {
        assert!(
            !R::INFO.owner_has_key,
            "`with_new` inserts rows that belong to the one before: insert the row that this one belongs to first"
        );
    }
    let straight = R::INFO.through.is_none();
    let (mut rows, mut nested, mut owners) = (Vec::new(), Vec::new(), Vec::new());
    for (owner, related) in all.into_iter().enumerate() {
        let cells = if straight { key_cells::<R>(&parents[owner]) } else { Vec::new() };
        for graph in related.rows {
            let (row, children) = graph.split();
            rows.push(Keyed { row, cells: cells.clone() });
            nested.push(children);
            owners.push(owner);
        }
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let mut inserted = rows.len() as u64;
    if straight && <G::Nested as NewNested<R::Target>>::IS_EMPTY {
        insert_rows(on, &rows, &Plainly, &NoRows, |()| Ok(())).await?;
        return Ok(inserted);
    }
    let mut written: Vec<R::Target> = Vec::with_capacity(rows.len());
    insert_rows(on, &rows, &Plainly, &AllRows, |row| {
        written.push(row);
        Ok(())
    })
    .await?;
    if written.len() != rows.len() {
        return Err(Error::Skipped { table: R::INFO.target.name });
    }
    drop(rows);
    if !straight {
        let pairs = owners.iter().zip(&written).map(|(&owner, row)| (&parents[owner], row));
        inserted += link::<R, X>(on, pairs).await?;
    }
    Ok(inserted + <G::Nested as NewNested<R::Target>>::insert(nested, on, &written).await?)
}

/// Inserts any number of rows.
pub(super) async fn insert_rows<X, T, N, A, C>(
    on: &X,
    rows: &[N],
    action: &A,
    columns: &C,
    mut take: impl FnMut(C::Row) -> Result<(), Error> + Send,
) -> Result<u64, Error>
where
    X: Runner,
    T: Table,
    N: Cells<Table = T> + Send + Sync,
    A: ManyAction<T>,
    C: RowSource<WrittenScope<T>>,
{
    let (mut rest, mut changed) = (rows, 0);
    while let Some((part, taken)) = ManyPart::next(rest, action, columns, on.dialect()) {
        changed += on.rows(&part, &mut take).await?;
        rest = &rest[taken..];
    }
    Ok(changed)
}

/// The key of a row as cells of the rows that belong to it: for each, the position of the target's column.
fn key_cells<R: RelationDef>(owner: &R::Owner) -> Vec<(usize, KeyCell)> {
    let (own, others) = (R::INFO.owner_key.as_slice(), R::INFO.target_key.as_slice());
    let cell =
        |(&own, &other): (&usize, &usize)| (other, KeyOf::cell(owner, own, R::INFO.target.columns[other].sql_type));
    own.iter().zip(others).map(cell).collect()
}

/// A new row, some of whose cells are the key of another one.
struct Keyed<N> {
    row: N,
    cells: Vec<(usize, KeyCell)>,
}

impl<N: Cells> Cells for Keyed<N> {
    type Table = N::Table;
    const COLUMNS: &'static [&'static str] = N::COLUMNS;

    fn visit<'a, V: CellVisitor<'a>>(&'a self, visitor: &mut V) {
        let position = |name: &str| <N::Table as Table>::DEF.columns.iter().position(|column| column.name == name);
        let columns = N::COLUMNS.iter().map(|name| position(name));
        self.row.visit(&mut Replacing { visitor, cells: &self.cells, columns });
    }
}

/// Shows other cells in the place of some.
struct Replacing<'a, 'v, V, I> {
    visitor: &'v mut V,
    cells: &'a [(usize, KeyCell)],
    columns: I,
}

impl<'a, V, I: Iterator<Item = Option<usize>>> Replacing<'a, '_, V, I> {
    fn replacement(&mut self) -> Option<&'a KeyCell> {
        let column = self.columns.next().flatten()?;
        self.cells.iter().find(|(at, _)| *at == column).map(|(_, cell)| cell)
    }
}

impl<'a, V: CellVisitor<'a>, I: Iterator<Item = Option<usize>>> CellVisitor<'a> for Replacing<'a, '_, V, I> {
    fn given<T: Encode>(&mut self, value: &'a T) {
        match self.replacement() {
            Some(cell) => self.visitor.given(cell),
            None => self.visitor.given(value),
        }
    }

    fn left_out(&mut self) {
        match self.replacement() {
            Some(cell) => self.visitor.given(cell),
            None => self.visitor.left_out(),
        }
    }
}

/// An insert of a row together with rows that belong to it.
///
/// All of them are inserted, in one transaction, or none. It takes a statement for the row, and one for the rows of each relation
/// and level, however many there are, as far as the database takes them in one.
#[must_use = "an insert does nothing until it is run, for example with `.execute(&db)`"]
pub struct InsertGraph<T, Q, C> {
    insert: Q,
    nested: C,
    table: PhantomData<fn() -> T>,
}

impl<T: Table, S, V: WriteValues> Insert<T, S, V> {
    /// Inserts new rows that belong to this one after it, with its key filled in.
    ///
    /// What the new rows say of that key does not matter. Of a relation through a table between, rows of that table are inserted, too,
    /// whose other columns get their defaults.
    ///
    /// ```sql
    /// insert into "users" (…) values (…) returning …;
    /// insert into "posts" ("author_id", …) values ($1, …), …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let dora = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "dora@example.com")
    ///     .set(User::name, "Dora")
    ///     .with_new(User::posts, [NewPost::new(4, 0, "Traits", 500), NewPost::new(5, 0, "Macros", 700)])
    ///     .returning()
    ///     .one(&db)?;
    /// assert_eq!(User::posts.load_into(&[dora], &db)?[0].len(), 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn with_new<R, G>(
        self,
        relation: Relation<R>,
        rows: impl IntoIterator<Item = G>,
    ) -> InsertGraph<T, Returning<T, Self>, (NewRelated<R, G>, ())>
    where
        S: Complete,
        R: RelationDef<Owner = T>,
        G: NewGraph<R::Target>,
    {
        let _ = relation;
        InsertGraph { insert: self.returning(), nested: (NewRelated::new(rows), ()), table: PhantomData }
    }
}

impl<T: Table, Q, C> InsertGraph<T, Q, C> {
    /// Inserts new rows of another relation, too. Like [`Insert::with_new`].
    pub fn with_new<R, G>(
        self,
        relation: Relation<R>,
        rows: impl IntoIterator<Item = G>,
    ) -> InsertGraph<T, Q, (NewRelated<R, G>, C)>
    where
        R: RelationDef<Owner = T>,
        G: NewGraph<R::Target>,
    {
        let _ = relation;
        InsertGraph { insert: self.insert, nested: (NewRelated::new(rows), self.nested), table: PhantomData }
    }

    /// Runs the insert and gives the number of all rows that were inserted.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a row, for instance for a key that is taken; nothing is inserted then.
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        Self: Plan<Output = (T, u64)> + Needy + 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.run_plan(Counting(self))
    }

    /// Gives the row that was inserted, without those that belong to it.
    pub fn returning(self) -> GraphReturning<Self> {
        GraphReturning(self)
    }
}

impl<T, Q: Needy, C: NewNested<T>> Needy for InsertGraph<T, Q, C> {
    type Needs = (Q::Needs, C::Needs);
}

impl<T, Q, C> Plan for InsertGraph<T, Q, C>
where
    T: Table + Sync,
    Q: Query<Row = T>,
    C: NewNested<T>,
{
    type Output = (T, u64);

    const EXTENT: Extent = Extent::Writes;

    async fn run<X: Runner>(self, on: &X) -> Result<(T, u64), Error> {
        let mut rows = Vec::with_capacity(1);
        on.rows(&self.insert, |row| {
            rows.push(row);
            Ok(())
        })
        .await?;
        if rows.is_empty() {
            return Err(Error::Skipped { table: T::NAME });
        }
        let inserted = C::insert(vec![self.nested], on, &rows).await?;
        let row = rows.pop().ok_or(Error::Skipped { table: T::NAME })?;
        Ok((row, 1 + inserted))
    }
}

/// The number of rows of an insert.
struct Counting<P>(P);

impl<T: Send, P: Plan<Output = (T, u64)>> Plan for Counting<P> {
    type Output = u64;

    const EXTENT: Extent = Extent::Writes;

    async fn run<X: Runner>(self, on: &X) -> Result<u64, Error> {
        self.0.run(on).await.map(|(_, rows)| rows)
    }
}

/// An insert of a row with rows that belong to it, of which the row is given.
#[must_use = "an insert does nothing until it is run, for example with `.one(&db)`"]
pub struct GraphReturning<P>(P);

impl<T: Send, P: Plan<Output = (T, u64)>> Plan for GraphReturning<P> {
    type Output = T;

    const EXTENT: Extent = Extent::Writes;

    async fn run<X: Runner>(self, on: &X) -> Result<T, Error> {
        self.0.run(on).await.map(|(row, _)| row)
    }
}

impl<P: Needy> GraphReturning<P> {
    /// Runs the insert and gives the row.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a row, for instance for a key that is taken; nothing is inserted then.
    pub fn one<'a, E, T>(self, db: &'a E) -> E::Output<'a, T>
    where
        P: Plan<Output = (T, u64)> + 'a,
        T: Send + 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<P::Needs>,
    {
        db.run_plan(self)
    }
}

/// An insert of any number of rows, each with rows that belong to it.
#[must_use = "an insert does nothing until it is run, for example with `.execute(&db)`"]
pub struct InsertGraphs<T, G> {
    rows: Vec<G>,
    table: PhantomData<fn() -> T>,
}

impl<T: Table + Sync, G: NewGraph<T>> InsertGraphs<T, G> {
    pub(crate) fn new(rows: impl IntoIterator<Item = G>) -> Self {
        Self { rows: rows.into_iter().collect(), table: PhantomData }
    }

    /// Runs the insert and gives the number of all rows that were inserted.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a row, for instance for a key that is taken; nothing is inserted then.
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        Self: 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<(ColumnsOf<T>, <G::Nested as NewNested<T>>::Needs)>,
    {
        db.run_plan(Counting(self))
    }

    /// Runs the insert and gives the rows, without those that belong to them.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a row, for instance for a key that is taken; nothing is inserted then.
    pub fn all<'a, E>(self, db: &'a E) -> E::Output<'a, Vec<T>>
    where
        Self: 'a,
        T: 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<(ColumnsOf<T>, <G::Nested as NewNested<T>>::Needs)>,
    {
        db.run_plan(GraphReturning(self))
    }
}

impl<T: Table + Sync, G: NewGraph<T>> Plan for InsertGraphs<T, G> {
    type Output = (Vec<T>, u64);

    const EXTENT: Extent = Extent::Writes;

    async fn run<X: Runner>(self, on: &X) -> Result<(Vec<T>, u64), Error> {
        let (rows, nested): (Vec<G::New>, Vec<G::Nested>) = self.rows.into_iter().map(NewGraph::split).unzip();
        let mut written: Vec<T> = Vec::with_capacity(rows.len());
        insert_rows(on, &rows, &Plainly, &AllRows, |row| {
            written.push(row);
            Ok(())
        })
        .await?;
        if written.len() != rows.len() {
            return Err(Error::Skipped { table: T::NAME });
        }
        let related = G::Nested::insert(nested, on, &written).await?;
        let count = written.len() as u64 + related;
        Ok((written, count))
    }
}
