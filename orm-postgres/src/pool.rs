//! A pool of connections.

use std::{fmt, sync::Arc, time::Duration};

use deadpool::managed::{self, Object, PoolError, RecycleError, RecycleResult, TimeoutType};
use orm_core::{
    ddl,
    error::{Error, ErrorKind},
    schema::Schema,
};

use crate::{
    Postgres, connect::Connector, idle::Sweep, options::PoolOptions, session::Session, transaction::Transaction,
};

/// A pool of connections to a PostgreSQL server.
///
/// Cheap to clone: clones share the connections. A connection is never handed on with an open transaction or an answer
/// that nobody awaits any more; one that is left so, because a future was dropped, is closed.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Manager>,
    name: Arc<str>,
    wait: Duration,
    /// Ends with the last clone.
    _sweep: Arc<Sweep>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).finish_non_exhaustive()
    }
}

struct Manager {
    connector: Arc<Connector>,
    options: PoolOptions,
}

impl managed::Manager for Manager {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session, Error> {
        let client = self.connector.open().await?;
        Ok(Session::new(client, Arc::clone(&self.connector), &self.options.connection))
    }

    async fn recycle(&self, session: &mut Session, _metrics: &managed::Metrics) -> RecycleResult<Error> {
        match session.is_clean() {
            false => Err(RecycleError::message("the connection is in use or closed")),
            true if session.idle.elapsed() >= self.options.idle => {
                Err(RecycleError::message("the connection was not used for too long"))
            }
            true => Ok(()),
        }
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
            connection.idle.begin();
            return;
        }
        let session = Object::take(connection);
        if session.is_busy()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Closing the connection alone would let the statement run to its end.
            runtime.spawn(session.canceller().cancel());
        }
    }
}

impl Pool {
    /// Connects to the server of a URL, with the options that are right for most: see [`PoolOptions::connect`].
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

    pub(crate) async fn open(options: PoolOptions, url: &str) -> Result<Self, Error> {
        let connector = Arc::new(Connector::new(url, &options.connection)?);
        let name = Arc::clone(connector.name());
        let (size, wait, idle) = (options.size, options.wait, options.idle);
        // Connecting has a timeout for each server of its own.
        let connections = managed::Pool::builder(Manager { connector, options })
            .max_size(size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(wait))
            .build()
            .expect("a runtime is given, which is all a timeout asks for");
        let sweep = Sweep::start(&connections, idle, |session: &Session| session.idle.elapsed());
        let pool = Self { connections, name, wait, _sweep: Arc::new(sweep) };
        // A first connection tells right away if the URL is wrong.
        drop(pool.lease().await?);
        Ok(pool)
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
