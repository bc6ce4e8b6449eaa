//! `insert` of one row.

use std::marker::PhantomData;

use super::{
    assign::{Assign, NothingSet, NothingYet, SetList, ValueIn},
    conflict::{ConflictTarget, OnConflict},
    fetch::Needy,
    returning::{Returnable, Returning},
};
use crate::{
    ast,
    dialect::{ColumnsOf, Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    expr::Column,
    scope::Nil,
    table::{BindCells, Cells, ColumnDef, Complete, GivenCells, Insertable, NameCells, Put, Settable, Table, UniqueOn},
    types::{Binder, DecodeError, RowRead},
};

/// No values yet.
pub type NoValues = NothingSet;

/// An insert of one row into table `T`.
///
/// Its type keeps which columns have a value (`S`), so that one left out, or given twice, does not compile.
#[must_use = "an insert does nothing until it is run, for example with `.execute(&db)`"]
pub struct Insert<T, S, V> {
    values: V,
    state: PhantomData<fn() -> (T, S)>,
}

impl<T: Table> Insert<T, T::Slots, NoValues> {
    pub(crate) fn new() -> Self {
        Self { values: NothingSet, state: PhantomData }
    }
}

impl<T: Table, S, V> Insert<T, S, V> {
    /// Inserts this row: `&NewUser` or `NewUser`. What is `None` in it gets its default, or NULL.
    ///
    /// ```sql
    /// insert into "users" ("email", "name") values ($1, $2)
    /// ```
    ///
    /// Rows that give the same columns have the same text.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let dora = NewUser { age: Some(40), ..NewUser::new(4, "dora@example.com", "Dora") };
    /// User::insert().values(&dora).execute(&db)?;
    /// assert_eq!(User::find(4).one(&db)?.age, Some(40));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn values<R, X>(self, row: R) -> Insert<T, AllGiven, NewRow<T, X>>
    where
        R: InsertRow<T::New, Checked = X>,
        V: NothingYet,
    {
        Insert { values: NewRow { row: row.checked(), table: PhantomData }, state: PhantomData }
    }
}

/// The insert state of a row from a model: it has what it needs.
pub struct AllGiven;
impl Complete for AllGiven {}

impl<T: Table, S, V: SetList> Insert<T, S, V> {
    /// Gives a column a value, or the value of an expression without columns.
    ///
    /// ```sql
    /// insert into "users" ("email") values ($1)
    /// ```
    ///
    /// Takes what converts to the column's type, and an `Option` for a column that may be NULL. Setting a column twice,
    /// or one the database computes, does not compile.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let dora = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "dora@example.com")
    ///     .set(User::name, "Do".to_owned() + "ra")
    ///     .set(User::age, Some(40))
    ///     .returning()
    ///     .one(&db)?;
    /// assert_eq!((dora.name.as_str(), dora.age), ("Dora", Some(40)));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn set<C, E, X, I, P, Out>(self, column: Column<C, T>, value: E) -> Insert<T, Out, (V, Assign<C, X>)>
    where
        C: ColumnDef<Table = T>,
        C::Role: Insertable<C>,
        S: Put<C::Path, C, Slot = P, Out = Out>,
        P: Settable<C>,
        E: ValueIn<Nil, I, C, Expr = X>,
    {
        let _ = column;
        Insert { values: (self.values, Assign::new(value.into_value())), state: PhantomData }
    }
}

impl<T: Table, S, V> Insert<T, S, V> {
    /// Inserts a row in which every column gets its default.
    ///
    /// ```sql
    /// insert into "users" default values
    /// ```
    ///
    /// Compiles only if no column is required.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// #[derive(Debug, PartialEq, Table)]
    /// struct Counter {
    ///     #[column(primary_key, auto_increment)]
    ///     id: i64,
    ///     #[column(default = 10)]
    ///     value: i32,
    /// }
    /// schema! { fn schema() = [Counter] }
    ///
    /// let db = orm::sqlite::Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// let counter = Counter::insert().default_values().returning().one(&db)?;
    /// assert_eq!(counter, Counter { id: 1, value: 10 });
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn default_values(self) -> Insert<T, AllGiven, DefaultValues>
    where
        S: Complete,
        V: NothingYet,
    {
        Insert { values: DefaultValues, state: PhantomData }
    }
}

impl<T: Table, S, V: WriteValues> Insert<T, S, V> {
    /// What to do if a row with the same key exists. The target is a unique column, or a tuple of columns that are
    /// unique together.
    ///
    /// ```sql
    /// on conflict ("email") do …
    /// ```
    ///
    /// Columns that are not unique do not compile. A conflict with another unique key is still an error.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "anna@example.com")
    ///     .set(User::name, "Dora")
    ///     .on_conflict(User::email)
    ///     .do_nothing()
    ///     .execute(&db)?;
    /// assert_eq!(User::select().count(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn on_conflict<K, U>(self, target: K) -> OnConflict<T, Self, U>
    where
        K: ConflictTarget<T, Key = U>,
        T: UniqueOn<U>,
        S: Complete,
        V: NamesColumns,
    {
        let _ = target;
        OnConflict::new(self)
    }

    /// Gives the inserted row back, with its defaults filled in; `.columns(..)` after it gives some columns.
    ///
    /// ```sql
    /// insert into … returning "users"."id", …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let role = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "dora@example.com")
    ///     .set(User::name, "Dora")
    ///     .returning()
    ///     .columns(User::role)
    ///     .one(&db)?;
    /// assert_eq!(role, Role::Member);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn returning(self) -> Returning<T, Self>
    where
        S: Complete,
    {
        Returning::new(self)
    }

    /// Inserts the row and gives the number of rows inserted, 1.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the statement, with the violated constraint in [`Error::violation`], and
    /// [`Error::Encode`] if a value cannot be stored.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let inserted = User::insert().values(NewUser::new(4, "dora@example.com", "Dora")).execute(&db)?;
    /// assert_eq!(inserted, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        S: Complete,
        Self: Query + Needy + 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.execute(self)
    }

    /// The text of the statement in this dialect, with placeholders.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let insert = User::insert().values(NewUser::new(4, "dora@example.com", "Dora"));
    /// assert_eq!(
    ///     insert.to_sql(Sqlite),
    ///     r#"insert into "users" ("id", "email", "name", "age") values (?1, ?2, ?3, ?4)"#
    /// );
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> String
    where
        S: Complete,
        Self: Needy,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        crate::writer::write(&ast::Statement::Insert(self.insert_ast()), &dialect)
    }
}

