#![cfg_attr(docsrs, feature(doc_cfg))]
//! The core of `orm`: the schema model, typed expressions and queries, the syntax tree they lower to, and the writer that
//! prints it. No driver and no I/O; applications use the facade crate `orm`.
//!
//! A query goes from a typed [`query`] over the [`ast`] to text by the [`writer`] and a [`dialect`]; a driver implements
//! [`executor`] and reads rows into structs through [`types`].

pub mod ast;
pub mod cache;
pub mod ddl;
pub mod dialect;
pub mod error;
pub mod executor;
pub mod expr;
pub mod observe;
pub mod path;
#[cfg(feature = "pool")]
pub mod pool;
pub mod query;
pub mod relation;
mod row;
pub mod schema;
pub mod scope;
pub mod table;
pub mod types;
pub mod view;
pub mod writer;

pub use self::error::{Error, ErrorKind};

/// The schema of a database: the tables that belong to it.
///
/// `schema! { pub fn schema() = [User, Post] }` declares a function `schema()` that returns a
/// [`Schema`](crate::schema::Schema) of these tables. A visibility, documentation and attributes may stand before it,
/// and a schema may be empty. The description is constant data: calling the function costs nothing.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Table)]
/// struct Note {
///     #[column(primary_key, auto_increment)]
///     id: i64,
///     text: String,
/// }
///
/// schema! {
///     /// What this application stores.
///     fn schema() = [Note]
/// }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// Note::insert().set(Note::text, "Milk").execute(&db)?;
/// assert_eq!(Note::select().count(&db)?, 1);
/// # Ok::<(), orm::Error>(())
/// ```
#[macro_export]
macro_rules! schema {
    (
        $(#[$attribute:meta])* $visibility:vis fn $name:ident() = [$($table:ty),* $(,)?]
        $(with [$($object:expr),* $(,)?])? $(;)?
    ) => {
        $(#[$attribute])*
        $visibility fn $name() -> $crate::schema::Schema {
            const TABLES: &[&$crate::schema::TableDef] = &[$(<$table as $crate::table::Table>::DEF),*];
            const SCHEMA: $crate::schema::Schema = {
                #[allow(unused_imports)]
                use $crate::schema::object::*;
                $crate::schema::Schema::new(TABLES)$(.with(const { &[$($object),*] }))?
            };
            SCHEMA
        }
    };
}
