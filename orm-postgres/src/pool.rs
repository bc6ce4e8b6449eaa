//! A pool of connections.

use std::{fmt, sync::Arc, time::Duration};

use deadpool::managed::{self, Object, PoolError, RecycleError, RecycleResult, TimeoutType};
use orm_core::{
    ddl,
    error::{Error, ErrorKind},
    schema::Schema,
};
use tokio_postgres::{Config, NoTls};

use crate::{Postgres, error::not_connected, session::Session, transaction::Transaction};

/// A pool of connections to a PostgreSQL server.
///
/// Cheap to clone: clones share the connections. A connection is never handed on with an open transaction or an answer
/// that nobody awaits any more; one that is left so, because a future was dropped, is closed.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Manager>,
    name: Arc<str>,
    wait: Duration,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How to connect, and how many connections to keep.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    size: usize,
    wait: Duration,
    connect: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { size: 10, wait: Duration::from_secs(5), connect: Duration::from_secs(10) }
    }
}

impl PoolOptions {
    /// The greatest number of connections; 10 unless said otherwise.
    #[must_use]
    pub fn size(mut self, connections: usize) -> Self {
        self.size = connections;
        self
    }

    /// How long to wait for a connection; five seconds unless said otherwise.
    #[must_use]
    pub fn wait(mut self, timeout: Duration) -> Self {
        self.wait = timeout;
        self
    }

    /// How long connecting may take; ten seconds unless said otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect = timeout;
        self
    }

    /// Connects to the server of a URL: `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// If the URL is malformed, or the server does not answer or refuses.
    pub async fn connect(self, url: &str) -> Result<Pool, Error> {
        let mut config: Config = url.parse().map_err(|error| not_connected(&error, "the database URL".to_owned()))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(self.connect);
        }
        let name: Arc<str> = describe(&config).into();
        let manager = Manager { config, name: Arc::clone(&name) };
        let connections = managed::Pool::builder(manager)
            .max_size(self.size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(self.wait))
            .create_timeout(Some(self.connect))
            .build()
            .expect("a runtime is given, which is all a timeout asks for");
        let pool = Pool { connections, name, wait: self.wait };
        // A first connection tells right away if the URL is wrong.
        drop(pool.lease().await?);
        Ok(pool)
    }
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

struct Manager {
    config: Config,
    name: Arc<str>,
}

impl managed::Manager for Manager {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session, Error> {
        let (client, connection) =
            self.config.connect(NoTls).await.map_err(|error| not_connected(&error, self.name.to_string()))?;
        // Ends when the client is dropped; its error reaches whoever awaits an answer.
        tokio::spawn(connection);
        Ok(Session::new(client))
    }

    async fn recycle(&self, session: &mut Session, _metrics: &managed::Metrics) -> RecycleResult<Error> {
        if session.is_clean() { Ok(()) } else { Err(RecycleError::message("the connection is in use or closed")) }
    }
}

/// A connection on loan. One that is not clean when it is returned is closed instead.
pub(crate) struct Lease(Option<Object<Manager>>);

impl Lease {
    pub(crate) fn session(&self) -> &Session {
        self.0.as_ref().expect("the connection is there until the lease is dropped")
    }
}

impl Lease {
    /// Closes the connection instead of giving it back.
    fn close(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.0.take() else { return };
        if connection.is_clean() {
            return;
        }
        let session = Object::take(connection);
        if session.is_busy()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Closing the connection alone would let the statement run to its end.
            let cancel = session.client().cancel_token();
            runtime.spawn(async move { drop(cancel.cancel_query(NoTls).await) });
        }
    }
}

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

    pub(crate) async fn lease(&self) -> Result<Lease, Error> {
        match self.connections.get().await {
            Ok(connection) => Ok(Lease(Some(connection))),
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

    /// Runs a transaction: committed if the body gives `Ok`, rolled back if it gives `Err`, panics or is dropped.
    ///
    /// # Errors
    /// The body's error, or that of beginning or committing.
    pub async fn transaction<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Transaction<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let lease = self.lease().await?;
        Transaction::run(lease.session(), 0, body).await
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
        let mut lease = self.lease().await?;
        let result = lease.session().run(0, sql, "batch of statements").await;
        lease.close();
        result
    }

    /// Creates the tables of a schema in an empty database. For tests and examples; applications migrate.
    ///
    /// # Errors
    /// If a statement fails; nothing is created then.
    pub async fn create_all(&self, schema: &Schema) -> Result<(), Error> {
        let statements = ddl::create_statements(schema, &Postgres);
        self.transaction(async |tx: &Transaction<'_>| {
            for statement in &statements {
                let operation = statement.lines().next().unwrap_or_default().trim_end_matches(" (");
                tx.execute_text(statement, operation).await?;
            }
            Ok(())
        })
        .await
    }
}
