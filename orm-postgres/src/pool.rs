//! A pool of connections.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use deadpool::managed::{self, Object, PoolError, RecycleError, RecycleResult, TimeoutType, Timeouts};
use orm_core::{
    error::{Error, ErrorKind},
    observe::{Observer, Status, Stopwatch},
    pool::{self, Access, Backend, Either, OneOf},
};

use crate::{Postgres, connect::Connector, idle::Sweep, lease::Lease, options::PoolOptions, session::Session};

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
    /// Ends with the last clone.
    _sweep: Arc<Sweep>,
    connector: Arc<Connector>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).finish_non_exhaustive()
    }
}

fn status(connections: &managed::Pool<Manager>) -> Status {
    let status = connections.status();
    Status::new(status.size, status.size.saturating_sub(status.available), status.waiting, status.max_size)
}

/// Makes connections for a pool.
pub(crate) struct Manager {
    connector: Arc<Connector>,
    options: PoolOptions,
    /// How often the schema was seen to have changed.
    changes: Arc<AtomicU64>,
    observer: Arc<Observer>,
}

impl Manager {
    async fn connect(&self) -> Result<Box<Session>, Error> {
        let since = Stopwatch::start();
        let opened = self.connector.open().await?;
        self.observer.opened(&since);
        let (changes, observer) = (Arc::clone(&self.changes), Arc::clone(&self.observer));
        let connector = Arc::clone(&self.connector);
        Ok(Box::new(Session::new(opened, connector, changes, observer, &self.options.connection)))
    }
}

impl managed::Manager for Manager {
    // In a box, because the pool moves it about ten times for each statement.
    type Type = Box<Session>;
    type Error = Error;

    async fn create(&self) -> Result<Box<Session>, Error> {
        // Behind a pointer that says nothing of its type: this future is part of that of every statement, it is large, and
        // rustc counts how deep futures are nested.
        let connecting: Pin<Box<dyn Future<Output = Result<Box<Session>, Error>> + Send>> = Box::pin(self.connect());
        connecting.await
    }

    async fn recycle(&self, session: &mut Box<Session>, _metrics: &managed::Metrics) -> RecycleResult<Error> {
        match session.is_clean() {
            false => Err(RecycleError::message("the connection is in use or closed")),
            true if session.idle.elapsed() >= self.options.idle => {
                Err(RecycleError::message("the connection was not used for too long"))
            }
            true => Ok(()),
        }
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

impl<S> OneOf<Self, S> for Pool {
    fn which(&self) -> Either<&Self, &S> {
        Either::Postgres(self)
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

    pub(crate) async fn open(options: PoolOptions, connector: Connector) -> Result<Self, Error> {
        let name = Arc::clone(connector.name());
        let (size, wait, idle) = (options.size, options.wait, options.idle);
        let observer = Arc::new(Observer::new(connector.place(), options.hooks.clone()));
        let connector = Arc::new(connector);
        let manager = Manager {
            connector: Arc::clone(&connector),
            options,
            changes: Arc::default(),
            observer: Arc::clone(&observer),
        };
        // Connecting has a timeout for each server of its own.
        let connections = managed::Pool::builder(manager)
            .max_size(size)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(wait))
            .build()
            .expect("a runtime is given, which is all a timeout asks for");
        let looked_at = connections.weak();
        observer.look_at(move || looked_at.upgrade().map(|connections| status(&connections)));
        let sweep = Sweep::start(&connections, idle, |session| session.idle.elapsed());
        let pool = Self { connections, name, wait, observer, _sweep: Arc::new(sweep), connector };
        // A first connection tells right away if the URL is wrong.
        drop(pool::lease(&pool, Access::Read).await?);
        Ok(pool)
    }

    pub(crate) fn connector(&self) -> Arc<Connector> {
        Arc::clone(&self.connector)
    }

    /// Gives the driver's client to a closure, for what this crate does not do. The connection is closed afterwards, because
    /// nobody knows what was done to it.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn with_client<T>(&self, body: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> Result<T, Error> {
        let lease = pool::lease(self, Access::Write).await?;
        lease.session().taint();
        // A future that is dropped in between leaves an answer on its way.
        let flight = lease.session().flights.begin();
        let value = body(lease.session().client()).await;
        flight.ground();
        Ok(value)
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
        let lease = pool::lease(self, Access::Write).await?;
        pool::run_text(&lease, 0, sql, "batch of statements").await
    }
}

orm_core::pool_methods!(Pool);
