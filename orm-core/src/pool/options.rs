//! What kind of transaction it is to be.

/// How much of what other transactions do a transaction sees.
///
/// SQLite has one writer at a time, so its transactions are serializable whatever is asked for. See
/// <https://www.postgresql.org/docs/current/transaction-iso.html> and <https://www.sqlite.org/isolation.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it began.
    ReadCommitted,
    /// All statements see what was committed before the first of them; a conflicting write is
    /// [`SerializationFailure`](crate::ErrorKind::SerializationFailure).
    RepeatableRead,
    /// As if transactions ran one after the other; where that is impossible, one of them is
    /// [`SerializationFailure`](crate::ErrorKind::SerializationFailure).
    Serializable,
}

/// Options of a transaction, for `transaction_with`.
///
/// ```
/// use orm::pool::{Isolation, TransactionOptions};
///
/// let options = TransactionOptions::new().isolation(Isolation::Serializable).retry(5);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use = "options do nothing by themselves: pass them to `transaction_with`"]
pub struct TransactionOptions {
    isolation: Option<Isolation>,
    read_only: bool,
    deferrable: bool,
    retries: u32,
}

impl TransactionOptions {
    /// The database's usual transaction, which is not tried again.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much of what others do it sees; the database's own default unless said otherwise: read committed on
    /// PostgreSQL, serializable on SQLite.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// The database refuses to write in it: [`ReadOnly`](crate::ErrorKind::ReadOnly). Where a closure should not even
    /// compile if it writes, use `read` instead.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Waits for a snapshot with which it can neither fail nor make others fail. Has an effect together with
    /// [`Isolation::Serializable`] and [`read_only`](Self::read_only) on PostgreSQL; elsewhere nothing needs to be waited for.
    pub fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// Runs it again, up to this many times, when it fails because of another transaction: a serialization failure, a
    /// deadlock, a table that changed, or a database that stays locked.
    ///
    /// The closure starts over on a new transaction, and what it did to the database is undone; what it did elsewhere is
    /// not. `tx.attempt()` tells which run it is. Between runs it waits for 5 ms, then up to twice as long each time, at
    /// most half a second.
    pub fn retry(mut self, times: u32) -> Self {
        self.retries = times;
        self
    }

    /// The isolation that was asked for.
    pub fn isolation_level(&self) -> Option<Isolation> {
        self.isolation
    }

    /// Whether it only reads.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether it waits for a safe snapshot.
    pub fn is_deferrable(&self) -> bool {
        self.deferrable
    }

    pub(crate) fn retries(&self) -> u32 {
        self.retries
    }
}
