//! The SQLite driver of `orm`: a blocking connection, transactions, and how values are stored.
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

mod execute;
mod plan;
mod session;

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

pub use self::{
    connect::{JournalMode, OpenOptions, Synchronous},
    connection::Connection,
    dialect::Sqlite,
    execute::Rows,
    transaction::{ReadTransaction, Transaction},
};

#[cfg(test)]
mod testing;
