//! Opening databases.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use orm_core::{
    error::{Error, ErrorKind},
    observe::{Hooks, Observer, Place, QueryEvent},
};
use rusqlite::{OpenFlags, config::DbConfig};

use crate::{Connection, error::Failure, session::Session, statement::Handle};

/// SQLite counts the milliseconds in 32 bits. See <https://www.sqlite.org/c3ref/busy_timeout.html>.
const LONGEST_BUSY_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// How a database is opened.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("app.db");
/// use std::time::Duration;
/// use orm_sqlite::{Connection, Synchronous};
///
/// let db = Connection::options()
///     .busy_timeout(Duration::from_secs(30))
///     .synchronous(Synchronous::Full)
///     .pragma("cache_size", -64_000)
///     .open(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open` is called"]
pub struct OpenOptions {
    read_only: bool,
    create: bool,
    busy_timeout: Duration,
    journal_mode: JournalMode,
    synchronous: Option<Synchronous>,
    foreign_keys: bool,
    statement_cache: usize,
    pragmas: Vec<(String, String)>,
    hooks: Hooks,
}

/// How SQLite keeps what it needs to undo or redo a transaction. See
/// <https://www.sqlite.org/pragma.html#pragma_journal_mode>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum JournalMode {
    /// A log of what is written: readers and a writer do not wait for each other.
    #[default]
    Wal,
    /// A file with what was there before, deleted after each transaction.
    Delete,
    /// Like `Delete`, but the file is cut to nothing.
    Truncate,
    /// Like `Delete`, but the file is overwritten.
    Persist,
    /// Like `Delete`, but in memory: a crash in a transaction damages the database.
    Memory,
}

