//! A connection on loan.

use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::{
    Postgres,
    pool::Pooled,
    session::{Cursor, Session},
};
use deadpool::managed::Object;
use orm_core::{
    dialect::Dialect,
    error::Error,
    executor::Query,
    pool::{self, Access, State, TransactionOptions},
};

/// How long a rollback that nobody waits for may take, before the connection is closed instead.
const ROLLBACK_DEADLINE: Duration = Duration::from_secs(1);

/// A connection on loan. When it is returned in a transaction, that is rolled back first; one on which an answer is awaited
/// is closed instead.
pub struct Lease(Place);

/// Where a connection goes back to.
enum Place {
    /// To a pool.
    Pool(Option<Pooled>),
    /// To the handle of a single session, which sees to it that it is fit for use when it lends it again.
    Single(OwnedMutexGuard<Session>),
}

impl Lease {
    pub(crate) fn new(connection: Pooled) -> Self {
        Self(Place::Pool(Some(connection)))
    }

    /// A session that nobody else uses meanwhile.
    pub(crate) fn single(session: OwnedMutexGuard<Session>) -> Self {
        Self(Place::Single(session))
    }

    pub(crate) fn session(&self) -> &Session {
        match &self.0 {
            Place::Pool(connection) => connection.as_ref().expect("a lease has its connection until it is dropped"),
            Place::Single(session) => session,
        }
    }

    fn take(&mut self) -> Option<Pooled> {
        match &mut self.0 {
            Place::Pool(connection) => connection.take(),
            Place::Single(_) => None,
        }
    }

    /// Closes the connection instead of returning it.
    pub(crate) fn close(&mut self) {
        drop(self.take().map(Object::take));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.take() else { return };
        if connection.is_clean() {
            connection.idle.begin();
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            drop(Object::take(connection));
            return;
        };
        if connection.is_busy() {
            // Closing the connection alone would let the statement run to its end.
            runtime.spawn(Object::take(connection).canceller().cancel());
        } else if connection.is_open() {
            // Keeps its place in the pool meanwhile.
            runtime.spawn(async move {
                let undone = tokio::time::timeout(ROLLBACK_DEADLINE, connection.reset()).await;
                match undone {
                    Ok(Ok(())) => connection.idle.begin(),
                    _ => drop(Object::take(connection)),
                }
            });
        } else {
            drop(Object::take(connection));
        }
    }
}

impl pool::Session for Lease {
    type Cursor = Cursor;

    fn dialect(&self) -> &'static dyn Dialect {
        &Postgres
    }

    fn state(&self) -> &State {
        self.session().state()
    }

    async fn rows<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        self.session().rows(level, query, take).await
    }

    async fn open<Q: Query>(&self, level: u32, query: &Q) -> Result<Cursor, Error> {
        self.session().open(level, query).await
    }

    async fn next<Q: Query>(&self, _level: u32, cursor: &mut Cursor, query: &Q) -> Result<Option<Q::Row>, Error> {
        self.session().next(cursor, query).await
    }

    fn close(&self, _level: u32, _cursor: Cursor) {
        // The rows that are left are on their way: the session stays busy until something sent later is answered.
    }

    async fn plan<Q: Query>(&self, level: u32, query: &Q) -> Result<String, Error> {
        self.session().plan(level, query).await
    }

    async fn run(&self, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
        self.session().run(level, sql, operation).await
    }

    async fn begin(&self, level: u32, _access: Access, options: &TransactionOptions) -> Result<(), Error> {
        self.session().begin(level, options).await
    }

    async fn commit(&self, level: u32) -> Result<(), Error> {
        self.session().commit(level).await
    }

    async fn rollback(&self, level: u32) -> Result<(), Error> {
        self.session().rollback(level).await
    }

    fn abandon(&self, level: u32) {
        self.session().abandon(level);
    }
}
