//! A single session.

use std::{fmt, sync::Arc, time::Duration};

use orm_core::{
    error::{Error, ErrorKind},
    observe::{Observer, Status, Stopwatch},
    pool::{self, Access, Backend},
};
use tokio::sync::Mutex;

use crate::{PoolOptions, Postgres, connect::Connector, error::refused, lease::Lease, session::Session};

/// A single connection to a PostgreSQL server, for what belongs to one session: temporary tables, settings, advisory locks.
///
/// Statements of several tasks run one after the other. Unlike a pool it never connects again by itself, because what the
/// session had would be gone without a word: after its connection is lost, everything is an error of the kind
/// [`ConnectionLost`](ErrorKind::ConnectionLost).
pub struct Connection {
    session: Arc<Mutex<Session>>,
    name: Arc<str>,
    wait: Duration,
    observer: Arc<Observer>,
}

impl Connection {
    /// Connects to the server of a URL: see [`PoolOptions::connect`].
    ///
    /// # Errors
    /// If the URL is malformed, or the server does not answer or refuses.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        PoolOptions::default().connect_single(url).await
    }

    pub(crate) async fn open(options: PoolOptions, connector: Connector) -> Result<Self, Error> {
        let observer = Arc::new(Observer::new(connector.place(), options.hooks));
        let connector = Arc::new(connector);
        let since = Stopwatch::start();
        let opened = connector.open().await?;
        observer.opened(&since);
        let name = Arc::clone(connector.name());
        let session = Session::new(opened, connector, Arc::default(), Arc::clone(&observer), &options.connection);
        Ok(Self { session: Arc::new(Mutex::new(session)), name, wait: options.wait, observer })
    }

    /// Runs statements without values. The text is part of the program, so nothing that a user typed can be part of it. What
    /// it sets stays set.
    ///
    /// # Errors
    /// If a statement fails; those before it are undone, unless the text commits itself.
    pub async fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        let lease = pool::lease(self, Access::Write).await?;
        pool::run_text(&lease, 0, sql, "batch of statements").await
    }

    /// Gives the driver's client to a closure, for what this crate does not do. Nothing is checked about what is done there.
    ///
    /// # Errors
    /// If the connection is lost.
    pub async fn with_client<T>(&self, body: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> Result<T, Error> {
        let lease = pool::lease(self, Access::Write).await?;
        // A future that is dropped in between leaves an answer on its way.
        let flight = lease.session().flights.begin();
        let value = body(lease.session().client()).await;
        flight.ground();
        Ok(value)
    }
}

impl Backend for Connection {
    type Dialect = Postgres;
    type Session = Lease;

    async fn lease(&self, _access: Access) -> Result<Lease, Error> {
        let session = tokio::time::timeout(self.wait, Arc::clone(&self.session).lock_owned()).await;
        let Ok(session) = session else {
            return Err(Error::PoolTimeout { size: 1, waiting: 0, waited: self.wait });
        };
        // What is left to do is done when the lease before ended, unless there was no runtime any more.
        if session.is_open() && (session.is_busy() || session.level() > 0) {
            session.restore().await;
        }
        if !session.is_open() {
            let problem = "the connection is closed, and with it what its session had";
            return Err(refused(ErrorKind::ConnectionLost, problem, format!("statement on {}", self.name), ""));
        }
        Ok(Lease::single(session, self.observer.usage()))
    }

    fn observer(&self) -> &Arc<Observer> {
        &self.observer
    }

    fn status(&self) -> Status {
        let in_use = usize::from(self.session.try_lock().is_err());
        Status::new(1, in_use, 0, 1)
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

orm_core::pool_methods!(Connection);

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("name", &self.name).finish_non_exhaustive()
    }
}
