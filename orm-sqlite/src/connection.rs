//! A blocking connection.

use std::{fmt, path::Path};

use orm_core::{ddl, error::Error, schema::Schema};

use crate::{OpenOptions, ReadTransaction, Transaction, error::Failure, execute::Scope, session::Session, transaction};

/// A connection to an SQLite database, which calls SQLite on the thread it is used on.
///
/// Queries run on it with `.all(&db)?` and the like. Statements are prepared once and kept, so running a query again
/// costs no more than SQLite itself.
///
/// On every connection foreign keys are checked, text in double quotes is never read as a string, and a schema may not
/// call functions with side effects. See [`OpenOptions`] for what can be chosen.
///
/// It can be sent to another thread, but not shared by several: open one for each, or use a pool.
///
/// ```
/// use orm_sqlite::Connection;
///
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("create table notes (text text not null) strict")?;
/// # Ok::<(), orm_core::error::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// fn share<T: Sync>() {}
/// share::<orm_sqlite::Connection>();
/// ```
pub struct Connection {
    session: Session,
}

/// A connection can be moved to another thread.
const _: fn() = || {
    fn send<T: Send>() {}
    send::<Connection>();
};

impl Connection {
    /// Opens a database file, and creates it if there is none.
    ///
    /// The path is never read as a URI. `:memory:` is a new database in memory.
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened or is not a database.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// let db = Connection::open(&path)?;
    /// db.create_all(&schema())?;
    /// drop(db);
    /// assert_eq!(Connection::open(&path)?.transaction(|tx| User::select().count(tx))?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        OpenOptions::new().open(path)
    }

    /// Opens a new database in memory, which is gone when the connection is dropped.
    ///
    /// # Errors
    /// [`Error::Open`] if there is no memory for it.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// let db = Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// assert!(!User::select().exists(&db)?);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn open_in_memory() -> Result<Self, Error> {
        OpenOptions::new().open_in_memory()
    }

    /// Chooses how a database is opened.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::sqlite::Connection;
    ///
    /// let missing = Connection::options().create(false).open(&path);
    /// assert_eq!(missing.unwrap_err().kind(), orm::ErrorKind::CannotOpen);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Runs a closure in a transaction: what it did is kept if it gives `Ok`, and undone if it gives `Err` or panics.
    ///
    /// The transaction takes the right to write at once (`begin immediate`), waiting for others for as long as the busy
    /// timeout says, so it does not fail half-way because another connection writes. Queries run on the handle the
    /// closure is given; on the connection itself they are [`Error::TransactionOpen`] until the closure returns.
    ///
    /// ```
    /// # use orm_sqlite::Connection;
    /// # let db = Connection::open_in_memory()?;
    /// db.transaction(|tx| {
    ///     tx.execute_batch("create table notes (text text not null) strict")?;
    ///     assert!(db.execute_batch("drop table notes").is_err());
    ///     Ok::<_, orm_core::error::Error>(())
    /// })?;
    /// # Ok::<(), orm_core::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// The closure's error, or that of beginning or ending the transaction. A commit that fails rolls back.
    pub fn transaction<T, E: From<Error>>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        transaction::run(self.scope(), body)
    }

    /// Begins a transaction like that of [`transaction`](Connection::transaction), which is rolled back when it is
    /// dropped without [`commit`](Transaction::commit).
    ///
    /// # Errors
    /// If the database stays locked by another connection for longer than the busy timeout.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let mut db = orm::doctest::sqlite();
    /// let tx = db.begin()?;
    /// Post::delete().all_rows().execute(&tx)?;
    /// tx.rollback()?;
    /// assert_eq!(Post::select().count(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        self.session.abandon_all();
        Transaction::begin(self.scope())
    }

    /// Runs a closure in a transaction that reads one snapshot of the database, whatever others write meanwhile.
    ///
    /// # Errors
    /// The closure's error, or that of beginning or ending the transaction.
    ///
    /// It waits for nobody and nobody waits for it where the write-ahead log is on, which is the default for files.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let (users, posts) = db.read(|tx| Ok::<_, orm::Error>((User::select().count(tx)?, Post::select().count(tx)?)))?;
    /// assert_eq!((users, posts), (3, 3));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn read<T, E: From<Error>>(&self, body: impl FnOnce(&ReadTransaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let transaction = ReadTransaction::begin(&self.session)?;
        let value = transaction.run(body)?;
        transaction.end()?;
        Ok(value)
    }

    /// Creates the tables and indexes of a schema in an empty database, in one transaction. For tests and examples:
    /// applications migrate.
    ///
    /// # Errors
    /// If one of them exists already, or SQLite does not understand an expression of the schema.
    ///
    /// ```
    /// use orm::{prelude::*, sqlite::Connection};
    ///
    /// #[derive(Table)]
    /// struct Note {
    ///     #[column(primary_key, auto_increment)]
    ///     id: i64,
    ///     text: String,
    /// }
    /// schema! { fn schema() = [Note] }
    ///
    /// let db = Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// assert!(db.create_all(&schema()).is_err());
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn create_all(&self, schema: &Schema) -> Result<(), Error> {
        ddl::check_types(schema, &crate::Sqlite)?;
        self.transaction(|tx| {
            for statement in ddl::create_statements(schema, &crate::Sqlite) {
                let operation = statement.lines().next().unwrap_or_default().trim_end_matches(" (");
                tx.scope().watched_text(&statement, |scope| scope.run_text(operation, &statement))?;
            }
            Ok(())
        })
    }

    /// Runs statements, separated by semicolons, that take no values.
    ///
    /// They leave the transaction as it is: `begin` and `commit` are not for them.
    ///
    /// # Errors
    /// That of the first statement that fails; those before it took effect. If a transaction is left open, it is rolled
    /// back.
    ///
    /// ```
    /// use orm::sqlite::Connection;
    ///
    /// let db = Connection::open_in_memory()?;
    /// db.execute_batch("create table notes (text text not null) strict; create index notes_text on notes (text)")?;
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        self.scope().watched_text(sql, |scope| scope.run_batch(sql, "batch of statements"))
    }

    /// Gives the connection of the driver to a closure, for what this crate does not do: backups, functions,
    /// collations.
    ///
    /// Nothing is checked about what is done there. A transaction begun there is ended there, too.
    ///
    /// # Errors
    /// [`Error::TransactionOpen`], without calling the closure, if a transaction is open; and if the closure leaves one
    /// open, which is rolled back then.
    ///
    /// ```
    /// let db = orm::doctest::sqlite();
    /// let version: String = db.with_raw(|raw| raw.query_row("select sqlite_version()", [], |row| row.get(0)))??;
    /// assert!(version.starts_with("3."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_raw<T>(&self, body: impl FnOnce(&rusqlite::Connection) -> T) -> Result<T, Error> {
        self.session.check(0)?;
        let guard = Unseen(&self.session);
        let value = body(self.session.handle().connection());
        std::mem::forget(guard);
        self.session.check_unseen(0, "")?;
        Ok(value)
    }

    /// How many prepared statements are kept.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::find(1).one(&db)?;
    /// let kept = db.statement_cache_len();
    /// User::find(2).one(&db)?;
    /// assert_eq!(db.statement_cache_len(), kept);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn statement_cache_len(&self) -> usize {
        self.session.handle().kept()
    }

    /// How many statements of queries have run so far; those about transactions do not count.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let before = db.statements();
    /// User::find(1).one(&db)?;
    /// assert_eq!(db.statements() - before, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn statements(&self) -> u64 {
        self.session.statements()
    }

    /// How often SQLite prepared a kept statement again by itself: after a change of the schema, and for no other
    /// reason.
    ///
    /// See `SQLITE_STMTSTATUS_REPREPARE` at <https://www.sqlite.org/c3ref/c_stmtstatus_counter.html>.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// for id in 1..100 {
    ///     User::select().filter(User::id.le(id)).limit(2).all(&db)?;
    /// }
    /// assert_eq!(db.reprepares(), 0);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn reprepares(&self) -> u64 {
        self.session.handle().reprepares()
    }
}

