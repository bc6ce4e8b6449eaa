//! A database that is chosen at run time.

use std::{fmt, sync::Arc, time::Duration};

use orm_core::{
    dialect::Dialect,
    error::Error,
    executor::Query,
    observe::{Observer, Status},
    pool::{Access, Backend, Company, Either, OneOf, Session, State, TransactionOptions},
};

use crate::DatabaseOptions;

/// A pool of connections to PostgreSQL or SQLite, chosen at run time by a URL.
///
/// Queries run on it as on the pools themselves. They must fit both databases, which rustc checks: one that needs what only
/// PostgreSQL has does not compile.
///
/// ```
/// use orm::{Database, doctest::*, prelude::*};
/// # orm::doctest::run(async {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.create_all(&schema()).await?;
/// let new = [NewUser::new(1, "anna@example.com", "Anna")];
/// db.transaction(async |tx| User::insert_many(&new).execute(tx).await).await?;
/// assert_eq!(User::select().count(&db).await?, 1);
/// # Ok::<(), orm::Error>(())
/// # })
/// ```
///
/// Exact arithmetic on decimals is PostgreSQL's alone:
///
/// ```compile_fail,E0277
/// # use orm::{Database, prelude::*};
/// # #[derive(Table)]
/// # struct Account { #[column(primary_key)] id: i64, balance: Decimal }
/// # async fn total(db: &Database) -> Result<Option<Decimal>, orm::Error> {
/// Account::select().columns(sum(Account::balance)).one(db).await
/// # }
/// ```
#[derive(Clone)]
pub struct Database(Either<orm_postgres::Pool, orm_sqlite::Pool>);

/// What PostgreSQL and SQLite have in common: the features of a [`Database`].
pub struct PostgresAndSqlite;

/// A connection of a [`Database`].
pub struct DatabaseSession(Either<<orm_postgres::Pool as Backend>::Session, <orm_sqlite::Pool as Backend>::Session>);

/// A query of a [`Database`] whose rows are read one by one.
pub struct DatabaseCursor(
    Either<
        <<orm_postgres::Pool as Backend>::Session as Session>::Cursor,
        <<orm_sqlite::Pool as Backend>::Session as Session>::Cursor,
    >,
);

/// Calls whichever of the two it is.
macro_rules! either {
    ($self:ident, |$it:ident| $call:expr) => {
        match &$self.0 {
            Either::Postgres($it) => $call,
            Either::Sqlite($it) => $call,
        }
    };
}

impl Database {
    /// Connects to the database of a URL: `postgres://user:password@host/database`, or `sqlite:path/of/a/file.db`. The
    /// database `sqlite::memory:` is new, and gone with the last clone of the pool.
    ///
    /// # Errors
    /// [`Error::Open`] if the URL begins with something else, or the database cannot be reached or opened.
    ///
    /// ```
    /// # orm::doctest::run(async {
    /// let error = orm::Database::connect("mysql://localhost/app").await.unwrap_err();
    /// assert_eq!(error.kind(), orm::ErrorKind::CannotOpen);
    /// # Ok::<(), orm::Error>(())
    /// # })
    /// ```
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options().connect(url).await
    }

    /// The options of a database, to be changed before connecting.
    ///
    /// ```
    /// # orm::doctest::run(async {
    /// use std::time::Duration;
    /// use orm::{Database, postgres, sqlite};
    ///
    /// let db = Database::options()
    ///     .wait(Duration::from_secs(2))
    ///     .on_slow_query(Duration::from_millis(100), |event| eprintln!("{:?}: {}", event.duration, event.sql))
    ///     .postgres(postgres::Pool::options().size(20))
    ///     .sqlite(sqlite::Pool::options().readers(4))
    ///     .connect("sqlite::memory:")
    ///     .await?;
    /// # Ok::<(), orm::Error>(())
    /// # })
    /// ```
    pub fn options() -> DatabaseOptions {
        DatabaseOptions::default()
    }

    /// PostgreSQL's own pool, if that is the database.
    pub fn as_postgres(&self) -> Option<&orm_postgres::Pool> {
        match &self.0 {
            Either::Postgres(pool) => Some(pool),
            Either::Sqlite(_) => None,
        }
    }

    /// SQLite's own pool, if that is the database.
    pub fn as_sqlite(&self) -> Option<&orm_sqlite::Pool> {
        match &self.0 {
            Either::Sqlite(pool) => Some(pool),
            Either::Postgres(_) => None,
        }
    }

    /// Runs statements, separated by semicolons, that take no values. The text is part of the program, so nothing that a
    /// user typed can be part of it.
    ///
    /// # Errors
    /// That of the first statement that fails.
    pub async fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        either!(self, |pool| pool.execute_batch(sql).await)
    }
}

