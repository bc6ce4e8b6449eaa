//! `update`.

use std::marker::PhantomData;

use super::{
    assign::{Assign, Assignable, NothingSet, SetList, ValueIn, add_on_update},
    fetch::Needy,
    filter::{EveryRow, Filter, FilterIn, HasFilter, NoFilter},
    insert::{GivenCells, NameCells},
    returning::{Returnable, Returning, WrittenScope},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    expr::{And, Column, Lower},
    table::{BindCells, Cells, Changeable, ChangeableKey, ColumnDef, Table},
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
    type Needs = ();

    fn to_changes(&self, out: &mut Vec<ast::Assignment>) {
        out.extend(
            NameCells::of(self.0)
                .into_iter()
                .map(|(column, ty)| ast::Assignment { column, value: ast::Expr::Param(ty) }),
        );
    }

    fn add_changes_shape(&self, shape: &mut Shape) {
        let mut cells = GivenCells::default();
        self.0.visit(&mut cells);
        shape.add(cells.shape.value());
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
impl<V: SetList, C: ColumnDef, X: crate::expr::Expr> SetsSomething for (V, Assign<C, X>) {}
impl<T: Table> SetsSomething for ChangeSet<'_, T> {}

impl<T: Table, V: SetList, W> Update<T, V, W> {
    /// Sets a column to a value, or to an expression of the row's columns before the update.
    ///
    /// ```sql
    /// update "users" set "age" = "users"."age" + $1
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

impl<T: Table, W> Update<T, NothingSet, W> {
    /// Makes the changes that are `Some`. If none is, running the update is an error and nothing is sent.
    ///
    /// ```sql
    /// update "users" set "name" = $1
    /// ```
    pub fn changes(self, changes: &T::Changes) -> Update<T, ChangeSet<'_, T>, W> {
        Update { set: ChangeSet(changes), filter: self.filter, table: PhantomData }
    }
}

impl<T: Table, V> Update<T, V, NoFilter> {
    /// Changes every row of the table.
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
    pub fn returning(self) -> Returning<T, Self>
    where
        V: SetsSomething,
        W: HasFilter,
    {
        Returning::new(self)
    }

    /// Runs the update and gives the number of rows it changed.
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        V: SetsSomething,
        W: HasFilter,
        Self: 'a,
        E: WriteExecutor,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.execute(self)
    }

    /// The text of the statement in this dialect, with placeholders.
    ///
    /// # Errors
    /// If the statement would be refused when run: its filter is empty, or there is nothing to set.
    pub fn to_sql<D: Dialect>(&self, dialect: D) -> Result<String, Error>
    where
        V: SetsSomething,
        W: HasFilter,
        D: Supports<<Self as Needy>::Needs>,
    {
        Ok(crate::writer::write(&self.statement()?, &dialect))
    }
}

impl<T: Table, V: Changes, W: Lower> Needy for Update<T, V, W> {
    type Needs = (V::Needs, W::Needs);
}

impl<T: Table, V: Changes, W: Filter> Query for Update<T, V, W> {
    type Row = ();

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

    fn decode<R: RowRead + ?Sized>(_row: &R) -> Result<(), DecodeError> {
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
