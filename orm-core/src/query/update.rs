//! `update`.

use std::marker::PhantomData;

use super::{
    assign::{Assign, Assignable, NothingSet, NothingYet, SetList, ValueIn, add_on_update},
    fetch::Needy,
    filter::{EveryRow, Filter, FilterIn, HasFilter, NoFilter},
    returning::{Returnable, Returning, WrittenScope},
};
use crate::{
    ast,
    dialect::{ColumnsOf, Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    expr::{And, Column, Lower},
    table::{BindCells, Cells, Changeable, ChangeableKey, ColumnDef, GivenCells, NameCells, Table},
    types::{Binder, DecodeError, RowRead},
};

/// An update of table `T`.
///
/// Without a filter, or `all_rows()`, and without anything to set it does not compile.
#[must_use = "an update does nothing until it is run, for example with `.execute(&db)`"]
pub struct Update<T, V, W> {
    set: V,
    filter: W,
    table: PhantomData<fn() -> T>,
}

impl<T: Table> Update<T, NothingSet, NoFilter> {
    pub(crate) fn new() -> Self {
        Self { set: NothingSet, filter: NoFilter, table: PhantomData }
    }
}

/// A set of changes of which those that are `Some` are made.
pub struct ChangeSet<'a, T: Table>(&'a T::Changes);

/// What an update changes.
pub trait Changes: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// Adds the assignments as plain data.
    fn to_changes(&self, out: &mut Vec<ast::Assignment>);
    /// Adds what the text depends on at run time.
    fn add_changes_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_changes<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<V: SetList> Changes for V {
    type Needs = V::Needs;

    fn to_changes(&self, out: &mut Vec<ast::Assignment>) {
        self.to_assignments(out);
    }

    fn add_changes_shape(&self, shape: &mut Shape) {
        self.add_set_shape(shape);
    }

    fn bind_changes<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_set(out);
    }
}

impl<T: Table> Changes for ChangeSet<'_, T> {
    type Needs = ColumnsOf<T>;

    fn to_changes(&self, out: &mut Vec<ast::Assignment>) {
        out.extend(
            NameCells::of(self.0)
                .into_iter()
                .map(|column| ast::Assignment { column: column.name, value: ast::Expr::Param(column.sql_type) }),
        );
    }

    fn add_changes_shape(&self, shape: &mut Shape) {
        shape.add(GivenCells::of(self.0).shape());
    }

    fn bind_changes<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.visit(&mut BindCells(out));
    }
}

/// An update that sets something.
#[diagnostic::on_unimplemented(
    message = "this update sets nothing",
    label = "what is to change?",
    note = "add `.set(column, value)` or `.changes(&..)`"
)]
pub trait SetsSomething: Changes {}
#[diagnostic::do_not_recommend]
impl<V: SetList, C: ColumnDef, X: crate::expr::Expr> SetsSomething for (V, Assign<C, X>) {}
#[diagnostic::do_not_recommend]
impl<T: Table> SetsSomething for ChangeSet<'_, T> {}

impl<T: Table, V: SetList, W> Update<T, V, W> {
    /// Sets a column to a value, or to an expression of the row's columns before the update.
    ///
    /// ```sql
    /// update "users" set "age" = "users"."age" + $1
    /// ```
    ///
    /// An `Option` is for a column that may be NULL, and `None` makes it NULL. Setting a column twice does not compile.
    /// A column with an `on_update` that is not set gets it too.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::update().set(User::age, User::age + 1).set(User::name, "Ann").filter(User::id.eq(1)).execute(&db)?;
    /// let ann = User::find(1).one(&db)?;
    /// assert_eq!((ann.age, ann.name.as_str()), (Some(32), "Ann"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn set<C, E, X, I>(self, column: Column<C, T>, value: E) -> Update<T, (V, Assign<C, X>), W>
    where
        C: ColumnDef<Table = T>,
        C::Role: Changeable<C>,
        V::Contains<C::Path>: Assignable<C>,
        E: ValueIn<WrittenScope<T>, I, C, Expr = X>,
    {
        let _ = column;
        Update { set: (self.set, Assign::new(value.into_value())), filter: self.filter, table: PhantomData }
    }

    /// Like [`set`](Update::set), but for a column of the primary key.
    ///
    /// ```sql
    /// update "users" set "id" = $1
    /// ```
    ///
    /// Rows that refer to the key follow it, or keep it from changing, as their foreign key's `on_update` says.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::update().set_key(User::id, 20).filter(User::id.eq(2)).execute(&db)?;
    /// assert_eq!(User::find(20).one(&db)?.name, "Bob");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn set_key<C, E, X, I>(self, column: Column<C, T>, value: E) -> Update<T, (V, Assign<C, X>), W>
    where
        C: ColumnDef<Table = T>,
        C::Role: ChangeableKey<C>,
        V::Contains<C::Path>: Assignable<C>,
        E: ValueIn<WrittenScope<T>, I, C, Expr = X>,
    {
        let _ = column;
        Update { set: (self.set, Assign::new(value.into_value())), filter: self.filter, table: PhantomData }
    }
}

