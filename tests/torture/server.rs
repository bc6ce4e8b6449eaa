//! A database of the test's own on the test server, and an eye on its connections.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use orm::postgres::{Pool, PoolOptions};
use tokio_postgres::{Client, NoTls};

/// A new database; dropped by hand at the end of a test.
pub(crate) struct Server {
    admin: Client,
    name: String,
    url: String,
}

impl Server {
    pub(crate) async fn new() -> Self {
        let server = std::env::var("ORM_TEST_POSTGRES").expect(
            "ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one",
        );
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("torture_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let (base, _) = server.rsplit_once('/').expect("the URL ends with a database");
        let (admin, connection) = tokio_postgres::connect(&server, NoTls).await.expect("the test server answers");
        tokio::spawn(connection);
        admin.batch_execute(&format!("create database {name}")).await.expect("a database can be created");
        Self { admin, url: format!("{base}/{name}"), name }
    }

    /// A pool of connections to the database, with the tables of the tests.
    pub(crate) async fn pool(&self, options: PoolOptions) -> Pool {
        let pool = options.connect(&self.url).await.expect("the database takes connections");
        pool.create_all(&crate::support::schema()).await.expect("the schema fits");
        pool
    }

    /// The URL of the database.
    #[cfg_attr(not(all(feature = "metrics", feature = "tracing")), allow(dead_code, reason = "secrets are who asks"))]
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Another pool of connections to the database.
    pub(crate) async fn connect(&self) -> Pool {
        Pool::connect(&self.url).await.expect("the database takes connections")
    }

    /// How many connections of the database are in this state.
    pub(crate) async fn connections(&self, state: &str) -> i64 {
        let sql = "select count(*) from pg_stat_activity where datname = $1 and state = $2";
        self.admin.query_one(sql, &[&self.name, &state]).await.expect("the activity can be read").get(0)
    }

    /// How many connections of the database are in a transaction.
    pub(crate) async fn in_transaction(&self) -> i64 {
        self.connections("idle in transaction").await + self.connections("idle in transaction (aborted)").await
    }

    /// Ends every connection to the database from the server's side, and waits until they are gone and this side had time
    /// to hear of it.
    pub(crate) async fn terminate_all(&self) {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        while !self.admin.query(sql, &[&self.name]).await.expect("connections can be terminated").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    pub(crate) async fn drop(self) {
        let statement = format!("drop database {} with (force)", self.name);
        self.admin.batch_execute(&statement).await.expect("the database can be dropped");
    }
}
