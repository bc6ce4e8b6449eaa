//! Options of a database that is chosen at run time.

use std::time::Duration;

use orm_core::{
    error::{Error, ErrorKind},
    observe::{Hooks, QueryEvent},
};

use crate::Database;

/// How to connect to the database that a URL names: what holds for each of them, and the options of each pool.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is connected before `connect` is called"]
pub struct DatabaseOptions {
    postgres: orm_postgres::PoolOptions,
    sqlite: orm_sqlite::PoolOptions,
    wait: Option<Duration>,
    hooks: Hooks,
}

/// A URL, as far as it tells which database it is.
enum Kind<'u> {
    Postgres,
    Sqlite { path: &'u str },
}

impl DatabaseOptions {
    /// The options of the pool if the database is PostgreSQL. What is said here for all databases comes first.
    pub fn postgres(mut self, options: orm_postgres::PoolOptions) -> Self {
        self.postgres = options;
        self
    }

    /// The options of the pool if the database is SQLite. What is said here for all databases comes first.
    pub fn sqlite(mut self, options: orm_sqlite::PoolOptions) -> Self {
        self.sqlite = options;
        self
    }

    /// How long to wait for a connection; five seconds unless said otherwise.
    pub fn wait(mut self, timeout: Duration) -> Self {
        self.wait = Some(timeout);
        self
    }

    /// Calls a function after every statement of a query, with its text, table, duration and number of rows. Never with
    /// its values.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use orm::{Database, doctest::*, prelude::*};
    /// # orm::doctest::run(async {
    /// let seen = Arc::new(Mutex::new(Vec::new()));
    /// let sink = Arc::clone(&seen);
    /// let db = Database::options()
    ///     .on_query(move |event| sink.lock().unwrap().push(format!("{} {}", event.operation, event.table)))
    ///     .connect("sqlite::memory:")
    ///     .await?;
    /// db.create_all(&schema()).await?;
    /// User::insert_many(&[NewUser::new(1, "anna@example.com", "Anna")]).execute(&db).await?;
    /// User::select().all(&db).await?;
    /// assert_eq!(*seen.lock().unwrap(), ["insert users", "select users"]);
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

    /// Connects to the database of a URL, like [`Database::connect`].
    ///
    /// # Errors
    /// [`Error::Open`] if the URL begins with something else than `postgres://` or `sqlite:`, or the database cannot be
    /// reached or opened.
    pub async fn connect(self, url: &str) -> Result<Database, Error> {
        match kind(url)? {
            Kind::Postgres => Ok(self.for_postgres().connect(url).await?.into()),
            Kind::Sqlite { path } => Ok(self.for_sqlite().open(path)?.into()),
        }
    }

    pub(crate) fn for_postgres(self) -> orm_postgres::PoolOptions {
        let options = self.postgres.hooks(&self.hooks);
        match self.wait {
            Some(wait) => options.wait(wait),
            None => options,
        }
    }

    pub(crate) fn for_sqlite(self) -> orm_sqlite::PoolOptions {
        let options = self.sqlite.hooks(&self.hooks);
        match self.wait {
            Some(wait) => options.wait(wait),
            None => options,
        }
    }
}

fn kind(url: &str) -> Result<Kind<'_>, Error> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return Ok(Kind::Sqlite { path: path.strip_prefix("//").unwrap_or(path) });
    }
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return Ok(Kind::Postgres);
    }
    Err(Error::Open {
        // What comes after the scheme may hold a password.
        name: format!("{}:…", url.split_once(':').map_or("", |(scheme, _)| scheme)),
        kind: ErrorKind::CannotOpen,
        source: "the URL of a database begins with `postgres://` or `sqlite:`".into(),
    })
}
