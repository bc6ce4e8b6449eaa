//! A pool of connections.

use std::{fmt, sync::Arc, time::Duration};

use deadpool::managed::{self, Object, PoolError, RecycleError, RecycleResult, TimeoutType, Timeouts};
use orm_core::{
    error::{Error, ErrorKind},
    pool::{self, Access, Backend, Observer, QueryEvent},
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
    observer: Observer,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 10,
            wait: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            observer: Observer::new("postgresql"),
        }
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
        self.observer.on_query(hook);
        self
    }

    /// Like [`on_query`](Self::on_query), but only for statements that take at least this long.
    pub fn on_slow_query(
        mut self,
        threshold: Duration,
        hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.observer.on_slow_query(threshold, hook);
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
        let observer = Arc::new(self.observer);
        let manager = Manager { config, name: Arc::clone(&name), observer: Arc::clone(&observer) };
        let connections = managed::Pool::builder(manager)
            .max_size(self.size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(self.wait))
            .create_timeout(Some(self.connect))
            .build()
            .expect("a runtime is given, which is all a timeout asks for");
        let pool = Pool { connections, name, wait: self.wait, observer };
        // A first connection tells right away if the URL is wrong.
        drop(pool.lease(Access::Read).await?);
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

/// Makes connections for a pool.
pub(crate) struct Manager {
    config: Config,
    name: Arc<str>,
    observer: Arc<Observer>,
}

impl Manager {
    async fn connect(&self) -> Result<Box<Session>, Error> {
        let (client, connection) =
            self.config.connect(NoTls).await.map_err(|error| not_connected(&error, self.name.to_string()))?;
        // Ends when the client is dropped; its error reaches whoever awaits an answer.
        tokio::spawn(connection);
        Ok(Box::new(Session::new(client, Arc::clone(&self.observer))))
    }
}

impl managed::Manager for Manager {
    // In a box, because the pool moves it about ten times for each statement.
    type Type = Box<Session>;
    type Error = Error;

    async fn create(&self) -> Result<Box<Session>, Error> {
        // In a box, because this future is part of that of every statement, and large.
        Box::pin(self.connect()).await
    }

    async fn recycle(&self, session: &mut Box<Session>, _metrics: &managed::Metrics) -> RecycleResult<Error> {
        if session.is_clean() { Ok(()) } else { Err(RecycleError::message("the connection is in use or closed")) }
    }
}

impl Backend for Pool {
    type Dialect = Postgres;
    type Session = Lease;

    async fn lease(&self, _access: Access) -> Result<Lease, Error> {
        // A timer is only worth its price when there is something to wait for. Whoever waits already comes first.
        let timeouts = self.connections.timeouts();
        let at_once = Timeouts { wait: Some(Duration::ZERO), ..timeouts };
        let taken = match self.connections.timeout_get(&at_once).await {
            Err(PoolError::Timeout(TimeoutType::Wait)) => self.connections.timeout_get(&timeouts).await,
            taken => taken,
        };
        match taken {
            Ok(connection) => Ok(Lease::new(connection)),
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

    fn observer(&self) -> &Observer {
        &self.observer
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
        let mut lease = self.lease(Access::Write).await?;
        let result = pool::Session::run(&lease, 0, sql, "batch of statements").await;
        lease.close();
        result
    }
}

orm_core::pool_methods!(Pool);
