//! The database that is measured on, the pools, and the values that both sides are given.

use std::{env, time::Duration};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use orm::prelude::*;
use tokio_postgres::NoTls;

use crate::{
    schema::{NewMeasurement, NewPost, NewUser, Post, User, schema},
    tree::{self, AUTHORS, Article, Author, Comment},
};

/// The number of users.
pub const USERS: usize = 10_000;
const POSTS: usize = 20_000;
/// The number of rows of the great inserts.
pub const ROWS: usize = 1_000;

/// A database of its own, which is dropped by [`remove`](Fixture::remove).
pub struct Fixture {
    server: String,
    name: String,
}

impl Fixture {
    /// Makes a database on the server that `ORM_TEST_POSTGRES` names.
    pub async fn new() -> Result<Self> {
        let server = env::var("ORM_TEST_POSTGRES").context(
            "ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo bench --bench postgres` starts one",
        )?;
        let fixture = Self { server, name: format!("bench_{}", std::process::id()) };
        fixture.administer(&format!("create database {}", fixture.name)).await?;
        let db = open_orm(&fixture.url()?, 1).await?;
        db.create_all(&schema()).await?;
        let users: Vec<NewUser> = (0..USERS).map(user).collect();
        let posts: Vec<NewPost> = (0..POSTS).map(post).collect();
        User::insert_many(&users).execute(&db).await?;
        Post::insert_many(&posts).execute(&db).await?;
        let (authors, articles, comments) = tree::rows();
        Author::insert_many(&authors).execute(&db).await?;
        Article::insert_many(&articles).execute(&db).await?;
        Comment::insert_many(&comments).execute(&db).await?;
        // Otherwise the server does so while something is measured.
        db.execute_batch("alter table measurements set (autovacuum_enabled = off)").await?;
        db.execute_batch("alter table users set (autovacuum_enabled = off)").await?;
        db.execute_batch("analyze").await?;
        Ok(fixture)
    }

    /// The URL of the database.
    pub fn url(&self) -> Result<String> {
        let (base, _) = self.server.rsplit_once('/').context("the URL ends with a database")?;
        Ok(format!("{base}/{}", self.name))
    }

    /// Drops the database.
    pub async fn remove(self) -> Result<()> {
        self.administer(&format!("drop database {} with (force)", self.name)).await
    }

    async fn administer(&self, sql: &str) -> Result<()> {
        let (client, connection) = tokio_postgres::connect(&self.server, NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await?;
        drop(client);
        Ok(connection.await??)
    }
}

/// Both sides' pools.
#[derive(Clone)]
pub struct Pools {
    pub orm: orm::postgres::Pool,
    pub by_hand: deadpool_postgres::Pool,
}

impl Pools {
    /// Pools of this many connections each, on tables as they were at first.
    pub async fn open(url: &str, size: usize) -> Result<Self> {
        let pools = Self { orm: open_orm(url, size).await?, by_hand: open_by_hand(url, size)? };
        pools.orm.execute_batch("truncate measurements").await?;
        pools.orm.execute_batch("vacuum users").await?;
        Ok(pools)
    }
}

/// A pool as a user of `orm` opens it, but one that is patient enough for programs that run under valgrind.
pub async fn open_orm(url: &str, size: usize) -> Result<orm::postgres::Pool> {
    Ok(orm::postgres::Pool::options().size(size).wait(Duration::from_secs(600)).connect(url).await?)
}

/// A pool as a user of `tokio-postgres` opens it who wants the least to be done for each statement: what comes back is not
/// looked at, and nobody ever stops waiting.
pub fn open_by_hand(url: &str, size: usize) -> Result<deadpool_postgres::Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    Ok(deadpool_postgres::Pool::builder(manager).max_size(size).build()?)
}

/// Values to query with and to write, made before anything is measured.
pub struct Input {
    pub names: Vec<String>,
    /// Keys of users, in no order.
    keys: Vec<i64>,
    pub measurements: Vec<NewMeasurement>,
    /// An insert of all measurements with a placeholder for each value.
    pub insert_values: String,
}

impl Input {
    pub fn new() -> Self {
        let placeholders = (0..ROWS).map(|row| {
            let first = row * 4 + 1;
            format!("(${}, ${}, ${}, ${})", first, first + 1, first + 2, first + 3)
        });
        let placeholders = placeholders.collect::<Vec<_>>().join(", ");
        Self {
            names: (0..100).map(|number| format!("Another name {number}")).collect(),
            keys: (0..USERS).map(|number| key(number * 7_919 % USERS)).collect(),
            measurements: (0..ROWS).map(measurement).collect(),
            insert_values: format!("insert into measurements (sensor_id, value, note, taken_at) values {placeholders}"),
        }
    }

    /// The key of a user, another one in each round.
    pub fn key(&self, round: usize) -> i64 {
        self.keys[round % USERS]
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

fn time(number: usize) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(key(number) * 7_919)
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn user(number: usize) -> NewUser {
    let (email, name) = (format!("user{number}@example.com"), format!("User Number {number}"));
    let token = Uuid::from_u128(number as u128 * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834);
    NewUser {
        age: (!number.is_multiple_of(3)).then(|| i32::try_from(number % 80).unwrap_or_default()),
        ..NewUser::new(email, name, number as f64 / 8.0, number.is_multiple_of(2), token, time(number))
    }
}

fn post(number: usize) -> NewPost {
    let words = i32::try_from(number % 1_000).unwrap_or_default();
    NewPost::new(key(number % USERS), format!("The title of post {number}"), words, number.is_multiple_of(2))
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn measurement(number: usize) -> NewMeasurement {
    NewMeasurement::new(key(number), number as f64 / 3.0, "within its limits", time(number))
}