/// An insert without an answer to conflicts.
pub trait InsertStatement: Send + Sync {
    /// What a database needs for it.
    type InsertNeeds;
    /// The statement without its values.
    fn insert_ast(&self) -> ast::Insert;
    /// Adds what the text depends on at run time.
    fn add_insert_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_insert<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// Where the values of an inserted row come from.
pub trait WriteValues: Send + Sync {
    /// What a database needs for them.
    type Needs;
    /// Adds columns and values as plain data.
    fn to_row(&self, insert: &mut ast::Insert);
    /// Adds what the text depends on at run time.
    fn add_row_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_row<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<V: SetList> WriteValues for V {
    type Needs = V::Needs;

    fn to_row(&self, insert: &mut ast::Insert) {
        let mut set = Vec::new();
        self.to_assignments(&mut set);
        let (columns, values) = set.into_iter().map(|assignment| (assignment.column, assignment.value)).unzip();
        insert.columns = columns;
        insert.rows = ast::Rows::Values(vec![values]);
    }

    fn add_row_shape(&self, shape: &mut Shape) {
        self.add_set_shape(shape);
    }

    fn bind_row<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_set(out);
    }
}

/// Values for columns that are named, so that a conflict on one of them has an answer.
#[diagnostic::on_unimplemented(
    message = "a row of defaults has no `on_conflict`",
    label = "no column has a value yet",
    note = "give the columns of the conflict target values with `.set(..)` first: `default values` takes no answer to conflicts"
)]
pub trait NamesColumns {}
impl<V, C, X> NamesColumns for (V, Assign<C, X>) {}
impl<T, R> NamesColumns for NewRow<T, R> {}