/// When SQLite waits for what it writes to be on the disk. See <https://www.sqlite.org/pragma.html#pragma_synchronous>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// Never: a power failure may damage the database.
    Off,
    /// At the moments that matter for the file. With [`JournalMode::Wal`] a power failure may undo the last
    /// transactions, and damages nothing.
    Normal,
    /// At every commit, too.
    Full,
    /// Like `Full`, and for the directory, too.
    Extra,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl OpenOptions {
    /// The usual options: read and write, create a missing file, write-ahead log, 5 seconds of busy timeout, foreign
    /// keys.
    ///
    /// ```
    /// use orm::sqlite::OpenOptions;
    ///
    /// let db = OpenOptions::new().open_in_memory()?;
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn new() -> Self {
        Self {
            read_only: false,
            create: true,
            busy_timeout: Duration::from_secs(5),
            journal_mode: JournalMode::default(),
            synchronous: None,
            foreign_keys: true,
            statement_cache: 256,
            pragmas: Vec::new(),
            hooks: Hooks::default(),
        }
    }

    /// Opens the file for reading only; it is not created, and its journal mode stays as it is.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// Connection::open(&path)?.create_all(&schema())?;
    /// let db = Connection::options().read_only(true).open(&path)?;
    /// let error = User::delete().all_rows().execute(&db).unwrap_err();
    /// assert_eq!(error.kind(), orm::ErrorKind::ReadOnly);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Whether a missing file is created, which is the default.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::sqlite::Connection;
    ///
    /// assert!(Connection::options().create(false).open(&path).is_err());
    /// assert!(!path.exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// For how long a statement waits for other connections before it fails with [`ErrorKind::Busy`]; 5 seconds unless
    /// set. Zero does not wait; SQLite waits for 24 days at most.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use std::time::Duration;
    ///
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// let mut writer = Connection::open(&path)?;
    /// writer.create_all(&schema())?;
    /// let tx = writer.begin()?;
    /// let impatient = Connection::options().busy_timeout(Duration::ZERO).open(&path)?;
    /// let error = User::delete().all_rows().execute(&impatient).unwrap_err();
    /// assert_eq!(error.kind(), orm::ErrorKind::Busy);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout.min(LONGEST_BUSY_TIMEOUT);
        self
    }

    /// The journal mode of a file; [`JournalMode::Wal`] unless set. It is a property of the file, and stays.
    ///
    /// A database in memory keeps its own, and one opened for reading only that of the file.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::sqlite::{Connection, JournalMode};
    ///
    /// let db = Connection::options().journal_mode(JournalMode::Delete).open(&path)?;
    /// let mode: String = db.with_raw(|raw| raw.query_row("pragma journal_mode", [], |row| row.get(0)))??;
    /// assert_eq!(mode, "delete");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn journal_mode(mut self, mode: JournalMode) -> Self {
        self.journal_mode = mode;
        self
    }

    /// When SQLite waits for the disk; [`Synchronous::Normal`] with the write-ahead log, else [`Synchronous::Full`].
    ///
    /// `Full` costs a wait for the disk at every commit, and keeps every committed transaction through a power failure.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::sqlite::{Connection, Synchronous};
    ///
    /// let db = Connection::options().synchronous(Synchronous::Full).open(&path)?;
    /// let level: i64 = db.with_raw(|raw| raw.query_row("pragma synchronous", [], |row| row.get(0)))??;
    /// assert_eq!(level, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = Some(synchronous);
        self
    }

    /// Whether foreign keys are checked, which is the default.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// let db = Connection::options().foreign_keys(false).open_in_memory()?;
    /// db.create_all(&schema())?;
    /// Post::insert().values(NewPost::new(1, 99, "By nobody", 0)).execute(&db)?;
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn foreign_keys(mut self, foreign_keys: bool) -> Self {
        self.foreign_keys = foreign_keys;
        self
    }

    /// How many prepared statements are kept; 256 unless set. The one that was not used for the longest time goes
    /// first.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// let db = Connection::options().statement_cache(2).open_in_memory()?;
    /// db.create_all(&schema())?;
    /// User::select().all(&db)?;
    /// Post::select().all(&db)?;
    /// User::select().count(&db)?;
    /// assert!(db.statement_cache_len() <= 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn statement_cache(mut self, capacity: usize) -> Self {
        self.statement_cache = capacity;
        self
    }

    /// Sets a [pragma](https://www.sqlite.org/pragma.html), after all others.
    ///
    /// Name and value come from the program, never from its users: they are not checked.
    ///
    /// ```
    /// use orm::sqlite::Connection;
    ///
    /// let db = Connection::options().pragma("cache_size", -64_000).open_in_memory()?;
    /// let size: i64 = db.with_raw(|raw| raw.query_row("pragma cache_size", [], |row| row.get(0)))??;
    /// assert_eq!(size, -64_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pragma(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.pragmas.push((name.into(), value.to_string()));
        self
    }

    /// Calls a function after every statement of a query, with its text, table, duration and number of rows. Never with
    /// its values.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    /// use orm::{doctest::*, prelude::*, sqlite::Connection};
    ///
    /// let rows = Arc::new(AtomicU64::new(0));
    /// let counter = Arc::clone(&rows);
    /// let db = Connection::options()
    ///     .on_query(move |event| drop(counter.fetch_add(event.rows, Ordering::Relaxed)))
    ///     .open_in_memory()?;
    /// db.create_all(&schema())?;
    /// User::insert_many(&[NewUser::new(1, "a@b.c", "A"), NewUser::new(2, "b@b.c", "B")]).execute(&db)?;
    /// assert_eq!(rows.load(Ordering::Relaxed), 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn on_query(mut self, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.on_query(hook);
        self
    }

    /// Like [`on_query`](Self::on_query), but only for statements that take at least this long.
    ///
    /// ```
    /// use std::time::Duration;
    /// use orm::sqlite::Connection;
    ///
    /// let db = Connection::options()
    ///     .on_slow_query(Duration::from_millis(100), |event| eprintln!("{:?}: {}", event.duration, event.sql))
    ///     .open_in_memory()?;
    /// # Ok::<(), orm::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::time::Duration;
    /// use orm::sqlite::Connection;
    ///
    /// let db = Connection::options().slow_query_threshold(Duration::from_millis(100)).open_in_memory()?;
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn slow_query_threshold(mut self, threshold: Duration) -> Self {
        self.hooks.slow_query_threshold(threshold);
        self
    }

    /// Who is told of statements.
    #[cfg(feature = "pool")]
    pub(crate) fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// How transactions are kept.
    #[cfg(feature = "pool")]
    pub(crate) fn journal(&self) -> JournalMode {
        self.journal_mode
    }

    /// How long to wait for other connections.
    #[cfg(feature = "pool")]
    pub(crate) fn patience(&self) -> Duration {
        self.busy_timeout
    }

    /// Opens a database file. The path is never read as a URI. `:memory:` is a new database in memory.
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened or is not a database, or an option cannot be set.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("app.db");
    /// use orm::sqlite::OpenOptions;
    ///
    /// std::fs::write(&path, "This is a text of more than a hundred characters, which is no database. ".repeat(20))?;
    /// let error = OpenOptions::new().open(&path).unwrap_err();
    /// assert_eq!(error.kind(), orm::ErrorKind::NotADatabase);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Connection, Error> {
        let path = path.as_ref();
        self.open_watched(path, self.observer(&path.display().to_string()))
    }

    fn observer(&self, name: &str) -> Arc<Observer> {
        Arc::new(Observer::new(place(name), self.hooks.clone()))
    }

    /// Opens a database file whose statements are watched by an observer that is there already.
    pub(crate) fn open_watched(&self, path: &Path, observer: Arc<Observer>) -> Result<Connection, Error> {
        if path.as_os_str() == ":memory:" {
            return self.open_memory_watched(observer);
        }
        let name = path.display().to_string();
        if path.as_os_str().is_empty() {
            return Err(refused(&name, ErrorKind::CannotOpen, "the path is empty"));
        }
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= if self.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        if self.create && !self.read_only {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let connection = rusqlite::Connection::open_with_flags(never_uri(path), flags);
        self.configure(connection, name, observer)
    }

    /// Opens a new database in memory, which is gone when the connection is dropped.
    ///
    /// # Errors
    /// [`Error::Open`] if there is no memory for it, or an option cannot be set.
    ///
    /// ```
    /// use orm::sqlite::OpenOptions;
    ///
    /// let db = OpenOptions::new().statement_cache(16).open_in_memory()?;
    /// assert_eq!(db.statement_cache_len(), 0);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn open_in_memory(&self) -> Result<Connection, Error> {
        self.open_memory_watched(self.observer(":memory:"))
    }

    fn open_memory_watched(&self, observer: Arc<Observer>) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_in_memory_with_flags(flags);
        self.configure(connection, ":memory:".to_owned(), observer)
    }

    fn configure(
        &self,
        connection: rusqlite::Result<rusqlite::Connection>,
        name: String,
        observer: Arc<Observer>,
    ) -> Result<Connection, Error> {
        let opened = connection.and_then(|connection| {
            self.set_up(&connection)?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| Failure::from_driver(error).into_open_error(&name))?;
        // Prefixes are ranges of texts in the order of their UTF-8 bytes.
        let encoding: String = connection
            .pragma_query_value(None, "encoding", |row| row.get(0))
            .map_err(|error| Failure::from_driver(error).into_open_error(&name))?;
        if encoding != "UTF-8" {
            return Err(refused(&name, ErrorKind::Unsupported, "the texts of the database are not UTF-8"));
        }
        let handle = Handle::new(connection, self.statement_cache);
        Ok(Connection::new(Session::new(handle, name.into_boxed_str(), observer)))
    }

    fn set_up(&self, connection: &rusqlite::Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(self.busy_timeout)?;
        let settings = [
            (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, self.foreign_keys),
            // A misspelled column in double quotes would be a string: https://www.sqlite.org/quirks.html#dblquote
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            // Without this, SQLite prepares a statement again whenever the planner looked at one of its values:
            // https://www.sqlite.org/queryplanner-ng.html#qpstab
            (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
        ];
        for (setting, value) in settings {
            connection.set_db_config(setting, value)?;
        }
        // A file without the right to write is opened for reading without a word.
        if !connection.is_readonly(c"main")? {
            self.set_journal_mode(connection)?;
        }
        let default = match self.journal_mode {
            JournalMode::Wal => Synchronous::Normal,
            _ => Synchronous::Full,
        };
        connection.pragma_update(None, "synchronous", self.synchronous.unwrap_or(default).name())?;
        for (name, value) in &self.pragmas {
            connection.pragma_update(None, name, value)?;
        }
        Ok(())
    }

    /// Changing to the write-ahead log does not wait for other connections, so the waiting is done here.
    fn set_journal_mode(&self, connection: &rusqlite::Connection) -> rusqlite::Result<()> {
        let is_done = |mode: &str| mode == self.journal_mode.name() || mode == "memory";
        let start = Instant::now();
        loop {
            let changed =
                connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).and_then(|mode: String| {
                    if is_done(&mode) {
                        return Ok(mode);
                    }
                    connection.pragma_update_and_check(None, "journal_mode", self.journal_mode.name(), |row| row.get(0))
                });
            match changed {
                Ok(mode) if is_done(&mode) => return Ok(()),
                Ok(mode) => {
                    let message = format!("the journal mode stays `{mode}`");
                    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
                    return Err(rusqlite::Error::SqliteFailure(code, Some(message)));
                }
                Err(error)
                    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                        && start.elapsed() < self.busy_timeout =>
                {
                    thread::sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl JournalMode {
    fn name(self) -> &'static str {
        match self {
            Self::Wal => "wal",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::Persist => "persist",
            Self::Memory => "memory",
        }
    }
}

impl Synchronous {
    fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Normal => "normal",
            Self::Full => "full",
            Self::Extra => "extra",
        }
    }
}

/// A database as spans and metrics name it.
pub(crate) fn place(name: &str) -> Place {
    Place { system: "sqlite", namespace: name.into(), pool: name.into(), address: None, port: None }
}

/// SQLite may be compiled to read every name that begins with `file:` as a URI. See <https://www.sqlite.org/uri.html>.
fn never_uri(path: &Path) -> PathBuf {
    if path.to_string_lossy().starts_with("file:") { Path::new(".").join(path) } else { path.to_owned() }
}

#[cold]
fn refused(name: &str, kind: ErrorKind, message: &str) -> Error {
    Error::Open { name: name.to_owned(), kind, source: message.into() }
}

#[cfg(test)]
mod tests;
