//! The tables, and how their rows are read by hand.

use orm::prelude::*;
use tokio_postgres::{Error, Row};

use crate::tree::{Article, Author, Comment};

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
    pub token: Uuid,
    pub created_at: DateTime<Utc>,
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
    pub taken_at: DateTime<Utc>,
}

schema! { pub fn schema() = [User, Post, Measurement, Author, Article, Comment] }

impl User {
    /// Reads the columns from `at` on, in the order of the fields.
    pub fn read(row: &Row, at: usize) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(at)?,
            email: row.try_get(at + 1)?,
            name: row.try_get(at + 2)?,
            age: row.try_get(at + 3)?,
            score: row.try_get(at + 4)?,
            active: row.try_get(at + 5)?,
            token: row.try_get(at + 6)?,
            created_at: row.try_get(at + 7)?,
        })
    }
}

impl Post {
    /// Reads the columns from `at` on, in the order of the fields.
    pub fn read(row: &Row, at: usize) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(at)?,
            author_id: row.try_get(at + 1)?,
            title: row.try_get(at + 2)?,
            words: row.try_get(at + 3)?,
            published: row.try_get(at + 4)?,
        })
    }
}

impl Author {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            email: row.try_get(2)?,
            score: row.try_get(3)?,
            active: row.try_get(4)?,
        })
    }
}

impl Article {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            author_id: row.try_get(1)?,
            title: row.try_get(2)?,
            words: row.try_get(3)?,
            published: row.try_get(4)?,
        })
    }
}

impl Comment {
    /// Reads the columns in the order of the fields.
    pub fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self { id: row.try_get(0)?, article_id: row.try_get(1)?, writer: row.try_get(2)?, body: row.try_get(3)? })
    }
}
