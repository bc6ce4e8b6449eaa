//! PostgreSQL for `orm`: a pool of connections, transactions, and the dialect.
//!
//! Built on `tokio-postgres` and `deadpool`. Statements are prepared once per connection; a connection that a dropped
//! future left in a transaction, or waiting for an answer, is closed instead of being handed on.

mod decode;
mod dialect;
mod encode;
mod error;
mod execute;
mod numeric;
mod pool;
mod session;
mod transaction;

pub use self::dialect::Postgres;
pub use self::pool::{Pool, PoolOptions};
pub use self::transaction::Transaction;
