//! The tables, and how their rows are read by hand.

use orm::prelude::*;
use rusqlite::Row as RawRow;

use crate::{
    case::Rebuild,
    tree::{Article, Author, Comment},
};

#[derive(Debug, Clone, PartialEq, Table)]
pub struct User {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(unique)]
    pub email: String,
    pub name: String,
    pub age: Option<i32>,
    pub score: f64,
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(index(author_id))]
pub struct Post {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = User::id)]
    pub author_id: i64,
    pub title: String,
    pub words: i32,
    pub published: bool,
}

/// A table without secondary indexes, to insert into.
#[derive(Debug, Clone, PartialEq, Table)]
pub struct Measurement {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    pub sensor_id: i64,
    pub value: f64,
    pub note: String,
}

/// A table whose index has many equal values, and a few rare ones. It is analyzed.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(index(kind))]
pub struct Event {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    pub kind: String,
    pub detail: String,
}

schema! { pub fn schema() = [User, Post, Measurement, Event, Author, Article, Comment] }

impl User {
    /// Reads the columns from `at` on, in the order of the fields.
    pub fn read(row: &RawRow<'_>, at: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(at)?,
            email: row.get(at + 1)?,
            name: row.get(at + 2)?,
            age: row.get(at + 3)?,
            score: row.get(at + 4)?,
            active: row.get(at + 5)?,
        })
    }
}

impl Rebuild for User {
    fn rebuild(&self) -> Self {
        self.clone()
    }
}

impl Post {
    /// Reads the columns from `at` on, in the order of the fields.
    pub fn read(row: &RawRow<'_>, at: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(at)?,
            author_id: row.get(at + 1)?,
            title: row.get(at + 2)?,
            words: row.get(at + 3)?,
            published: row.get(at + 4)?,
        })
    }
}

impl Event {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &RawRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, kind: row.get(1)?, detail: row.get(2)? })
    }
}

impl Author {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &RawRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, email: row.get(2)?, score: row.get(3)?, active: row.get(4)? })
    }
}

impl Article {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &RawRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            author_id: row.get(1)?,
            title: row.get(2)?,
            words: row.get(3)?,
            published: row.get(4)?,
        })
    }
}

impl Comment {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &RawRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, article_id: row.get(1)?, writer: row.get(2)?, body: row.get(3)? })
    }
}
