//! `delete`.

use std::marker::PhantomData;

use super::{
    assign::add_on_update,
    fetch::Needy,
    filter::{EveryRow, Filter, FilterIn, HasFilter, NoFilter},
    hidden::{AnyVersion, DeletedRows, ScopeState, Untold, VersionState, both},
    returning::{Returnable, Returning, WrittenScope},
    scoped::{Tells, check_said},
    told::{Said, WriteTarget},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    expr::{And, Lower},
    schema::TableDef,
    table::Table,
    types::{Binder, DecodeError, RowRead},
};

/// A delete of rows of table `T`. Without a filter, or `all_rows()`, it does not compile.
#[must_use = "a delete does nothing until it is run, for example with `.execute(&db)`"]
pub struct Delete<T: WriteTarget, W> {
    filter: W,
    said: Said<T::Scope, T::Version>,
    table: PhantomData<fn() -> T>,
}

impl<T: WriteTarget<Scope = Untold, Version = AnyVersion>> Delete<T, NoFilter> {
    pub(crate) fn new() -> Self {
        Self { filter: NoFilter, said: Said::NOTHING, table: PhantomData }
    }
}

impl<T: WriteTarget, W> Delete<T, W> {
    fn with_filter<X>(self, change: impl FnOnce(W) -> X) -> Delete<T, X> {
        Delete { filter: change(self.filter), said: self.said, table: PhantomData }
    }

    /// The same delete, told something else.
    pub(super) fn with_said<X: WriteTarget>(
        self,
        change: impl FnOnce(Said<T::Scope, T::Version>) -> Said<X::Scope, X::Version>,
    ) -> Delete<X, W> {
        Delete { filter: self.filter, said: change(self.said), table: PhantomData }
    }
}

impl<T: WriteTarget> Delete<T, NoFilter> {
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
        self.with_filter(|NoFilter| EveryRow)
    }
}

impl<T: WriteTarget, W> Delete<T, W> {
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
        E: FilterIn<WrittenScope<T::Table>, I, Filter = X>,
    {
        self.with_filter(|filter| And::new(filter, condition.into_filter()))
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
    pub fn returning(self) -> Returning<T::Table, Self>
    where
        T::Scope: Tells<T::Table>,
        W: HasFilter,
    {
        Returning::new(self)
    }

    /// Runs the delete and gives the number of rows it deleted.
    ///
    /// Rows of other tables that go with them by `on_delete = cascade` are not counted.
    ///
    /// # Errors
    /// [`Error::EmptyFilter`] as the filter says, [`Error::Stale`] as the [`version`](Delete::version), and
    /// [`Error::Database`] if the database refuses the statement: rows that are still referred to, for example.
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
        T::Scope: Tells<T::Table>,
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
        T::Scope: Tells<T::Table>,
        W: HasFilter,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        Ok(crate::writer::write(&self.statement()?, &dialect))
    }
}

impl<T: WriteTarget, W: Lower> Needy for Delete<T, W> {
    type Needs = W::Needs;
}

impl<T: WriteTarget, W: Filter> Query for Delete<T, W> {
    type Row = ();

    const WRITES: bool = true;
    const VERSIONED: bool = T::Version::TOLD;

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

impl<T: WriteTarget, W: Filter> Returnable<T::Table> for Delete<T, W> {
    type Needs = W::Needs;

    const VERSIONED: bool = T::Version::TOLD;

    fn base_statement(&self) -> Result<ast::Statement, Error> {
        check_said::<<T::Scope as ScopeState>::Says<T::Table>>()?;
        let def = T::Table::DEF;
        let filter = self.filter.condition(|| format!("delete from `{}`", T::Table::DEF.name))?;
        let filter = both(filter, self.said.to_hidden::<T>());
        Ok(match def.soft_delete {
            Some(name) if T::Deleted::HIDDEN => {
                let mut set = vec![mark(def, name)];
                add_on_update(def, &mut set);
                ast::Statement::Update(ast::Update { table: def.name, set, filter, returning: Vec::new() })
            }
            _ => ast::Statement::Delete(ast::Delete { table: T::Table::DEF.name, filter, returning: Vec::new() }),
        })
    }

    fn add_base_shape(&self, shape: &mut Shape) {
        self.filter.add_shape(shape);
    }

    fn bind_base<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.filter.bind_values(out);
        self.said.bind_hidden(out);
    }
}

/// What marks a row as deleted: the time of the statement.
fn mark(def: &'static TableDef, name: &str) -> ast::Assignment {
    let column = def.column(name).expect("a description names columns of its own table");
    ast::Assignment { column: column.name, value: ast::Expr::Now(column.sql_type) }
}
