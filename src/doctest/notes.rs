//! A table with everything that hides rows, for the examples of scopes.

use crate::{self as orm, prelude::*};

/// A note of the examples: of one tenant, marked when it is deleted, and counting its changes.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(crate = crate, soft_delete = deleted_at, scope(tenant_id))]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub tenant_id: i64,
    pub text: String,
    #[column(version)]
    pub version: i32,
    pub deleted_at: Option<DateTime<Utc>>,
}

schema! {
    /// The tables of the examples.
    pub fn schema() = [Note]
}

/// A database in memory with notes 1 (Milk) and 2 (Bread) of tenant 1, and note 3 (Soap) of tenant 2.
///
/// # Panics
/// If the examples' schema does not fit SQLite, which would be a bug.
pub fn sqlite() -> orm::sqlite::Connection {
    let db = orm::sqlite::Connection::open_in_memory().expect("there is memory");
    db.create_all(&schema()).expect("the examples' schema fits");
    let notes = [NewNote::new(1, 1, "Milk"), NewNote::new(2, 1, "Bread"), NewNote::new(3, 2, "Soap")];
    Note::insert_many(&notes).execute(&db).expect("the examples' rows fit");
    db
}
