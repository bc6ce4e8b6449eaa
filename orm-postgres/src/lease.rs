//! A connection on loan.

use std::time::Duration;

use deadpool::managed::Object;
use orm_core::{
    dialect::Dialect,
    error::Error,
    executor::Query,
    observe::Usage,
    pool::{self, Access, State, TransactionOptions},
};
use tokio_postgres::NoTls;

use crate::{
    Postgres,
    pool::Pooled,
    session::{Cursor, Session},
};

/// How long a rollback that nobody waits for may take, before the connection is closed instead.
const ROLLBACK_DEADLINE: Duration = Duration::from_secs(1);

/// A connection on loan. When it is returned in a transaction, that is rolled back first; one on which an answer is awaited
/// is closed instead.
pub struct Lease(Option<(Pooled, Usage)>);

impl Lease {
    pub(crate) fn new(connection: Pooled, usage: Usage) -> Self {
        Self(Some((connection, usage)))
    }

    fn session(&self) -> &Session {
        &self.0.as_ref().expect("a lease has its connection until it is dropped").0
    }

    /// Closes the connection instead of returning it.
    pub(crate) fn close(&mut self) {
        if let Some((connection, _usage)) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The usage ends after the connection was returned: what is declared last is dropped first.
        let Some((connection, usage)) = self.0.take() else { return };
        let (usage, connection) = (usage, connection);
        if connection.is_clean() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            drop(Object::take(connection));
            return;
        };
        if connection.is_busy() {
            // Closing the connection alone would let the statement run to its end.
            let cancel = Object::take(connection).client().cancel_token();
            runtime.spawn(async move { drop(cancel.cancel_query(NoTls).await) });
        } else if connection.is_open() {
            // Keeps its place in the pool meanwhile.
            runtime.spawn(async move {
                let (_usage, connection) = (usage, connection);
                let undone = tokio::time::timeout(ROLLBACK_DEADLINE, connection.reset()).await;
                if !matches!(undone, Ok(Ok(()))) {
                    drop(Object::take(connection));
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
