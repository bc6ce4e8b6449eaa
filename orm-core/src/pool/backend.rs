//! What a driver implements for its pool and its connections.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_core::Stream;

use crate::{
    dialect::Dialect,
    error::Error,
    executor::Query,
    observe::{Observer, Status},
    pool::{State, TransactionOptions},
};

/// What the methods of a query return on a pool.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What `stream` returns on a pool.
pub type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send + 'a>>;

/// What a connection is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read: any connection does.
    Read,
    /// To write as well: databases with one writer have one connection for it.
    Write,
}

/// Whether a stream has a connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nothing else runs on it until the stream is dropped.
    Alone,
    /// Other statements may run between its rows.
    Shared,
}

impl Access {
    pub(crate) fn of<Q: Query>() -> Self {
        if Q::WRITES { Self::Write } else { Self::Read }
    }
}

/// A pool: where connections come from.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a pool of connections", label = "expected a pool")]
pub trait Backend: Send + Sync + Sized + 'static {
    /// The database's features, which queries are checked against at compile time.
    type Dialect: 'static;
    /// A connection on loan, which goes back when it is dropped.
    type Session: Session;

    /// A connection, for one statement or one transaction. Waits until one is free, for as long as the pool says.
    fn lease(&self, access: Access) -> impl Future<Output = Result<Self::Session, Error>> + Send;

    /// Who watches what runs.
    fn observer(&self) -> &Arc<Observer>;

    /// How many connections there are, and who waits for one.
    fn status(&self) -> Status;

    /// Waits, before something is tried again.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// A connection of a pool, the wait for which is watched.
///
/// # Errors
/// If none becomes free in time, or a new one cannot be opened.
pub async fn lease<B: Backend>(backend: &B, access: Access) -> Result<B::Session, Error> {
    backend.observer().acquiring().within(backend.lease(access)).await
}

/// A connection on loan.
///
/// Transactions are nested by level: 0 is outside of any, a transaction is 1, a savepoint in it is 2. Everything that runs
/// says on which level it belongs, and is [`Error::TransactionOpen`] unless that is the innermost one. A future that is
/// dropped, or a transaction that is, may leave work behind: the session sees to it that whoever uses the connection next
/// does not notice.
pub trait Session: Send + Sync + 'static {
    /// A query whose rows are read one by one.
    type Cursor: Send;

    /// How the database spells what databases do not agree on.
    fn dialect(&self) -> &'static dyn Dialect;

    /// What the layer above keeps with a connection.
    fn state(&self) -> &State;

    /// Runs a query, shows each row to `take`, and gives the number of rows it gave or changed. Rows stop at the first
    /// error of `take`.
    fn rows<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Starts a query whose rows are asked for one by one.
    fn open<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        company: Company,
    ) -> impl Future<Output = Result<Self::Cursor, Error>> + Send;

    /// The next row.
    fn next<Q: Query>(
        &self,
        level: u32,
        cursor: &mut Self::Cursor,
        query: &Q,
    ) -> impl Future<Output = Result<Option<Q::Row>, Error>> + Send;

    /// Ends a query, of which there may be rows left.
    fn close(&self, level: u32, cursor: Self::Cursor);

    /// The database's plan for a query, which is not run.
    fn plan<Q: Query>(&self, level: u32, query: &Q) -> impl Future<Output = Result<String, Error>> + Send;

    /// Runs text without values.
    fn run(&self, level: u32, sql: &str, operation: &str) -> impl Future<Output = Result<(), Error>> + Send;

    /// Begins a transaction (in level 0) or a savepoint, whose level is the next one.
    fn begin(
        &self,
        level: u32,
        access: Access,
        options: &TransactionOptions,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps what the transaction of this level did. If that fails, the transaction is rolled back.
    fn commit(&self, level: u32) -> impl Future<Output = Result<(), Error>> + Send;

    /// Undoes what the transaction of this level did.
    fn rollback(&self, level: u32) -> impl Future<Output = Result<(), Error>> + Send;

    /// Nobody will end the transaction of this level. Gives `false` if it is not open: what an inner transaction did that
    /// was being committed is part of the one around it.
    fn abandon(&self, level: u32) -> bool;
}
