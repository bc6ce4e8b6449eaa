//! Migrations for `orm`: from the Rust schema to the database and back, without losing a row.
//!
//! The derived schema and the schema of a database become the same [`model`], whose text is as the server itself prints it.

pub mod model;
pub mod snapshot;

pub mod change;
pub mod diff;
pub mod question;
pub mod rename;

pub mod ddl;
pub mod plan;
pub mod sql;

pub mod backend;
mod postgres;
pub mod session;
mod sqlite;

mod apply;
pub mod prove;
mod rows;
pub mod shadow;

pub mod error;

pub use self::error::Error;