impl<T: Table, V, W> Update<T, V, W> {
    /// Makes the changes that are `Some`. If none is, running the update is [`Error::NothingToSet`] and nothing is
    /// sent.
    ///
    /// ```sql
    /// update "users" set "name" = $1
    /// ```
    ///
    /// A column that may be NULL is an `Option<Option<_>>`: `Some(None)` makes it NULL. Each combination of columns is
    /// a text that is prepared once.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let changes = UserChanges { name: Some("Ann".to_owned()), age: Some(None), ..UserChanges::default() };
    /// User::update().changes(&changes).filter(User::id.eq(1)).execute(&db)?;
    /// let ann = User::find(1).one(&db)?;
    /// assert_eq!((ann.name.as_str(), ann.age, ann.role), ("Ann", None, Role::Owner));
    /// let nothing = User::update().changes(&UserChanges::default()).filter(User::id.eq(1)).execute(&db);
    /// assert!(matches!(nothing, Err(orm::Error::NothingToSet { .. })));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn changes(self, changes: &T::Changes) -> Update<T, ChangeSet<'_, T>, W>
    where
        V: NothingYet,
    {
        Update { set: ChangeSet(changes), filter: self.filter, table: PhantomData }
    }
}

impl<T: Table, V> Update<T, V, NoFilter> {
    /// Changes every row of the table.
    ///
    /// ```sql
    /// update "posts" set "published" = $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(Post::update().set(Post::published, true).all_rows().execute(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn all_rows(self) -> Update<T, V, EveryRow> {
        Update { set: self.set, filter: EveryRow, table: PhantomData }
    }
}

impl<T: Table, V, W> Update<T, V, W> {
    /// Changes the rows that meet a condition, and all earlier ones.
    ///
    /// If the whole filter turns out empty at run time (`None`, an empty list), running the update is
    /// [`Error::EmptyFilter`] and nothing is sent.
    ///
    /// ```sql
    /// update … where "users"."id" = $2
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let id: Option<i64> = None;
    /// let update = User::update().set(User::role, Role::Owner).filter(id.map(|id| User::id.eq(id)));
    /// assert!(matches!(update.execute(&db), Err(orm::Error::EmptyFilter { .. })));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, I, X>(self, condition: E) -> Update<T, V, And<W, X>>
    where
        E: FilterIn<WrittenScope<T>, I, Filter = X>,
    {
        Update { set: self.set, filter: And::new(self.filter, condition.into_filter()), table: PhantomData }
    }

    /// Gives the changed rows back, as they are after the update.
    ///
    /// ```sql
    /// update … returning "users"."id", …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let bob: User = User::update().set(User::age, 20).filter(User::id.eq(2)).returning().one(&db)?;
    /// assert_eq!(bob.age, Some(20));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn returning(self) -> Returning<T, Self>
    where
        V: SetsSomething,
        W: HasFilter,
    {
        Returning::new(self)
    }

    /// Runs the update and gives the number of rows it changed.
    ///
    /// A row counts if it met the filter, even if its values stay what they were.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the statement, with the violated constraint in [`Error::violation`], and
    /// [`Error::Encode`] if a value cannot be stored. [`Error::EmptyFilter`] and [`Error::NothingToSet`] as the
    /// filter and the changes say.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(User::update().set(User::age, 20).filter(User::age.is_null()).execute(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        V: SetsSomething,
        W: HasFilter,
        Self: 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.execute(self)
    }

    /// The text of the statement in this dialect, with placeholders.
    ///
    /// # Errors
    /// If the statement would be refused when run: its filter is empty, or there is nothing to set.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let update = User::update().set(User::age, User::age + 1).filter(User::id.eq(1));
    /// assert_eq!(
    ///     update.to_sql(Sqlite)?,
    ///     r#"update "users" set "age" = "users"."age" + ?1 where "users"."id" = ?2"#
    /// );
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> Result<String, Error>
    where
        V: SetsSomething,
        W: HasFilter,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        Ok(crate::writer::write(&self.statement()?, &dialect))
    }
}

impl<T: Table, V: Changes, W: Lower> Needy for Update<T, V, W> {
    type Needs = (V::Needs, W::Needs);
}

impl<T: Table, V: Changes, W: Filter> Query for Update<T, V, W> {
    type Row = ();

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.add_base_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        self.base_statement()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_base(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, _row: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<T: Table, V: Changes, W: Filter> Returnable<T> for Update<T, V, W> {
    type Needs = (V::Needs, W::Needs);

    fn base_statement(&self) -> Result<ast::Statement, Error> {
        let operation = || format!("update of `{}`", T::NAME);
        let mut set = Vec::new();
        self.set.to_changes(&mut set);
        if set.is_empty() {
            return Err(Error::NothingToSet { operation: operation() });
        }
        add_on_update(T::DEF, &mut set);
        let filter = self.filter.condition(operation)?;
        Ok(ast::Statement::Update(ast::Update { table: T::NAME, set, filter, returning: Vec::new() }))
    }

    fn add_base_shape(&self, shape: &mut Shape) {
        self.set.add_changes_shape(shape);
        self.filter.add_shape(shape);
    }

    fn bind_base<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.set.bind_changes(out);
        self.filter.bind_values(out);
    }
}
