//! A pool of connections.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use deadpool::managed::{self, Object, PoolError, RecycleError, RecycleResult, TimeoutType};
use orm_core::{
    error::{Error, ErrorKind},
    observe::{Hooks, Observer, Place, QueryEvent, Status, Stopwatch},
    pool::{self, Access, Backend},
};
use tokio_postgres::{Config, NoTls};

use crate::{Postgres, error::not_connected, lease::Lease, session::Session};

/// A pool of connections to a PostgreSQL server.
///
/// Cheap to clone: clones share the connections. A connection is never handed on with an open transaction or an answer
/// that nobody awaits any more; one that is left so, because a future was dropped, is rolled back or closed.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Manager>,
    name: Arc<str>,
    wait: Duration,
    observer: Arc<Observer>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How to connect, and how many connections to keep.
#[derive(Debug, Clone)]
#[must_use = "nothing is connected before `connect` is called"]
pub struct PoolOptions {
    size: usize,
    wait: Duration,
    connect: Duration,
    hooks: Hooks,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { size: 10, wait: Duration::from_secs(5), connect: Duration::from_secs(10), hooks: Hooks::default() }
    }
}

impl PoolOptions {
    /// The greatest number of connections; 10 unless said otherwise.
    pub fn size(mut self, connections: usize) -> Self {
        self.size = connections;
        self
    }

    /// How long to wait for a connection; five seconds unless said otherwise.
    pub fn wait(mut self, timeout: Duration) -> Self {
        self.wait = timeout;
        self
    }

    /// How long connecting may take; ten seconds unless said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect = timeout;
        self
    }

    /// Calls a function after every statement of a query, with its text, table, duration and number of rows. Never with
    /// its values.
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

    /// Connects to the server of a URL: `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// If the URL is malformed, or the server does not answer or refuses.
    pub async fn connect(self, url: &str) -> Result<Pool, Error> {
        self.connect_to(parse(url)?).await
    }

    pub(crate) async fn connect_to(self, mut config: Config) -> Result<Pool, Error> {
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(self.connect);
        }
        let name: Arc<str> = describe(&config).into();
        let observer = Arc::new(Observer::new(place(&config), self.hooks));
        let manager = Manager { config, name: Arc::clone(&name), observer: Arc::clone(&observer) };
        let connections = managed::Pool::builder(manager)
            .max_size(self.size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(self.wait))
            .create_timeout(Some(self.connect))
            .build()
            .expect("a runtime is given, which is all a timeout asks for");
        let looked_at = connections.weak();
        observer.look_at(move || looked_at.upgrade().map(|connections| status(&connections)));
        let pool = Pool { connections, name, wait: self.wait, observer };
        // A first connection tells right away if the URL is wrong.
        drop(pool::lease(&pool, Access::Read).await?);
        Ok(pool)
    }
}

/// Reads a URL.
pub(crate) fn parse(url: &str) -> Result<Config, Error> {
    url.parse().map_err(|error| not_connected(&error, "the database URL".to_owned()))
}

/// The server and database in words, without user and password.
fn describe(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    match config.get_dbname() {
        Some(database) => format!("{database} on {host}"),
        None => host,
    }
}

/// The server and database for spans and metrics.
fn place(config: &Config) -> Place {
    let address = match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    // Without a name, the database is called like its user.
    let namespace = config.get_dbname().or(config.get_user()).unwrap_or_default();
    Place {
        system: "postgresql",
        namespace: namespace.into(),
        pool: format!("{address}:{port}/{namespace}").into(),
        address: Some(address.into()),
        port: Some(port),
    }
}

fn status(connections: &managed::Pool<Manager>) -> Status {
    let status = connections.status();
    Status::new(status.size, status.size.saturating_sub(status.available), status.waiting, status.max_size)
}

/// Makes connections for a pool.
pub(crate) struct Manager {
    config: Config,
    name: Arc<str>,
    observer: Arc<Observer>,
}

impl managed::Manager for Manager {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session, Error> {
        let since = Stopwatch::start();
        // Behind a pointer that says nothing of its type: the futures of everything that may connect contain this one, and
        // rustc counts how deep they are nested.
        type Connecting<'a, T> = Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send + 'a>>;
        let connecting: Connecting<'_, _> = Box::pin(self.config.connect(NoTls));
        let (client, connection) = connecting.await.map_err(|error| not_connected(&error, self.name.to_string()))?;
        // Ends when the client is dropped; its error reaches whoever awaits an answer.
        tokio::spawn(connection);
        self.observer.opened(&since);
        Ok(Session::new(client, Arc::clone(&self.observer)))
    }

    async fn recycle(&self, session: &mut Session, _metrics: &managed::Metrics) -> RecycleResult<Error> {
        if session.is_clean() { Ok(()) } else { Err(RecycleError::message("the connection is in use or closed")) }
    }
}

impl Backend for Pool {
    type Dialect = Postgres;
    type Session = Lease;

    async fn lease(&self, _access: Access) -> Result<Lease, Error> {
        match self.connections.get().await {
            Ok(connection) => Ok(Lease::new(connection, self.observer.usage())),
            Err(PoolError::Backend(error)) => Err(error),
            Err(PoolError::Timeout(TimeoutType::Wait)) => {
                let status = self.connections.status();
                Err(Error::PoolTimeout { size: status.max_size, waiting: status.waiting, waited: self.wait })
            }
            Err(error) => Err(Error::Open {
                name: self.name.to_string(),
                kind: ErrorKind::CannotOpen,
                source: error.to_string().into(),
            }),
        }
    }

    fn observer(&self) -> &Arc<Observer> {
        &self.observer
    }

    fn status(&self) -> Status {
        status(&self.connections)
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// A connection that goes back to its pool when it is dropped.
pub(crate) type Pooled = Object<Manager>;

impl Pool {
    /// Connects to the server of a URL: `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// If the URL is malformed, or the server does not answer or refuses.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options().connect(url).await
    }

    /// The options of a pool, to be changed before connecting.
    pub fn options() -> PoolOptions {
        PoolOptions::default()
    }

    /// Runs statements without values, all in one implicit transaction. The text is part of the program, so nothing that a
    /// user typed can be part of it.
    ///
    /// What the text sets (`set role`, a lock, a transaction left open) ends with the call: the connection it ran on is
    /// closed afterwards.
    ///
    /// # Errors
    /// If a statement fails; those before it are undone, unless the text commits itself.
    pub async fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        let mut lease = pool::lease(self, Access::Write).await?;
        let result = pool::run_text(&lease, 0, sql, "batch of statements").await;
        lease.close();
        result
    }
}

orm_core::pool_methods!(Pool);
