//! PostgreSQL for `orm`: a pool of connections, transactions, and the dialect.
//!
//! Built on `tokio-postgres` and `deadpool`. Statements are prepared once per connection; a connection that a dropped
//! future left in a transaction, or waiting for an answer, is closed instead of being handed on.

mod connect;
mod decode;
mod dialect;
mod encode;
mod env;
mod error;
mod execute;
mod idle;
mod numeric;
mod options;
mod pool;
mod session;
mod tls;
mod transaction;
mod unnamed;
mod url;

pub use self::dialect::Postgres;
pub use self::options::PoolOptions;
pub use self::pool::Pool;
pub use self::transaction::Transaction;
