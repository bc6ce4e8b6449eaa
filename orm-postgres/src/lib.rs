//! PostgreSQL for `orm`: a pool of connections, single sessions, transactions, and the dialect.
//!
//! Built on `tokio-postgres` and `deadpool`. Statements are prepared once per connection. A connection that a dropped future left in
//! a transaction is rolled back before anybody gets it, and one on which an answer is awaited is cancelled and closed.

mod commands;
mod connect;
mod connection;
mod copy;
mod decode;
mod dialect;
mod encode;
mod env;
mod error;
mod flight;
mod idle;
mod lease;
mod listen;
mod numeric;
mod options;
mod pool;
mod session;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;
mod transaction;
mod unnamed;
mod url;

pub use self::commands::PostgresCommands;
pub use self::connection::Connection;
pub use self::dialect::Postgres;
pub use self::listen::{Listener, Notification};
pub use self::options::PoolOptions;
pub use self::pool::Pool;

/// A transaction on a connection of a [`Pool`], or a savepoint in one.
pub type Transaction<'c> = orm_core::pool::Transaction<'c, Pool>;
/// A read-only transaction on a connection of a [`Pool`].
pub type ReadTransaction<'c> = orm_core::pool::ReadTransaction<'c, Pool>;
/// A connection of a [`Pool`] on which statements that are awaited together are sent together.
pub type Batch = orm_core::pool::Batch<Pool>;
