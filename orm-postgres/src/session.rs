//! One connection to the server: its prepared statements, and whether it is fit to be handed on.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use futures_util::TryStreamExt;
use orm_core::{
    cache,
    error::{Error, ErrorKind},
    executor::{Query, QueryKey},
    observe::Observer,
    pool::State,
    writer,
};
use tokio_postgres::{Client, RowStream, Statement, types::ToSql};

use crate::{
    Postgres,
    decode::PgRow,
    dialect::MOST_PARAMETERS,
    encode::{Encoder, Param},
    error::{failed, is_stale, refused},
};

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 256;

/// How many rows that nobody wants are read to keep a connection.
const PATIENCE: u32 = 256;

/// A connection, its statements, and its state.
pub(crate) struct Session {
    client: Client,
    state: State,
    statements: Mutex<HashMap<QueryKey, (Statement, u64)>>,
    clock: AtomicU64,
    /// The number of the last thing that was sent.
    sent: AtomicU64,
    /// The number of the last thing whose answer arrived as a whole. The server answers in order, so what was sent before
    /// it is answered too, whether or not anybody was there to hear it.
    answered: AtomicU64,
    /// How deep transactions are nested; 0 outside.
    pub(crate) level: AtomicU32,
    /// The level of an inner transaction that was dropped before it ended; 0 if there is none.
    pub(crate) abandoned: AtomicU32,
}

/// Something that was sent; unless it [`landed`](Flight::landed), the session is busy.
struct Flight<'s> {
    session: &'s Session,
    number: u64,
}

impl Flight<'_> {
    fn landed(self) {
        self.session.landed(self.number);
    }
}

/// A query whose rows are read one by one.
pub struct Cursor {
    rows: Pin<Box<RowStream>>,
    number: u64,
}

impl Session {
    pub(crate) fn new(client: Client, observer: Arc<Observer>) -> Self {
        Self {
            client,
            state: State::new(observer),
            statements: Mutex::default(),
            clock: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            level: AtomicU32::new(0),
            abandoned: AtomicU32::new(0),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Whether an answer is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        self.answered.load(Ordering::Acquire) < self.sent.load(Ordering::Acquire)
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Whether the connection can be handed on: open, no answer on its way, in no transaction.
    pub(crate) fn is_clean(&self) -> bool {
        !self.is_busy() && self.level() == 0 && self.is_open()
    }

    pub(crate) fn level(&self) -> u32 {
        self.level.load(Ordering::Acquire)
    }

    fn flight(&self) -> Flight<'_> {
        Flight { session: self, number: self.sent.fetch_add(1, Ordering::AcqRel) + 1 }
    }

    fn landed(&self, number: u64) {
        self.answered.fetch_max(number, Ordering::AcqRel);
    }

    /// Refuses work of a handle whose inner transaction is open. One that was abandoned is undone first.
    pub(crate) async fn check(&self, level: u32) -> Result<(), Error> {
        if self.level() == level {
            return Ok(());
        }
        if level == 0 || self.abandoned.load(Ordering::Acquire) != level + 1 {
            return Err(Error::TransactionOpen);
        }
        self.undo_savepoint(level).await?;
        self.abandoned.store(0, Ordering::Release);
        Ok(())
    }

    pub(crate) async fn send(&self, sql: &str, operation: &str) -> Result<(), Error> {
        let flight = self.flight();
        let result = self.client.batch_execute(sql).await;
        flight.landed();
        result.map_err(|error| failed(error, operation.to_owned(), sql))
    }

    /// Runs text that takes no values, as the transaction of this level.
    pub(crate) async fn run(&self, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
        self.check(level).await?;
        check_text(sql, || Ok(operation.to_owned()))?;
        self.send(sql, operation).await
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
                        if !retried && self.level() == 0 {
                            retried = true;
                            continue;
                        }
                    }
                    return Err(self.named(query, error)?);
                }
            }
        }
    }

    /// Sends a query whose rows are read one by one.
    pub(crate) async fn open<Q: Query>(&self, level: u32, query: &Q) -> Result<Cursor, Error> {
        self.check(level).await?;
        let flight = self.flight();
        match self.start(query).await {
            Ok(rows) => Ok(Cursor { rows: Box::pin(rows), number: flight.number }),
            Err(error) => {
                flight.landed();
                Err(error)
            }
        }
    }

    /// The next row of a query.
    pub(crate) async fn next<Q: Query>(&self, cursor: &mut Cursor, query: &Q) -> Result<Option<Q::Row>, Error> {
        match cursor.rows.try_next().await {
            Ok(Some(row)) => match Q::decode(&PgRow(&row)) {
                Ok(row) => Ok(Some(row)),
                Err(error) => Err(Error::decode(error, &query.statement()?)),
            },
            Ok(None) => {
                self.landed(cursor.number);
                Ok(None)
            }
            Err(error) => {
                self.landed(cursor.number);
                Err(self.named(query, error)?)
            }
        }
    }

    /// The server's plan for a query, which is not run.
    pub(crate) async fn plan<Q: Query>(&self, level: u32, query: &Q) -> Result<String, Error> {
        self.check(level).await?;
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
        flight.landed();
        result.map_err(|error| failed(error, operation, &sql))
    }

    fn named<Q: Query>(&self, query: &Q, error: tokio_postgres::Error) -> Result<Error, Error> {
        let statement = query.statement()?;
        Ok(failed(error, statement.describe(), &writer::write(&statement, &Postgres)))
    }

    /// Runs a query, shows each row to `take`, and gives the number of rows it gave or changed.
    pub(crate) async fn rows<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        mut take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        self.check(level).await?;
        let flight = self.flight();
        let rows = match self.start(query).await {
            Ok(rows) => rows,
            Err(error) => {
                flight.landed();
                return Err(error);
            }
        };
        let mut rows = std::pin::pin!(rows);
        let mut refused = Ok(());
        // How many more rows are read to leave the connection as it was found, after one that was refused.
        let mut patience = PATIENCE;
        loop {
            match rows.try_next().await {
                Ok(Some(_)) if refused.is_err() => {
                    patience -= 1;
                    if patience == 0 {
                        return refused.map(|()| 0);
                    }
                }
                Ok(Some(row)) => {
                    refused = match Q::decode(&PgRow(&row)) {
                        Ok(row) => take(row),
                        Err(error) => Err(Error::decode(error, &query.statement()?)),
                    };
                }
                Ok(None) => {
                    flight.landed();
                    return refused.map(|()| rows.rows_affected().unwrap_or(0));
                }
                Err(error) => {
                    flight.landed();
                    return Err(self.named(query, error)?);
                }
            }
        }
    }
}

/// Refuses a text with a NUL, where the protocol would end it.
fn check_text(sql: &str, operation: impl FnOnce() -> Result<String, Error>) -> Result<(), Error> {
    if sql.contains('\0') {
        let problem = "the text of the statement contains a NUL";
        return Err(refused(ErrorKind::InvalidStatement, problem, operation()?, sql));
    }
    Ok(())
}

fn as_sql<'a>(param: &'a Param<'_>) -> &'a (dyn ToSql + Sync) {
    param
}