orm_core::pool_methods!(Database);

impl From<orm_postgres::Pool> for Database {
    fn from(pool: orm_postgres::Pool) -> Self {
        Self(Either::Postgres(pool))
    }
}

impl From<orm_sqlite::Pool> for Database {
    fn from(pool: orm_sqlite::Pool) -> Self {
        Self(Either::Sqlite(pool))
    }
}

impl OneOf<orm_postgres::Pool, orm_sqlite::Pool> for Database {
    fn which(&self) -> Either<&orm_postgres::Pool, &orm_sqlite::Pool> {
        match &self.0 {
            Either::Postgres(pool) => Either::Postgres(pool),
            Either::Sqlite(pool) => Either::Sqlite(pool),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        either!(self, |pool| f.debug_tuple("Database").field(pool).finish())
    }
}

impl Backend for Database {
    type Dialect = PostgresAndSqlite;
    type Session = DatabaseSession;

    async fn lease(&self, access: Access) -> Result<DatabaseSession, Error> {
        Ok(DatabaseSession(match &self.0 {
            Either::Postgres(pool) => Either::Postgres(pool.lease(access).await?),
            Either::Sqlite(pool) => Either::Sqlite(pool.lease(access).await?),
        }))
    }

    fn observer(&self) -> &Arc<Observer> {
        either!(self, |pool| pool.observer())
    }

    fn status(&self) -> Status {
        either!(self, |pool| Backend::status(pool))
    }

    async fn pause(&self, time: Duration) {
        either!(self, |pool| pool.pause(time).await);
    }
}

impl Session for DatabaseSession {
    type Cursor = DatabaseCursor;

    fn dialect(&self) -> &'static dyn Dialect {
        either!(self, |session| session.dialect())
    }

    fn state(&self) -> &State {
        either!(self, |session| session.state())
    }

    async fn rows<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        either!(self, |session| session.rows(level, query, take).await)
    }

    async fn open<Q: Query>(&self, level: u32, query: &Q, company: Company) -> Result<DatabaseCursor, Error> {
        Ok(DatabaseCursor(match &self.0 {
            Either::Postgres(session) => Either::Postgres(session.open(level, query, company).await?),
            Either::Sqlite(session) => Either::Sqlite(session.open(level, query, company).await?),
        }))
    }

    async fn next<Q: Query>(
        &self,
        level: u32,
        cursor: &mut DatabaseCursor,
        query: &Q,
    ) -> Result<Option<Q::Row>, Error> {
        match (&self.0, &mut cursor.0) {
            (Either::Postgres(session), Either::Postgres(cursor)) => session.next(level, cursor, query).await,
            (Either::Sqlite(session), Either::Sqlite(cursor)) => session.next(level, cursor, query).await,
            _ => unreachable!("a cursor is read on the session that opened it"),
        }
    }

    fn close(&self, level: u32, cursor: DatabaseCursor) {
        match (&self.0, cursor.0) {
            (Either::Postgres(session), Either::Postgres(cursor)) => session.close(level, cursor),
            (Either::Sqlite(session), Either::Sqlite(cursor)) => session.close(level, cursor),
            _ => unreachable!("a cursor is closed on the session that opened it"),
        }
    }

    async fn plan<Q: Query>(&self, level: u32, query: &Q) -> Result<String, Error> {
        either!(self, |session| session.plan(level, query).await)
    }

    async fn run(&self, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
        either!(self, |session| session.run(level, sql, operation).await)
    }

    async fn begin(&self, level: u32, access: Access, options: &TransactionOptions) -> Result<(), Error> {
        either!(self, |session| session.begin(level, access, options).await)
    }

    async fn commit(&self, level: u32) -> Result<(), Error> {
        either!(self, |session| session.commit(level).await)
    }

    async fn rollback(&self, level: u32) -> Result<(), Error> {
        either!(self, |session| session.rollback(level).await)
    }

    fn abandon(&self, level: u32) -> bool {
        either!(self, |session| session.abandon(level))
    }
}
