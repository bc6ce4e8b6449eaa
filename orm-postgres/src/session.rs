//! One connection to the server: its prepared statements, and whether it is fit to be handed on.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use futures_util::TryStreamExt;
use orm_core::{
    cache,
    error::{Error, ErrorKind},
    executor::{Query, QueryKey},
    writer,
};
use tokio_postgres::{Client, RowStream, Statement, types::ToSql};

use crate::{
    Postgres,
    decode::PgRow,
    dialect::MOST_PARAMETERS,
    encode::{Encoder, LONGEST, Param},
    error::{failed, is_stale, refused},
};

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 256;

/// A connection, its statements, and its state.
pub(crate) struct Session {
    client: Client,
    statements: Mutex<HashMap<QueryKey, (Statement, u64)>>,
    clock: AtomicU64,
    /// Whether an answer of the server is awaited. Stays set if the future that awaits it is dropped.
    busy: AtomicBool,
    /// How deep transactions are nested; 0 outside.
    depth: AtomicU32,
    /// The depth of an inner transaction whose future was dropped before it ended; 0 if there is none.
    abandoned: AtomicU32,
}

/// Marks the session as busy; the mark stays unless `done` is called.
struct Flight<'s>(&'s Session);

impl Flight<'_> {
    fn done(self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

impl Session {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            statements: Mutex::default(),
            clock: AtomicU64::new(0),
            busy: AtomicBool::new(false),
            depth: AtomicU32::new(0),
            abandoned: AtomicU32::new(0),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether an answer is awaited by nobody any more.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    /// Whether the connection can be handed on: open, nothing awaited, in no transaction.
    pub(crate) fn is_clean(&self) -> bool {
        !self.is_busy() && self.depth.load(Ordering::Acquire) == 0 && !self.client.is_closed()
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth.load(Ordering::Acquire)
    }

    fn flight(&self) -> Flight<'_> {
        self.busy.store(true, Ordering::Release);
        Flight(self)
    }

    /// Refuses work of a handle whose inner transaction is open. One that was abandoned is undone first.
    async fn check(&self, depth: u32) -> Result<(), Error> {
        if self.depth() == depth {
            return Ok(());
        }
        if depth == 0 || self.abandoned.load(Ordering::Acquire) != depth + 1 {
            return Err(Error::TransactionOpen);
        }
        self.undo_savepoint(depth).await?;
        self.abandoned.store(0, Ordering::Release);
        Ok(())
    }

    /// Marks the inner transaction at `depth` as one that nobody will end.
    pub(crate) fn abandon(&self, depth: u32) {
        self.abandoned.store(depth, Ordering::Release);
    }

    /// Rolls back to the savepoint inside of the transaction at `depth`, which is the current one then.
    pub(crate) async fn undo_savepoint(&self, depth: u32) -> Result<(), Error> {
        let sql = format!("rollback to savepoint orm_{depth}; release savepoint orm_{depth}");
        self.send(&sql, "rollback of a transaction").await?;
        self.depth.store(depth, Ordering::Release);
        Ok(())
    }

    async fn send(&self, sql: &str, operation: &str) -> Result<(), Error> {
        let flight = self.flight();
        let result = self.client.batch_execute(sql).await;
        flight.done();
        result.map_err(|error| failed(error, operation.to_owned(), sql))
    }

    /// Runs text that takes no values, as the transaction handle at `depth`.
    pub(crate) async fn run(&self, depth: u32, sql: &str, operation: &str) -> Result<(), Error> {
        self.check(depth).await?;
        check_text(sql, || Ok(operation.to_owned()))?;
        self.send(sql, operation).await
    }

    /// Opens a transaction (at depth 0) or a savepoint.
    pub(crate) async fn begin(&self, depth: u32, sql: &str) -> Result<(), Error> {
        self.check(depth).await?;
        // Before the statement is sent: if the future is dropped, the connection is not clean.
        self.depth.store(depth + 1, Ordering::Release);
        let result = self.run(depth + 1, sql, "begin of a transaction").await;
        if result.is_err() {
            self.depth.store(depth, Ordering::Release);
        }
        result
    }

    /// Ends the transaction or savepoint at `depth`, which leaves the one around it.
    pub(crate) async fn end(&self, depth: u32, sql: &str, operation: &str) -> Result<(), Error> {
        self.run(depth, sql, operation).await?;
        self.depth.store(depth - 1, Ordering::Release);
        Ok(())
    }

    fn kept(&self, key: QueryKey) -> Option<Statement> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        let (statement, used) = statements.get_mut(&key)?;
        *used = now;
        Some(statement.clone())
    }

    fn keep(&self, key: QueryKey, statement: &Statement) {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if statements.len() >= STATEMENTS {
            let oldest = statements.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            oldest.and_then(|oldest| statements.remove(&oldest));
        }
        statements.insert(key, (statement.clone(), now));
    }

    fn forget(&self, key: QueryKey) {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    async fn prepared<Q: Query>(&self, query: &Q) -> Result<Statement, Error> {
        let key = query.key();
        if let Some(statement) = self.kept(key) {
            return Ok(statement);
        }
        let text = cache::text(key, &Postgres, || query.statement().map(|it| writer::write(&it, &Postgres)))?;
        check_text(&text, || query.statement().map(|it| it.describe()))?;
        match self.client.prepare(&text).await {
            Ok(statement) => {
                self.keep(key, &statement);
                Ok(statement)
            }
            Err(error) => Err(failed(error, query.statement()?.describe(), &text)),
        }
    }

    /// Sends a query. A statement that is stale is prepared again, once, outside of transactions.
    async fn start<Q: Query>(&self, query: &Q) -> Result<RowStream, Error> {
        let mut encoder = Encoder::default();
        query.bind(&mut encoder);
        let params = match encoder.finish() {
            Ok(params) => params,
            Err(source) => return Err(Error::Encode { operation: query.statement()?.describe(), source }),
        };
        if params.len() > MOST_PARAMETERS {
            let statement = query.statement()?;
            let (operation, sql) = (statement.describe(), writer::write(&statement, &Postgres));
            return Err(refused(ErrorKind::TooLarge, "a statement takes at most 65535 values", operation, &sql));
        }
        let mut retried = false;
        loop {
            let statement = self.prepared(query).await?;
            match self.client.query_raw(&statement, params.iter().map(as_sql)).await {
                Ok(rows) => return Ok(rows),
                Err(error) => {
                    if is_stale(&error) {
                        self.forget(query.key());
                        if !retried && self.depth() == 0 {
                            retried = true;
                            continue;
                        }
                    }
                    return Err(self.named(query, error)?);
                }
            }
        }
    }

    /// Sends a query whose rows are read one by one; the session is busy until [`landed`](Session::landed).
    pub(crate) async fn stream<Q: Query>(&self, depth: u32, query: &Q) -> Result<RowStream, Error> {
        self.check(depth).await?;
        self.stream_checked(query).await
    }

    async fn stream_checked<Q: Query>(&self, query: &Q) -> Result<RowStream, Error> {
        let flight = self.flight();
        let rows = self.start(query).await;
        if rows.is_err() {
            flight.done();
        }
        rows
    }

    /// The answer that was awaited has arrived as a whole.
    pub(crate) fn landed(&self) {
        self.busy.store(false, Ordering::Release);
    }

    /// The server's plan for a query, which is not run.
    pub(crate) async fn plan<Q: Query>(&self, depth: u32, query: &Q) -> Result<String, Error> {
        self.check(depth).await?;
        let statement = query.statement()?;
        let sql = format!("explain {}", writer::write(&statement, &Postgres));
        let mut encoder = Encoder::default();
        query.bind(&mut encoder);
        let operation = format!("plan of the {}", statement.describe());
        check_text(&sql, || Ok(operation.clone()))?;
        let params = encoder.finish().map_err(|source| Error::Encode { operation: operation.clone(), source })?;
        let flight = self.flight();
        let result = async {
            let prepared = self.client.prepare(&sql).await?;
            let rows = self.client.query_raw(&prepared, params.iter().map(as_sql)).await?;
            let lines: Vec<String> = rows.map_ok(|row| row.get(0)).try_collect().await?;
            Ok::<_, tokio_postgres::Error>(lines.join("\n"))
        }
        .await;
        flight.done();
        result.map_err(|error| failed(error, operation, &sql))
    }

    pub(crate) fn named<Q: Query>(&self, query: &Q, error: tokio_postgres::Error) -> Result<Error, Error> {
        let statement = query.statement()?;
        Ok(failed(error, statement.describe(), &writer::write(&statement, &Postgres)))
    }

    /// Runs a query, showing each row to `take`, and gives the number of rows it changed.
    pub(crate) async fn rows<Q: Query>(
        &self,
        depth: u32,
        query: &Q,
        mut take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        self.check(depth).await?;
        let mut rows = std::pin::pin!(self.stream_checked(query).await?);
        // An early return leaves the session busy: rows that nobody reads are still on their way.
        loop {
            match rows.try_next().await {
                Ok(Some(row)) => match Q::decode(&PgRow(&row)) {
                    Ok(row) => take(row)?,
                    Err(error) => return Err(Error::decode(error, &query.statement()?)),
                },
                Ok(None) => {
                    self.landed();
                    return Ok(rows.rows_affected().unwrap_or(0));
                }
                Err(error) => {
                    self.landed();
                    return Err(self.named(query, error)?);
                }
            }
        }
    }
}

/// Refuses a text with a NUL, where the protocol would end it, and one that is too long for a message.
fn check_text(sql: &str, operation: impl FnOnce() -> Result<String, Error>) -> Result<(), Error> {
    if sql.len() > LONGEST {
        // Without the text, which nobody wants to see.
        return Err(refused(ErrorKind::TooLarge, "a statement has at most 1 GiB", operation()?, ""));
    }
    if sql.contains('\0') {
        let problem = "the text of the statement contains a NUL";
        return Err(refused(ErrorKind::InvalidStatement, problem, operation()?, sql));
    }
    Ok(())
}

fn as_sql<'a>(param: &'a Param<'_>) -> &'a (dyn ToSql + Sync) {
    param
}
