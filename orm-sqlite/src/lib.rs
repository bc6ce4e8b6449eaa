//! The SQLite driver of `orm`: a blocking connection, an asynchronous pool, transactions, and how values are stored.
//!
//! ```
//! use orm_sqlite::Connection;
//!
//! let db = Connection::open_in_memory()?;
//! db.transaction(|tx| tx.execute_batch("create table notes (text text not null) strict"))?;
//! # Ok::<(), orm_core::error::Error>(())
//! ```

mod connect;
mod connection;
mod transaction;

#[cfg(feature = "pool")]
mod lease;
#[cfg(feature = "pool")]
mod pool;

mod execute;
mod plan;
mod rows;
mod session;
mod several;

mod cache;
mod statement;

mod decimal;
mod decode;
mod encode;
mod list;
mod pattern;
mod text;

mod dialect;
mod error;
mod full_text;

pub use self::{
    connect::{JournalMode, OpenOptions, Synchronous},
    connection::Connection,
    dialect::Sqlite,
    rows::Rows,
    transaction::{ReadTransaction, Transaction},
};

#[cfg(feature = "pool")]
pub use self::pool::{Pool, PoolOptions};

/// A transaction on the connection of a [`Pool`] that writes, or a savepoint in one.
#[cfg(feature = "pool")]
pub type PoolTransaction<'c> = orm_core::pool::Transaction<'c, Pool>;
/// A transaction on a connection of a [`Pool`] that reads.
#[cfg(feature = "pool")]
pub type PoolReadTransaction<'c> = orm_core::pool::ReadTransaction<'c, Pool>;
/// A connection of a [`Pool`] for several statements.
#[cfg(feature = "pool")]
pub type PoolBatch = orm_core::pool::Batch<Pool>;

#[cfg(test)]
mod testing;
