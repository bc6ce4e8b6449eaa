//! PostgreSQL for the behaviour tests: a database of its own for each test, and a blocking executor, so that one body
//! runs on every database.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use orm::{
    Error, Executor, Query, WriteExecutor,
    executor::{Batch, Plan},
    postgres::{Pool, Postgres, testing::TestDatabase},
    schema::Schema,
};
use tokio::runtime::Runtime;

/// A pool whose methods wait for their results.
pub struct Database {
    // Before the runtime, which dropping connections needs.
    database: TestDatabase,
    runtime: Runtime,
    server: String,
}

impl Database {
    /// A new database with the tables of a schema, on the server that `ORM_TEST_POSTGRES` names.
    pub fn new(schema: &Schema) -> Self {
        let server = std::env::var("ORM_TEST_POSTGRES").expect(
            "ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one",
        );
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        let made = TestDatabase::create(&server, schema, Pool::options().size(2));
        let database = runtime.block_on(made).expect("the test server makes databases");
        Self { database, runtime, server }
    }

    /// The pool itself.
    pub fn pool(&self) -> &Pool {
        self.database.pool()
    }

    /// Creates the tables of a further schema.
    pub fn create_all(&self, schema: &Schema) -> Result<(), Error> {
        self.block_on(self.pool().create_all(schema))
    }

    /// Runs statements without values.
    pub fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        self.block_on(self.pool().execute_batch(sql))
    }

    /// The rows that statements give, as the server writes them: past the types of the schema.
    pub fn raw(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
        let (base, _) = self.server.rsplit_once('/').expect("the URL ends with a database");
        let url = format!("{base}/{}", self.database.name());
        self.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
            let connection = tokio::spawn(connection);
            let messages = client.simple_query(sql).await;
            drop(client);
            drop(connection.await);
            let rows = messages?.into_iter().filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => {
                    Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
                }
                _ => None,
            });
            Ok(rows.collect())
        })
    }

    /// Waits for a future.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

/// A stream of rows, each of which is waited for.
pub struct Rows<'a, R> {
    runtime: &'a Runtime,
    stream: Option<Pin<Box<dyn Stream<Item = Result<R, Error>> + Send + 'a>>>,
}

impl<R> Iterator for Rows<'_, R> {
    type Item = Result<R, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.runtime.block_on(self.stream.as_mut()?.next())
    }
}

impl<R> Drop for Rows<'_, R> {
    /// Within the runtime, which a connection in the middle of its rows is given up in.
    fn drop(&mut self) {
        let _runtime = self.runtime.enter();
        self.stream = None;
    }
}

impl Executor for Database {
    type Dialect = Postgres;
    type Output<'a, T: Send + 'a> = Result<T, Error>;
    type Stream<'a, Q: Query + 'a> = Rows<'a, Q::Row>;

    fn fetch_all<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Vec<Q::Row>, Error> {
        self.block_on(self.pool().fetch_all(query))
    }

    fn fetch_optional<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Option<Q::Row>, Error> {
        self.block_on(self.pool().fetch_optional(query))
    }

    fn fetch_one<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Q::Row, Error> {
        self.block_on(self.pool().fetch_one(query))
    }

    fn fetch_first<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Option<Q::Row>, Error> {
        self.block_on(self.pool().fetch_first(query))
    }

    fn fetch_stream<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Stream<'a, Q> {
        Rows { runtime: &self.runtime, stream: Some(self.pool().fetch_stream(query)) }
    }

    fn fetch_plan<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<String, Error> {
        self.block_on(self.pool().fetch_plan(query))
    }

    fn run_plan<'a, P: Plan + 'a>(&'a self, plan: P) -> Result<P::Output, Error> {
        self.block_on(self.pool().run_plan(plan))
    }
}

impl WriteExecutor for Database {
    fn execute<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<u64, Error> {
        self.block_on(self.pool().execute(query))
    }

    fn execute_many<'a, B: Batch + 'a>(&'a self, batch: B) -> Result<u64, Error> {
        self.block_on(self.pool().execute_many(batch))
    }

    fn fetch_many<'a, B: Batch + 'a>(&'a self, batch: B) -> Result<Vec<B::Row>, Error> {
        self.block_on(self.pool().fetch_many(batch))
    }
}
