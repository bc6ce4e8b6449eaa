//! What a pull gives back: the source, and what it could not say.

use serde::Serialize;

/// A database as Rust source.
#[derive(Debug, Clone, Serialize)]
pub struct Pulled {
    /// The source: structs, enums, relations, and a function `schema`.
    pub source: String,
    /// The number of tables.
    pub tables: usize,
    /// The number of relations.
    pub relations: usize,
    /// The features of `orm`, and crates beside it, that the source needs beyond what is on by default.
    pub needs: Vec<&'static str>,
    /// What the source does not say, or says otherwise than the database. Comments in the source tell it at its place.
    pub lost: Vec<Lost>,
}

/// Something of a database that Rust source cannot say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Where it is: `posts`, `posts.body`, or nothing if it belongs to no table.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// What it is, and what becomes of it.
    pub what: String,
    /// The statement that makes it, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

impl Lost {
    /// Something without a statement of its own.
    pub(crate) fn new(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at: at.into(), what: what.into(), sql: None }
    }
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.at.as_str() {
            "" => f.write_str(&self.what),
            at => write!(f, "{at}: {}", self.what),
        }
    }
}
