//! Migrations for `orm`: from the Rust schema to the database and back, without losing a row.
//!
//! The derived schema and the schema of a database become the same [`model`], whose text is as the server itself prints it.

pub mod error;
pub mod model;
pub mod question;
pub mod snapshot;
pub mod sql;

pub use self::error::Error;
