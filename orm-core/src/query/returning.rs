//! `returning`.

use std::marker::PhantomData;

use super::{
    fetch::{Needy, fetch_methods},
    select::AllRows,
    selection::{ListOf, Reading, RowSource, Selection},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    scope::{Cons, Joined, Nil, NotNull, RowLevel},
    table::Table,
    types::{Binder, DecodeError, RowRead},
};

/// What `returning` can read: the rows that were written.
pub type WrittenScope<T> = Cons<Joined<T, NotNull>, Nil>;

/// A statement that writes rows of table `T` and can give them back.
pub trait Returnable<T>: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// Whether it is about one version of a row: see [`Query::VERSIONED`].
    const VERSIONED: bool = false;
    /// The statement without `returning`.
    ///
    /// # Errors
    /// If the statement must not be sent.
    fn base_statement(&self) -> Result<ast::Statement, Error>;
    /// Adds what the text depends on at run time.
    fn add_base_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_base<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// A statement that gives the rows it writes.
///
/// [`one`](Returning::one) and [`optional`](Returning::optional) look how many rows came back after they were written:
/// [`Error::MultipleRows`] and [`Error::NotFound`] undo nothing outside of a transaction.
#[must_use = "a statement does nothing until it is run, for example with `.all(&db)`"]
pub struct Returning<T, Q, C = AllRows> {
    pub(crate) base: Q,
    pub(crate) columns: C,
    table: PhantomData<fn() -> T>,
}

/// What `returning().columns(..)` accepts: expressions of the written row, no aggregates.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned here",
    label = "expected an expression of the written row, a tuple of them, or a `#[derive(Row)]` projection"
)]
pub trait ReturningIn<T, Index> {}

impl<T, I, E> ReturningIn<T, I> for E
where
    T: Table,
    E: Selection<WrittenScope<T>, I>,
    I: Reading<E, WrittenScope<T>>,
    I::Kind: RowLevel,
{
}

impl<T: Table, Q> Returning<T, Q> {
    pub(crate) fn new(base: Q) -> Self {
        Self { base, columns: AllRows, table: PhantomData }
    }

    /// Gives these expressions of the written rows instead of the whole rows.
    ///
    /// ```sql
    /// returning "users"."id"
    /// ```
    ///
    /// Expressions of the row's columns, but no aggregates and no other table.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let (id, age) = User::update()
    ///     .set(User::age, User::age + 1)
    ///     .filter(User::name.eq("Anna"))
    ///     .returning()
    ///     .columns((User::id, User::age))
    ///     .one(&db)?;
    /// assert_eq!((id, age), (1, Some(32)));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn columns<E, I, L>(self, columns: E) -> Returning<T, Q, L>
    where
        E: ReturningIn<T, I>,
        I: ListOf<E, WrittenScope<T>, List = L>,
    {
        Returning { base: self.base, columns: I::into_list(columns), table: PhantomData }
    }
}

impl<T, Q, C> Returning<T, Q, C> {
    fetch_methods!(WriteExecutor);

    /// The text of the statement in this dialect, with placeholders.
    ///
    /// # Errors
    /// If the statement would be refused when run: the filter of an update or delete is empty, or an update changes
    /// nothing.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let delete = Post::delete().filter(Post::id.eq(1)).returning().columns(Post::title);
    /// assert_eq!(
    ///     delete.to_sql(Sqlite)?,
    ///     r#"delete from "posts" where "posts"."id" = ?1 returning "posts"."title""#
    /// );
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> Result<String, Error>
    where
        Self: Query + Needy,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        Ok(crate::writer::write(&self.statement()?, &dialect))
    }
}

/// Adds the columns to give to a statement.
pub(crate) fn add_returning<T: Table, C: RowSource<WrittenScope<T>>>(statement: &mut ast::Statement, columns: &C) {
    let returning = match statement {
        ast::Statement::Insert(insert) => &mut insert.returning,
        ast::Statement::Update(update) => &mut update.returning,
        ast::Statement::Delete(delete) => &mut delete.returning,
        ast::Statement::Select(_) | ast::Statement::Refresh(_) => return,
    };
    columns.lower_rows(returning);
}

impl<T: Table, Q: Returnable<T>, C: RowSource<WrittenScope<T>>> Needy for Returning<T, Q, C> {
    type Needs = (Q::Needs, C::Needs);
}

impl<T: Table, Q: Returnable<T>, C: RowSource<WrittenScope<T>>> Query for Returning<T, Q, C> {
    type Row = C::Row;

    const WRITES: bool = true;
    const VERSIONED: bool = Q::VERSIONED;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.base.add_base_shape(&mut shape);
        self.columns.shape_rows(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let mut statement = self.base.base_statement()?;
        add_returning::<T, C>(&mut statement, &self.columns);
        Ok(statement)
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.base.bind_base(out);
        self.columns.bind_rows(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<C::Row, DecodeError> {
        C::decode_row(row)
    }
}
