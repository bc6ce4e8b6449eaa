//! An asynchronous pool: one connection that writes, several that read.

use std::{
    fmt, iter,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use orm_core::{
    error::{Error, ErrorKind},
    observe::{Hooks, Observer, QueryEvent, Status, Stopwatch},
    pool::{self, Access, Backend, Either, OneOf},
};
use tokio::sync::Semaphore;

use crate::{
    Connection, JournalMode, OpenOptions, Sqlite, connect,
    lease::{Lease, Pooled},
};

/// A pool of connections to one SQLite database, for asynchronous programs on tokio.
///
/// One connection writes and several read, side by side where the write-ahead log is on, which is the default. Statements
/// that write, and transactions, wait in line for the writer, in the order in which they came; so in one process nobody ever
/// meets a locked database. Waiting for another process that writes does not block the thread.
///
/// Statements run on the thread that awaits them: most take microseconds, which is less than handing them to another thread
/// costs. What takes long belongs into [`on_worker`](Pool::on_worker).
///
/// Cheap to clone: clones share the connections.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("app.db");
/// use orm::{doctest::*, prelude::*, sqlite::Pool};
/// # orm::doctest::run(async {
/// let db = Pool::open(&path)?;
/// db.create_all(&schema()).await?;
/// User::insert_many(&[NewUser::new(1, "anna@example.com", "Anna")]).execute(&db).await?;
/// assert_eq!(User::find(1).one(&db).await?.name, "Anna");
/// # Ok::<(), orm::Error>(())
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

/// What the clones of a pool share.
pub(crate) struct Shared {
    options: PoolOptions,
    path: PathBuf,
    writer: Line,
    /// `None` for a database in memory, which is gone with its only connection.
    readers: Option<Line>,
    observer: Arc<Observer>,
}

/// Connections, and the line of those who wait for one.
struct Line {
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Pooled>>,
    size: usize,
    waiting: AtomicUsize,
}

impl Line {
    fn new(size: usize) -> Self {
        let turns = Arc::new(Semaphore::new(size));
        Self { turns, idle: Mutex::default(), size, waiting: AtomicUsize::new(0) }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Pooled>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a caller that waits, for as long as this lives.
struct Waiting<'l>(&'l AtomicUsize);

impl<'l> Waiting<'l> {
    fn new(count: &'l AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How the connections of a pool are opened, and how many there are.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("app.db");
/// use std::time::Duration;
/// use orm::sqlite::{Connection, Pool};
///
/// let db = Pool::options()
///     .readers(4)
///     .wait(Duration::from_secs(2))
///     .connections(Connection::options().busy_timeout(Duration::from_secs(30)))
///     .open(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open` is called"]
pub struct PoolOptions {
    connections: OpenOptions,
    readers: usize,
    wait: Duration,
    hooks: Hooks,
}

impl Default for PoolOptions {
    fn default() -> Self {
        let readers = available_parallelism().map_or(4, |threads| threads.get().clamp(2, 8));
        Self { connections: OpenOptions::new(), readers, wait: Duration::from_secs(5), hooks: Hooks::default() }
    }
}

impl PoolOptions {
    /// The greatest number of connections that read; as many as there are processors, from 2 to 8, unless said otherwise.
    ///
    /// # Panics
    /// If it is 0.
    pub fn readers(mut self, connections: usize) -> Self {
        assert!(connections > 0, "a pool without connections would wait forever");
        self.readers = connections;
        self
    }

    /// How long to wait for a connection, the writer in particular; five seconds unless said otherwise.
    pub fn wait(mut self, timeout: Duration) -> Self {
        self.wait = timeout;
        self
    }

    /// How each connection is opened. Its hooks are those of the pool, unless that has its own.
    pub fn connections(mut self, options: OpenOptions) -> Self {
        self.connections = options;
        self
    }

    /// Calls a function after every statement of a query, with its text, table, duration and number of rows. Never with
    /// its values.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    /// use orm::{doctest::*, prelude::*, sqlite::Pool};
    /// # orm::doctest::run(async {
    /// let rows = Arc::new(AtomicU64::new(0));
    /// let counter = Arc::clone(&rows);
    /// let db = Pool::options()
    ///     .on_query(move |event| drop(counter.fetch_add(event.rows, Ordering::Relaxed)))
    ///     .open_in_memory()?;
    /// db.create_all(&schema()).await?;
    /// User::insert_many(&[NewUser::new(1, "a@b.c", "A"), NewUser::new(2, "b@b.c", "B")]).execute(&db).await?;
    /// assert_eq!(rows.load(Ordering::Relaxed), 2);
    /// # Ok::<(), orm::Error>(())
    /// # })
    /// ```
    pub fn on_query(mut self, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.on_query(hook);
        self
    }

    /// Like [`on_query`](Self::on_query), but only for statements that take at least this long.
    pub fn on_slow_query(
        mut self,
        threshold: Duration,
        hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_slow_query(threshold, hook);
        self
    }

    /// Warns of every statement that takes at least this long, with an event of the feature `tracing`. Without that
    /// feature, use [`on_slow_query`](Self::on_slow_query), which warns, too.
    pub fn slow_query_threshold(mut self, threshold: Duration) -> Self {
        self.hooks.slow_query_threshold(threshold);
        self
    }

    /// These hooks, and its own where there are none: what a database that is chosen at run time says for all of them.
    #[doc(hidden)]
    pub fn hooks(mut self, hooks: &Hooks) -> Self {
        self.hooks = hooks.clone().or(&self.hooks);
        self
    }

    /// Opens a database file. The path is never read as a URI. `:memory:` is a new database in memory.
    ///
    /// The connection that writes is opened at once, those that read when they are needed.
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened or is not a database, or an option cannot be set.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Pool, Error> {
        let path = path.as_ref().to_owned();
        let has_file = path.as_os_str() != ":memory:";
        let readers = has_file.then(|| Line::new(self.readers));
        let hooks = self.hooks.clone().or(self.connections.hooks());
        let observer = Arc::new(Observer::new(connect::place(&path.display().to_string()), hooks));
        let shared = Arc::new(Shared { path, writer: Line::new(1), readers, observer, options: self });
        let looked_at = Arc::downgrade(&shared);
        shared.observer.look_at(move || looked_at.upgrade().map(|shared| shared.status()));
        let writer = shared.connect(Access::Write)?;
        shared.writer.idle().push(writer);
        Ok(Pool { shared })
    }

    /// Opens a new database in memory, which is gone when the pool is dropped. It has one connection, for everything.
    ///
    /// # Errors
    /// [`Error::Open`] if there is no memory for it, or an option cannot be set.
    pub fn open_in_memory(self) -> Result<Pool, Error> {
        self.open(":memory:")
    }
}

impl Shared {
    fn line(&self, access: Access) -> (&Line, Access) {
        match (access, &self.readers) {
            (Access::Read, Some(readers)) => (readers, Access::Read),
            _ => (&self.writer, Access::Write),
        }
    }

    fn connect(&self, access: Access) -> Result<Pooled, Error> {
        let since = Stopwatch::start();
        let connection = self.options.connections.open_watched(&self.path, Arc::clone(&self.observer))?;
        let options = &self.options.connections;
        // Waiting for another process inside of SQLite would block the thread, so it is done outside. Only a rollback
        // journal makes a commit wait for readers, which nothing but SQLite can do.
        let patience = if options.journal() == JournalMode::Wal { options.patience() } else { Duration::ZERO };
        connection
            .with_raw(|raw| {
                if !patience.is_zero() {
                    raw.busy_timeout(Duration::ZERO)?;
                }
                raw.pragma_update(None, "query_only", access == Access::Read)
            })?
            .map_err(|error| crate::error::Failure::from_driver(error).into_open_error(&self.name()))?;
        self.observer.opened(&since);
        Ok(Pooled::new(connection, Arc::clone(&self.observer), patience))
    }

    fn status(&self) -> Status {
        let lines = || iter::once(&self.writer).chain(&self.readers);
        let in_use = lines().map(|line| line.size - line.turns.available_permits()).sum();
        let idle: usize = lines().map(|line| line.idle().len()).sum();
        let waiting = lines().map(|line| line.waiting.load(Ordering::Relaxed)).sum();
        Status::new(idle + in_use, in_use, waiting, lines().map(|line| line.size).sum())
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Takes back a connection.
    pub(crate) fn put_back(&self, access: Access, connection: Pooled) {
        self.line(access).0.idle().push(connection);
    }
}

impl Backend for Pool {
    type Dialect = Sqlite;
    type Session = Lease;

    async fn lease(&self, access: Access) -> Result<Lease, Error> {
        let (line, given) = self.shared.line(access);
        let turns = Arc::clone(&line.turns);
        let turn = match Arc::clone(&turns).try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => {
                let waiting = Waiting::new(&line.waiting);
                let turn = tokio::time::timeout(self.shared.options.wait, turns.acquire_owned()).await;
                let Ok(Ok(turn)) = turn else {
                    let others = line.waiting.load(Ordering::Relaxed) - 1;
                    let waited = self.shared.options.wait;
                    return Err(Error::PoolTimeout { size: line.size, waiting: others, waited });
                };
                drop(waiting);
                turn
            }
        };
        let idle = line.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.shared.connect(given)?,
        };
        connection.lend(access);
        Ok(Lease::new(connection, given, Arc::clone(&self.shared), turn, self.shared.observer.usage()))
    }

    fn observer(&self) -> &Arc<Observer> {
        &self.shared.observer
    }

    fn status(&self) -> Status {
        self.shared.status()
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

impl<P> OneOf<P, Self> for Pool {
    fn which(&self) -> Either<&P, &Self> {
        Either::Sqlite(self)
    }
}

impl Pool {
    /// Opens a database file, and creates it if there is none.
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened or is not a database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::options().open(path)
    }

    /// Opens a new database in memory, which is gone when the pool is dropped. It has one connection, for everything.
    ///
    /// # Errors
    /// [`Error::Open`] if there is no memory for it.
    pub fn open_in_memory() -> Result<Self, Error> {
        Self::options().open_in_memory()
    }

    /// The options of a pool, to be changed before opening.
    pub fn options() -> PoolOptions {
        PoolOptions::default()
    }

    /// Runs statements, separated by semicolons, that take no values, on the connection that writes. The text is part of
    /// the program, so nothing that a user typed can be part of it.
    ///
    /// # Errors
    /// That of the first statement that fails; those before it took effect. If a transaction is left open, it is rolled
    /// back.
    ///
    /// ```
    /// # orm::doctest::run(async {
    /// let db = orm::sqlite::Pool::open_in_memory()?;
    /// db.execute_batch("create table notes (text text not null) strict").await?;
    /// # Ok::<(), orm::Error>(())
    /// # })
    /// ```
    pub async fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        let lease = pool::lease(self, Access::Write).await?;
        pool::run_text(&lease, 0, sql, "batch of statements").await
    }

    /// Gives the blocking connection that writes to a closure on a thread of its own, for what takes long: a report, a big
    /// import, a backup.
    ///
    /// # Errors
    /// The closure's error, or that of getting the connection.
    ///
    /// # Panics
    /// If the closure does, or if the runtime shuts down meanwhile.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # orm::doctest::run(async {
    /// let db = orm::doctest::pool().await;
    /// let words: i64 = db
    ///     .on_worker(|db| {
    ///         let mut words = 0;
    ///         for post in Post::select().stream(db) {
    ///             words += i64::from(post?.words);
    ///         }
    ///         Ok::<_, orm::Error>(words)
    ///     })
    ///     .await?;
    /// assert_eq!(words, 2500);
    /// # Ok::<(), orm::Error>(())
    /// # })
    /// ```
    pub async fn on_worker<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let lease = pool::lease(self, Access::Write).await?;
        let observer = Arc::clone(&self.shared.observer);
        let worker = tokio::task::spawn_blocking(move || {
            lease.pooled().blocking(|connection| {
                let before = connection.statements();
                let result = body(connection);
                observer.count(connection.statements() - before);
                result
            })
        });
        match worker.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(E::from(Error::Open {
                    name: self.shared.name(),
                    kind: ErrorKind::Interrupted,
                    source: "the runtime shuts down".into(),
                })),
            },
        }
    }
}

orm_core::pool_methods!(Pool);

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.shared.name()).finish_non_exhaustive()
    }
}
