//! Migrations for `orm`: from the Rust schema to the database and back, without losing a row.
//!
//! The derived schema and the schema of a database become the same [`model`], whose text is as the server itself prints it. Two
//! models are [compared](mod@diff), the changes are [planned](plan) as statements, and the plan is [proved](prove) on a
//! [`shadow`] database before anybody sees it. `cargo orm` is [`main`] with the schema of an application; an application that migrates
//! when it starts calls [`migrate`].

// What a schema is.
pub mod model;
pub mod snapshot;
pub mod sql;

// What differs, and how it is changed.
pub mod change;
pub mod ddl;
pub mod diff;
pub mod plan;
pub mod question;
pub mod rename;

// Databases.
pub mod backend;
mod postgres;
pub mod session;
mod sqlite;

// Trying it.
mod adopt;
pub mod prove;
mod replay;
mod rows;
pub mod shadow;

// Migrations: the folder, the history, and what is done with them.
pub mod apply;
mod branch;
pub mod check;
pub mod folder;
pub mod generate;
pub mod init;
pub mod journal;
pub mod lint;
pub mod pull;
pub mod push;
pub mod status;

mod cli;
mod config;
mod embedded;
mod guard;
#[cfg(doctest)]
mod guide;

pub mod error;

pub use self::cli::{main, main_without_schema};
#[doc(hidden)]
pub use self::embedded::EmbeddedMigration;
pub use self::embedded::{Embedded, Running, Target, auto_migrate, migrate, migrate_with};
pub use self::error::Error;
pub use orm_macros::embedded_migrations;
