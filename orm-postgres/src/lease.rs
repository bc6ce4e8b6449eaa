//! A connection on loan.

use std::time::Duration;

use deadpool::managed::Object;
use orm_core::{
    dialect::Dialect,
    error::Error,
    executor::Query,
    observe::Usage,
    pool::{self, Access, Company, State, TransactionOptions},
};
use tokio::{sync::OwnedMutexGuard, time::timeout};

use crate::{Postgres, connect::Canceller, pool::Pooled, session::Session, stream::Cursor};

/// How long a rollback that nobody waits for may take, before the connection is closed instead.
const ROLLBACK_DEADLINE: Duration = Duration::from_secs(1);

/// How long the server may take to hear that a statement is to be ended, and then to end it.
const CANCEL_DEADLINE: Duration = Duration::from_secs(2);

/// A connection on loan. When it is returned in a transaction, that is rolled back first; one on which an answer is awaited
/// is closed instead.
pub struct Lease(Place);

/// Where a connection goes back to.
enum Place {
    /// To a pool, which counts what is in use.
    Pool(Option<(Pooled, Usage)>),
    /// To the handle of a single session, after what was left open or under way on it is ended.
    Single(Option<(OwnedMutexGuard<Session>, Usage)>),
}

impl Lease {
    pub(crate) fn new(connection: Pooled, usage: Usage) -> Self {
        Self(Place::Pool(Some((connection, usage))))
    }

    /// A session that nobody else uses meanwhile.
    pub(crate) fn single(session: OwnedMutexGuard<Session>, usage: Usage) -> Self {
        Self(Place::Single(Some((session, usage))))
    }

    pub(crate) fn session(&self) -> &Session {
        match &self.0 {
            Place::Pool(lent) => &lent.as_ref().expect("a lease has its connection until it is dropped").0,
            Place::Single(lent) => &lent.as_ref().expect("a lease has its connection until it is dropped").0,
        }
    }

    fn take(&mut self) -> Option<(Pooled, Usage)> {
        match &mut self.0 {
            Place::Pool(lent) => lent.take(),
            Place::Single(lent) => {
                if let Some((session, _usage)) = lent.take() {
                    give_back(session);
                }
                None
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The usage ends after the connection was returned: what is declared last is dropped first.
        let Some((connection, usage)) = self.take() else { return };
        let (usage, connection) = (usage, connection);
        if connection.is_clean() {
            connection.idle.begin();
            return;
        }
        // Not the runtime of whoever drops this, of which there may be none.
        let runtime = connection.runtime().clone();
        if connection.is_busy() {
            // Never used again: a request to cancel can arrive at any time later.
            runtime.spawn(Cancel::new(Object::take(connection)).run());
        } else if connection.is_untouched() {
            // Keeps its place in the pool meanwhile.
            runtime.spawn(async move {
                let (_usage, connection) = (usage, connection);
                match timeout(ROLLBACK_DEADLINE, connection.reset()).await {
                    Ok(Ok(())) => connection.idle.begin(),
                    _ => hang_up(Object::take(connection)).await,
                }
            });
        } else {
            drop(Object::take(connection));
        }
    }
}

/// Ends what was left open or under way on a single session, before it is lent again.
fn give_back(session: OwnedMutexGuard<Session>) {
    if session.is_open() && (session.is_busy() || session.level() > 0) {
        let runtime = session.runtime().clone();
        runtime.spawn(async move { session.restore().await });
    }
}

/// A connection whose statement is to be ended. Closing the connection alone would let it run to its end.
struct Cancel {
    session: Option<Box<Session>>,
    canceller: Canceller,
}

impl Cancel {
    fn new(session: Box<Session>) -> Self {
        Self { canceller: session.canceller(), session: Some(session) }
    }

    async fn run(mut self) {
        let Some(session) = self.session.take() else { return };
        drop(timeout(CANCEL_DEADLINE, self.canceller.clone().cancel()).await);
        hang_up(session).await;
    }
}

impl Drop for Cancel {
    /// A runtime that shuts down drops its tasks, and this may be one that never ran.
    fn drop(&mut self) {
        if self.session.take().is_none() {
            return;
        }
        let canceller = self.canceller.clone();
        // Nobody waits for the thread: it ends by itself, or with the program.
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            drop(runtime.block_on(async { timeout(CANCEL_DEADLINE, canceller.cancel()).await }));
        });
    }
}

/// Closes a connection, by force if its server does not answer: the socket would stay open as long as it is silent.
async fn hang_up(session: Box<Session>) {
    let mut task = session.close();
    if timeout(CANCEL_DEADLINE, &mut task).await.is_err() {
        task.abort();
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

    async fn open<Q: Query>(&self, level: u32, query: &Q, company: Company) -> Result<Cursor, Error> {
        self.session().open(level, query, company).await
    }

    async fn next<Q: Query>(&self, level: u32, cursor: &mut Cursor, query: &Q) -> Result<Option<Q::Row>, Error> {
        self.session().next(level, cursor, query).await
    }

    fn close(&self, _level: u32, cursor: Cursor) {
        self.session().end_reading(cursor);
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

    fn abandon(&self, level: u32) -> bool {
        self.session().abandon(level)
    }
}
