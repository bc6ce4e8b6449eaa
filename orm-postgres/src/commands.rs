//! What only PostgreSQL has, on pools, connections and transactions.

use orm_core::{
    error::Error,
    pool::{self, Access, Backend, run::Place},
    table::Cells,
};

use crate::{Batch, Connection, Pool, Transaction, lease::Lease, session::Session};

/// What only PostgreSQL has: copying rows in bulk, and messages to listeners.
///
/// Implemented by pools, connections, batches and transactions. A message that is sent in a transaction arrives after its
/// commit, or not at all.
#[allow(async_fn_in_trait, reason = "implemented here only; the futures are `Send` where the receivers are")]
pub trait PostgresCommands: Sealed {
    /// Inserts rows by [`copy`](https://www.postgresql.org/docs/current/sql-copy.html), the fastest way for thousands of
    /// them, and gives their number.
    ///
    /// ```sql
    /// copy "users" ("email", "name") from stdin with (format binary)
    /// ```
    ///
    /// Unlike `insert_many` it has no `returning` and no `on_conflict`. Rows beside each other that give the same columns share
    /// a command; several commands run in one transaction. If one row is refused, none is inserted.
    ///
    /// # Errors
    /// [`Error::Database`] if the server refuses a row, [`Error::Encode`] if a value cannot be stored.
    fn copy_in<R: Cells + Sync>(&self, rows: &[R]) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Sends a message to those who [listen](crate::Listener) on a channel, when the transaction it is part of is committed.
    ///
    /// ```sql
    /// select pg_notify('jobs', '42')
    /// ```
    ///
    /// # Errors
    /// If the message is longer than 8,000 bytes, or the name of the channel than 63.
    fn notify(&self, channel: &str, message: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

impl Sealed for Pool {}
impl Sealed for Connection {}
impl Sealed for Batch {}
impl Sealed for Transaction<'_> {}
impl Sealed for pool::Batch<Connection> {}
impl Sealed for pool::Transaction<'_, Connection> {}

async fn copy<B: Backend<Session = Lease>, R: Cells + Sync>(place: Place<'_, Lease>, rows: &[R]) -> Result<u64, Error> {
    let runs: Vec<&[R]> = rows.chunk_by(|a, b| a.given_shape() == b.given_shape()).collect();
    if let [run] = runs.as_slice() {
        return place.session.session().copy_run(place.level, run).await;
    }
    let inner: pool::Transaction<'_, B> = pool::Transaction::within(place).await?;
    let mut copied = 0;
    for run in runs {
        let place = inner.place();
        copied += place.session.session().copy_run(place.level, run).await?;
    }
    inner.commit().await?;
    Ok(copied)
}

impl Session {
    async fn notify(&self, level: u32, channel: &str, message: &str) -> Result<(), Error> {
        const SQL: &str = "select pg_catalog.pg_notify($1, $2)";
        self.check(level).await?;
        let flight = self.flights.begin();
        let ty = tokio_postgres::types::Type::TEXT;
        match self.answer(self.client().query_typed(SQL, &[(&channel, ty.clone()), (&message, ty)])).await {
            Ok(_) => {
                flight.land();
                Ok(())
            }
            Err(fault) => {
                self.settle(flight, &fault);
                Err(crate::error::failed(fault, "notification".to_owned(), SQL))
            }
        }
    }
}

macro_rules! commands {
    ($ty:ty, $backend:ty, |$it:ident| $held:expr, |$lent:ident| $place:expr) => {
        impl PostgresCommands for $ty {
            async fn copy_in<R: Cells + Sync>(&self, rows: &[R]) -> Result<u64, Error> {
                let $it = self;
                let $lent = $held;
                let place = $place;
                copy::<$backend, R>(place, rows)
                    .await
                    .inspect_err(|error| pool::Session::state(place.session).note(error))
            }

            async fn notify(&self, channel: &str, message: &str) -> Result<(), Error> {
                let $it = self;
                let $lent = $held;
                let place = $place;
                let sent = place.session.session().notify(place.level, channel, message).await;
                sent.inspect_err(|error| pool::Session::state(place.session).note(error))
            }
        }
    };
}

commands!(Pool, Pool, |pool| pool::lease(pool, Access::Write).await?, |lease| Place::outside(&lease));
commands!(Connection, Connection, |it| pool::lease(it, Access::Write).await?, |lease| Place::outside(&lease));
commands!(Batch, Pool, |batch| batch, |it| it.place());
commands!(Transaction<'_>, Pool, |tx| tx, |it| it.place());
commands!(pool::Batch<Connection>, Connection, |batch| batch, |it| it.place());
commands!(pool::Transaction<'_, Connection>, Connection, |tx| tx, |it| it.place());