impl Transaction<'_> {
    /// Like [`Connection::execute_batch`], but part of the transaction.
    ///
    /// # Errors
    /// That of the first statement that fails. If the statements end the transaction, so is everything after them.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// db.transaction(|tx| {
    ///     tx.execute_batch("create index posts_title on posts (title)")?;
    ///     Post::update().set(Post::published, true).all_rows().execute(tx)
    /// })?;
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        self.scope().watched_text(sql, |scope| scope.run_batch(sql, "batch of statements"))
    }
}

impl Scope<'_> {
    /// Runs statements that take no values.
    pub(crate) fn run_batch(self, sql: &str, operation: &str) -> Result<(), Error> {
        self.session().check(self.level())?;
        let operation = || operation.to_owned();
        if sql.contains('\0') {
            let failure = Failure::invalid("the text of the statements contains a NUL");
            return Err(failure.into_error(operation(), None, sql.to_owned()));
        }
        let result = self.session().handle().connection().execute_batch(sql).map_err(|error| {
            let error = Failure::from_driver(error).into_error(operation(), None, sql.to_owned());
            self.session().note_failure(error.kind());
            error
        });
        match self.session().check_unseen(self.level(), sql) {
            // The statement that failed is the better explanation.
            Err(error) => Err(result.err().unwrap_or(error)),
            Ok(()) => result,
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("name", &self.session.name()).finish()
    }
}

/// Rolls back what a panicking closure left open.
struct Unseen<'s>(&'s Session);

impl Drop for Unseen<'_> {
    fn drop(&mut self) {
        drop(self.0.check_unseen(0, ""));
    }
}

#[cfg(test)]
mod tests;
