//! A connection of a pool on loan.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use orm_core::{
    dialect::Dialect,
    error::{Error, ErrorKind},
    executor::Query,
    observe::{Observer, Usage},
    pool::{self, State, TransactionOptions},
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{Connection, Sqlite, execute::Scope, pool::Shared, session::Access, statement::Parked};

/// The wait before a locked database is tried again; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// A connection of a pool. Nobody else has it, so its lock is always free: it makes handles that tasks may share.
pub(crate) struct Pooled {
    connection: Mutex<Connection>,
    state: State,
    /// How long to wait for another process that writes.
    patience: Duration,
    only_reads: AtomicBool,
}

impl Pooled {
    pub(crate) fn new(connection: Connection, observer: Arc<Observer>, patience: Duration) -> Self {
        let (connection, state) = (Mutex::new(connection), State::new(observer));
        Self { connection, state, patience, only_reads: AtomicBool::new(false) }
    }

    /// Prepares the connection for its next borrower.
    pub(crate) fn lend(&self, access: pool::Access) {
        self.only_reads.store(access == pool::Access::Read, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in a row's `Decode` leaves nothing half done: statements are reset when they are dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something that waits for other processes inside of SQLite, which blocks the thread, for as long as the busy
    /// timeout says.
    pub(crate) fn blocking<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        struct Impatient<'c>(&'c Connection);
        impl Drop for Impatient<'_> {
            fn drop(&mut self) {
                drop(self.0.session().handle().connection().busy_timeout(Duration::ZERO));
            }
        }
        let connection = self.lock();
        let _impatient = (!self.patience.is_zero()).then(|| {
            drop(connection.session().handle().connection().busy_timeout(self.patience));
            Impatient(&connection)
        });
        work(&connection)
    }

    fn access(&self) -> Access {
        if self.only_reads.load(Ordering::Relaxed) { Access::Read } else { Access::Write }
    }

    /// Tries something until the database is not locked by another process any more, for as long as the busy timeout
    /// says. In a transaction, which has its locks, there is nothing to wait for.
    async fn patiently<T>(
        &self,
        level: u32,
        mut work: impl FnMut(&Connection) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        // Statements run without ever waiting: this lets other tasks have their turn.
        tokio::task::coop::consume_budget().await;
        let mut first = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let result = work(&self.lock());
            match result {
                Err(error) if level == 0 && error.kind() == ErrorKind::Busy => {
                    let started = *first.get_or_insert_with(Instant::now);
                    if started.elapsed() >= self.patience {
                        return Err(error);
                    }
                }
                result => return result,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// A connection on loan, which goes back when this is dropped.
pub struct Lease {
    connection: Option<Pooled>,
    access: pool::Access,
    shared: Arc<Shared>,
    /// After the connection: whoever is next in line finds it back.
    _turn: OwnedSemaphorePermit,
    /// Last: the connection is nobody's then.
    _usage: Usage,
}

impl Lease {
    pub(crate) fn new(
        connection: Pooled,
        access: pool::Access,
        shared: Arc<Shared>,
        turn: OwnedSemaphorePermit,
        usage: Usage,
    ) -> Self {
        Self { connection: Some(connection), access, shared, _turn: turn, _usage: usage }
    }

    pub(crate) fn pooled(&self) -> &Pooled {
        self.connection.as_ref().expect("a lease has its connection until it is dropped")
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.pooled().lock()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        connection.lock().session().abandon_all();
        self.shared.put_back(self.access, connection);
    }
}

/// A query whose rows are read one by one, between which the connection is nobody's.
pub struct Cursor(Option<Parked>);

impl pool::Session for Lease {
    type Cursor = Cursor;

    fn dialect(&self) -> &'static dyn Dialect {
        &Sqlite
    }

    fn state(&self) -> &State {
        &self.pooled().state
    }

    async fn rows<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        mut take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        let pooled = self.pooled();
        let access = pooled.access();
        pooled
            .patiently(level, |connection| Scope::new(connection.session(), level, access).each(query, &mut take))
            .await
    }

    async fn open<Q: Query>(&self, level: u32, query: &Q, _company: pool::Company) -> Result<Cursor, Error> {
        let pooled = self.pooled();
        let access = pooled.access();
        let parked = pooled
            .patiently(level, |connection| Scope::new(connection.session(), level, access).start_parked(query))
            .await?;
        Ok(Cursor(Some(parked)))
    }

    async fn next<Q: Query>(&self, level: u32, cursor: &mut Cursor, query: &Q) -> Result<Option<Q::Row>, Error> {
        let pooled = self.pooled();
        let access = pooled.access();
        let mut given = None;
        pooled
            .patiently(level, |connection| {
                given = Scope::new(connection.session(), level, access).next_parked(query, &mut cursor.0)?;
                Ok(())
            })
            .await?;
        Ok(given)
    }

    fn close(&self, _level: u32, cursor: Cursor) {
        if let Some(parked) = cursor.0 {
            drop(self.lock().session().handle().resume(parked));
        }
    }

    async fn plan<Q: Query>(&self, level: u32, query: &Q) -> Result<String, Error> {
        let pooled = self.pooled();
        let access = pooled.access();
        pooled.patiently(level, |connection| Scope::new(connection.session(), level, access).plan(query)).await
    }

    async fn run(&self, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
        let pooled = self.pooled();
        // Never a second time: what came before a statement that found the database locked has taken effect.
        pooled.blocking(|connection| Scope::new(connection.session(), level, pooled.access()).run_batch(sql, operation))
    }

    async fn begin(&self, level: u32, access: pool::Access, _options: &TransactionOptions) -> Result<(), Error> {
        let pooled = self.pooled();
        let access = match (access, pooled.access()) {
            (pool::Access::Write, Access::Write) => Access::Write,
            _ => Access::Read,
        };
        pooled.patiently(level, |connection| connection.session().begin(level, access).map(drop)).await
    }

    async fn commit(&self, level: u32) -> Result<(), Error> {
        self.lock().session().commit(level)
    }

    async fn rollback(&self, level: u32) -> Result<(), Error> {
        self.lock().session().rollback(level)
    }

    fn abandon(&self, level: u32) -> bool {
        let connection = self.lock();
        let is_open = connection.session().level() >= level;
        if is_open {
            connection.session().abandon(level);
        }
        is_open
    }
}