/// Every column gets its default.
pub struct DefaultValues;

impl WriteValues for DefaultValues {
    type Needs = ();
    fn to_row(&self, _insert: &mut ast::Insert) {}
    fn add_row_shape(&self, _shape: &mut Shape) {}
    fn bind_row<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// A row from an insert model `N`, owned or borrowed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{N}`",
    label = "expected a `{N}`, or a reference to one",
    note = "`NewUser` is the insert model of `User`"
)]
pub trait InsertRow<N>: Send + Sync {
    /// This type again, known only if it is a row of the table, so that something else is reported once.
    #[doc(hidden)]
    type Checked: InsertRow<N>;
    #[doc(hidden)]
    fn checked(self) -> Self::Checked;
    /// The model.
    fn row(&self) -> &N;
}

#[diagnostic::do_not_recommend]
impl<N: Cells + Send + Sync> InsertRow<N> for N {
    type Checked = Self;
    fn checked(self) -> Self {
        self
    }
    fn row(&self) -> &N {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<N: Cells + Sync> InsertRow<N> for &N {
    type Checked = Self;
    fn checked(self) -> Self {
        self
    }
    fn row(&self) -> &N {
        self
    }
}

/// The values of an insert model of table `T`.
pub struct NewRow<T, R> {
    row: R,
    table: PhantomData<fn() -> T>,
}

impl<T: Table, R: InsertRow<T::New>> WriteValues for NewRow<T, R> {
    type Needs = ColumnsOf<T>;

    fn to_row(&self, insert: &mut ast::Insert) {
        let given = NameCells::of(self.row.row());
        insert.columns = given.iter().map(|column| column.name).collect();
        insert.rows = ast::Rows::Values(vec![given.iter().map(|column| ast::Expr::Param(column.sql_type)).collect()]);
    }

    fn add_row_shape(&self, shape: &mut Shape) {
        shape.add(GivenCells::of(self.row.row()).shape());
    }

    fn bind_row<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.row.row().visit(&mut BindCells(out));
    }
}

impl<T: Table, S, V: WriteValues> InsertStatement for Insert<T, S, V> {
    type InsertNeeds = V::Needs;

    fn insert_ast(&self) -> ast::Insert {
        let mut insert = ast::Insert {
            table: T::NAME,
            columns: Vec::new(),
            rows: ast::Rows::Values(Vec::new()),
            on_conflict: None,
            returning: Vec::new(),
        };
        self.values.to_row(&mut insert);
        insert
    }

    fn add_insert_shape(&self, shape: &mut Shape) {
        self.values.add_row_shape(shape);
    }

    fn bind_insert<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.values.bind_row(out);
    }
}

impl<T: Table, S, V: WriteValues> Query for Insert<T, S, V> {
    type Row = ();

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.add_insert_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        Ok(ast::Statement::Insert(self.insert_ast()))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_insert(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, _row: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<T: Table, S, V: WriteValues> Needy for Insert<T, S, V> {
    type Needs = V::Needs;
}

impl<T: Table, S, V: WriteValues> Returnable<T> for Insert<T, S, V> {
    type Needs = V::Needs;

    fn base_statement(&self) -> Result<ast::Statement, Error> {
        Ok(ast::Statement::Insert(self.insert_ast()))
    }

    fn add_base_shape(&self, shape: &mut Shape) {
        self.add_insert_shape(shape);
    }

    fn bind_base<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_insert(out);
    }
}
