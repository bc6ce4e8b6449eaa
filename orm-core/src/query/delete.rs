//! `delete`.

use std::marker::PhantomData;

use super::{
    fetch::Needy,
    filter::{EveryRow, Filter, FilterIn, HasFilter, NoFilter},
    returning::{Returnable, Returning, WrittenScope},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    expr::{And, Lower},
    table::Table,
    types::{Binder, DecodeError, RowRead},
};

/// A delete of rows of table `T`. Without a filter, or `all_rows()`, it does not compile.
#[must_use = "a delete does nothing until it is run, for example with `.execute(&db)`"]
pub struct Delete<T, W> {
    filter: W,
    table: PhantomData<fn() -> T>,
}

impl<T: Table> Delete<T, NoFilter> {
    pub(crate) fn new() -> Self {
        Self { filter: NoFilter, table: PhantomData }
    }

    /// Deletes every row of the table.
    ///
    /// ```sql
    /// delete from "posts"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(Post::delete().all_rows().execute(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn all_rows(self) -> Delete<T, EveryRow> {
        Delete { filter: EveryRow, table: PhantomData }
    }
}

impl<T: Table, W> Delete<T, W> {
    /// Deletes the rows that meet a condition, and all earlier ones.
    ///
    /// If the whole filter turns out empty at run time (`None`, an empty list), running the delete is
    /// [`Error::EmptyFilter`] and nothing is sent.
    ///
    /// ```sql
    /// delete from "users" where "users"."id" = $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(Post::delete().filter(Post::words.lt(1000)).execute(&db)?, 2);
    /// let id: Option<i64> = None;
    /// let delete = Post::delete().filter(id.map(|id| Post::id.eq(id)));
    /// assert!(matches!(delete.execute(&db), Err(orm::Error::EmptyFilter { .. })));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, I, X>(self, condition: E) -> Delete<T, And<W, X>>
    where
        E: FilterIn<WrittenScope<T>, I, Filter = X>,
    {
        Delete { filter: And::new(self.filter, condition.into_filter()), table: PhantomData }
    }

    /// Gives the deleted rows.
    ///
    /// ```sql
    /// delete from … returning "users"."id", …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let titles: Vec<String> =
    ///     Post::delete().filter(Post::author_id.eq(3)).returning().columns(Post::title).all(&db)?;
    /// assert_eq!(titles, ["Lifetimes"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn returning(self) -> Returning<T, Self>
    where
        W: HasFilter,
    {
        Returning::new(self)
    }

    /// Runs the delete and gives the number of rows it deleted.
    ///
    /// Rows of other tables that go with them by `on_delete = cascade` are not counted.
    ///
    /// # Errors
    /// [`Error::EmptyFilter`] as the filter says, [`Error::Database`] if the database refuses the statement: rows that are still
    /// referred to, for example.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// // Anna's posts are deleted with her, as their foreign key says; only she is counted.
    /// assert_eq!(User::delete().filter(User::id.eq(1)).execute(&db)?, 1);
    /// assert_eq!(Post::select().count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
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
    /// If the statement would be refused when run: its filter is empty.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let delete = User::delete().filter(User::id.eq(1));
    /// assert_eq!(delete.to_sql(Sqlite)?, r#"delete from "users" where "users"."id" = ?1"#);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> Result<String, Error>
    where
        W: HasFilter,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        Ok(crate::writer::write(&self.statement()?, &dialect))
    }
}

impl<T: Table, W: Lower> Needy for Delete<T, W> {
    type Needs = W::Needs;
}

impl<T: Table, W: Filter> Query for Delete<T, W> {
    type Row = ();

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.filter.add_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        self.base_statement()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.filter.bind_values(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, _row: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<T: Table, W: Filter> Returnable<T> for Delete<T, W> {
    type Needs = W::Needs;

    fn base_statement(&self) -> Result<ast::Statement, Error> {
        let filter = self.filter.condition(|| format!("delete from `{}`", T::NAME))?;
        Ok(ast::Statement::Delete(ast::Delete { table: T::NAME, filter, returning: Vec::new() }))
    }

    fn add_base_shape(&self, shape: &mut Shape) {
        self.filter.add_shape(shape);
    }

    fn bind_base<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.filter.bind_values(out);
    }
}
