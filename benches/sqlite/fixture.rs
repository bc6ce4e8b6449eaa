//! The database that every measurement starts from, and the values that both sides are given.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use orm::prelude::*;
use tempfile::{NamedTempFile, TempDir};

use crate::{
    schema::{Event, Measurement, NewEvent, NewMeasurement, NewPost, NewUser, Post, User, schema},
    tree::{self, AUTHORS, Article, Author, Comment},
};

/// The number of users.
pub const USERS: usize = 10_000;
const POSTS: usize = 20_000;
const COMMON_KINDS: usize = 20;
const RARE_KINDS: usize = 1_000;

/// A file with the tables and their rows.
pub struct Fixture {
    directory: TempDir,
}

impl Fixture {
    pub fn new() -> Result<Self> {
        let fixture = Self { directory: TempDir::new()? };
        let db = open_orm(&fixture.template())?;
        db.create_all(&schema())?;
        let users: Vec<NewUser> = (0..USERS).map(user).collect();
        let posts: Vec<NewPost> = (0..POSTS).map(post).collect();
        let events: Vec<NewEvent> = (0..RARE_KINDS * 12).map(event).collect();
        User::insert_many(&users).execute(&db)?;
        Post::insert_many(&posts).execute(&db)?;
        Event::insert_many(&events).execute(&db)?;
        Measurement::insert_many(&measurements()).execute(&db)?;
        let (authors, articles, comments) = tree::rows();
        Author::insert_many(&authors).execute(&db)?;
        Article::insert_many(&articles).execute(&db)?;
        Comment::insert_many(&comments).execute(&db)?;
        db.execute_batch("analyze events")?;
        Ok(fixture)
    }

    fn template(&self) -> PathBuf {
        self.directory.path().join("template.db")
    }

    /// A copy of the file.
    pub fn copy(&self) -> Result<NamedTempFile> {
        let copy = NamedTempFile::new_in(self.directory.path())?;
        fs::copy(self.template(), copy.path())?;
        Ok(copy)
    }
}

/// Opens a database as a user of `orm` does.
pub fn open_orm(path: &Path) -> Result<orm::sqlite::Connection> {
    Ok(orm::sqlite::Connection::open(path)?)
}

/// Opens a database as a careful user of `rusqlite` does: with the same journal, durability, foreign keys and number of
/// kept statements.
pub fn open_rusqlite(path: &Path) -> Result<rusqlite::Connection> {
    let db = rusqlite::Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.set_prepared_statement_cache_capacity(256);
    Ok(db)
}

/// Values to query with and to write, made before anything is measured.
pub struct Input {
    pub emails: Vec<String>,
    pub names: Vec<String>,
    pub kinds: Vec<String>,
    /// Keys of users, in no order.
    pub keys: Vec<i64>,
    pub measurements: Vec<NewMeasurement>,
    pub posts: Vec<NewPost>,
}

impl Input {
    pub fn new() -> Self {
        Self {
            emails: (0..USERS).map(email).collect(),
            names: (0..100).map(|number| format!("Another name {number}")).collect(),
            kinds: (0..RARE_KINDS).map(rare_kind).collect(),
            keys: (0..USERS).map(|number| key(number * 7_919 % USERS)).collect(),
            measurements: measurements(),
            posts: (0..100).map(post).collect(),
        }
    }

    /// The key of a user, another one in each round.
    pub fn key(&self, round: usize) -> i64 {
        self.keys[round % USERS]
    }

    /// The keys of 100 users, others in each round.
    pub fn hundred_keys(&self, round: usize) -> &[i64] {
        let start = round % (USERS / 100) * 100;
        &self.keys[start..start + 100]
    }

    /// The first key of a range of authors of this length, another one in each round.
    pub fn author(&self, round: usize, length: usize) -> i64 {
        key(round * 7_919 % (AUTHORS - length + 1))
    }

    /// The first key of a range of users of this length, another one in each round.
    pub fn range(&self, round: usize, length: usize) -> i64 {
        key(round * 7_919 % (USERS - length))
    }
}

fn key(number: usize) -> i64 {
    i64::try_from(number).map_or(i64::MAX, |number| number + 1)
}

fn email(number: usize) -> String {
    format!("user{number}@example.com")
}

fn rare_kind(number: usize) -> String {
    format!("rare event {number}")
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn user(number: usize) -> NewUser {
    NewUser {
        age: (!number.is_multiple_of(3)).then(|| i32::try_from(number % 80).unwrap_or_default()),
        ..NewUser::new(email(number), format!("User Number {number}"), number as f64 / 8.0, number.is_multiple_of(2))
    }
}

fn post(number: usize) -> NewPost {
    let words = i32::try_from(number % 1_000).unwrap_or_default();
    NewPost::new(key(number % USERS), format!("The title of post {number}"), words, number.is_multiple_of(2))
}

/// Of 12 events 11 are of a common kind, so that SQLite has something to sample.
fn event(number: usize) -> NewEvent {
    let kind = match number % 12 {
        0 => rare_kind(number / 12),
        _ => format!("common event {}", number % COMMON_KINDS),
    };
    NewEvent::new(kind, format!("what happened in event {number}"))
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn measurements() -> Vec<NewMeasurement> {
    (0..100).map(|number| NewMeasurement::new(key(number), number as f64 / 3.0, "within its limits")).collect()
}
