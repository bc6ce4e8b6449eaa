//! A database of the test's own on the test server, and an eye on its connections.

use std::time::{Duration, Instant};

use orm::postgres::{Pool, PoolOptions, testing::TestDatabase};
use tokio_postgres::{Client, NoTls};

/// A new database with the tables of the tests; dropped with this.
pub(crate) struct Server {
    admin: Client,
    url: String,
    database: TestDatabase,
}

impl Server {
    pub(crate) async fn new(options: PoolOptions) -> Self {
        let server = crate::pools::server();
        let database = TestDatabase::create(&server, &crate::support::schema(), options).await;
        let database = database.expect("the test server makes databases");
        let (admin, connection) = tokio_postgres::connect(&server, NoTls).await.expect("the test server answers");
        tokio::spawn(connection);
        let (base, _) = server.rsplit_once('/').expect("the URL ends with a database");
        Self { admin, url: format!("{base}/{}", database.name()), database }
    }

    /// The pool of the test.
    pub(crate) fn pool(&self) -> &Pool {
        self.database.pool()
    }

    pub(crate) fn name(&self) -> &str {
        self.database.name()
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements as the superuser, on the server's own database.
    pub(crate) async fn administer(&self, sql: &str) {
        self.admin.batch_execute(sql).await.expect("the superuser's statements run");
    }

    /// The URL of the database.
    #[cfg_attr(not(all(feature = "metrics", feature = "tracing")), allow(dead_code, reason = "secrets are who asks"))]
    /// Another pool of connections to the database.
    pub(crate) async fn connect(&self) -> Pool {
        Pool::connect(&self.url).await.expect("the database takes connections")
    }

    /// Runs a statement past the pools.
    pub(crate) async fn run(&self, sql: &str) {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client.batch_execute(sql).await.expect("the statement runs");
    }

    /// How many connections of the database fit a condition on `pg_stat_activity`.
    pub(crate) async fn connections(&self, condition: &str) -> i64 {
        let sql = format!("select count(*) from pg_stat_activity where datname = $1 and ({condition})");
        self.admin.query_one(&sql, &[&self.database.name()]).await.expect("the activity can be read").get(0)
    }

    /// How many locks are held or waited for in the database.
    pub(crate) async fn locks(&self) -> i64 {
        let sql = "select count(*) from pg_locks join pg_stat_activity using (pid)
            where datname = $1 and backend_type = 'client backend'";
        self.admin.query_one(sql, &[&self.database.name()]).await.expect("the locks can be read").get(0)
    }

    /// Waits until no connection fits a condition.
    pub(crate) async fn none(&self, condition: &str, within: Duration) {
        let deadline = Instant::now() + within;
        while self.connections(condition).await > 0 {
            assert!(Instant::now() < deadline, "{condition} on the server for more than {within:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until nothing is under way on any connection, and asserts that nothing is locked then.
    pub(crate) async fn settled(&self) {
        self.none("state <> 'idle'", Duration::from_secs(2)).await;
        assert_eq!(self.locks().await, 0, "connections are idle and hold locks");
    }

    /// Ends the connections to the database that fit a condition, and waits until they are gone and this side had time to
    /// hear of it. Gives how many they were.
    pub(crate) async fn terminate(&self, condition: &str) -> usize {
        let sql =
            format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and ({condition})");
        let terminated = self.admin.query(&sql, &[&self.database.name()]).await;
        let terminated = terminated.expect("connections can be terminated").len();
        self.none(condition, Duration::from_secs(2)).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        terminated
    }
}
