//! PostgreSQL for `orm`: a pool of connections, transactions, and the dialect.
//!
//! Built on `tokio-postgres` and `deadpool`. Statements are prepared once per connection; a connection that a dropped
//! future left in a transaction, or waiting for an answer, is closed instead of being handed on.

mod decode;
mod dialect;
mod encode;
mod error;
mod flight;
mod lease;
mod numeric;
mod pool;
mod session;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;

pub use self::dialect::Postgres;
pub use self::pool::{Pool, PoolOptions};

/// A transaction on a connection of a [`Pool`], or a savepoint in one.
pub type Transaction<'c> = orm_core::pool::Transaction<'c, Pool>;
/// A read-only transaction on a connection of a [`Pool`].
pub type ReadTransaction<'c> = orm_core::pool::ReadTransaction<'c, Pool>;
/// A connection of a [`Pool`] on which statements that are awaited together are sent together.
pub type Batch = orm_core::pool::Batch<Pool>;
