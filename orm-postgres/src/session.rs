//! One connection to the server: its prepared statements, and whether it is fit to be handed on.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
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
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_postgres::{Client, RowStream, Statement, types::ToSql};

use crate::{
    Postgres,
    connect::{Canceller, Connector, Opened},
    decode::PgRow,
    dialect::MOST_PARAMETERS,
    encode::{Encoder, LONGEST, Param},
    error::{Fault, Verdict, failed, refused},
    flight::{Flight, Flights},
    idle::Idle,
    options::ConnectOptions,
    stream::Portals,
    unnamed,
};

/// How many rows that nobody wants are read to keep a connection.
const PATIENCE: u32 = 256;

/// A connection, its statements, and its state.
pub(crate) struct Session {
    client: Client,
    /// Reads and writes the socket until the client is gone.
    task: JoinHandle<()>,
    /// Where the task runs, and whatever is left to do when nobody waits any more.
    runtime: Handle,
    connector: Arc<Connector>,
    state: State,
    /// Since when the connection is not used, while it is not.
    pub(crate) idle: Idle,
    /// How many statements are kept prepared.
    capacity: usize,
    /// How long the server may keep silent.
    patience: Option<Duration>,
    statements: Mutex<HashMap<QueryKey, (Statement, u64)>>,
    clock: AtomicU64,
    /// How often a connection of the pool met a statement that a change of the schema had made stale.
    changes: Arc<AtomicU64>,
    /// How many of them this connection knows of.
    changes_seen: AtomicU64,
    pub(crate) flights: Arc<Flights>,
    /// How many flights had not gone well when the transaction that is open began.
    failed_before: AtomicU64,
    pub(crate) portals: Portals,
    /// How deep transactions are nested; 0 outside.
    level: AtomicU32,
    /// The level of a transaction that was dropped before it ended; 0 if there is none.
    abandoned: AtomicU32,
    /// Whether the connection broke, or its server cannot be trusted to answer.
    is_lost: AtomicBool,
    /// Whether text ran that may have set what outlives a transaction: a role, a lock, a path.
    is_tainted: AtomicBool,
}

impl Session {
    /// A session on a new connection, whose other half runs on the runtime this is called on.
    pub(crate) fn new(
        opened: Opened,
        connector: Arc<Connector>,
        changes: Arc<AtomicU64>,
        observer: Arc<Observer>,
        options: &ConnectOptions,
    ) -> Self {
        Self {
            changes_seen: AtomicU64::new(changes.load(Ordering::Acquire)),
            changes,
            client: opened.client,
            task: opened.task,
            runtime: Handle::current(),
            connector,
            state: State::new(observer),
            idle: Idle::default(),
            capacity: options.statement_cache,
            patience: options.answer_timeout,
            statements: Mutex::default(),
            clock: AtomicU64::new(0),
            flights: Arc::default(),
            failed_before: AtomicU64::new(0),
            portals: Portals::default(),
            level: AtomicU32::new(0),
            abandoned: AtomicU32::new(0),
            is_lost: AtomicBool::new(false),
            is_tainted: AtomicBool::new(false),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// What ends the statement that runs.
    pub(crate) fn canceller(&self) -> Canceller {
        self.connector.canceller(&self.client)
    }

    /// Whether statements are sent without a name.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.connector.is_unnamed()
    }

    /// Something ran of which nothing is known, so the connection is not handed on.
    pub(crate) fn taint(&self) {
        self.is_tainted.store(true, Ordering::Release);
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Hangs up, and gives the task that does the last of it.
    pub(crate) fn close(self) -> JoinHandle<()> {
        self.task
    }

    /// Whether an answer is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        self.flights.is_busy()
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.is_lost.load(Ordering::Acquire) && !self.client.is_closed()
    }

    /// Whether nothing is left on the connection that a rollback does not end.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.is_tainted.load(Ordering::Acquire) && self.is_open()
    }

    /// Whether the connection can be handed on: open, no answer on its way, in no transaction.
    pub(crate) fn is_clean(&self) -> bool {
        !self.is_busy() && self.level() == 0 && self.is_untouched()
    }

    pub(crate) fn level(&self) -> u32 {
        self.level.load(Ordering::Acquire)
    }

    pub(crate) fn set_level(&self, level: u32) {
        self.level.store(level, Ordering::Release);
        if self.abandoned.load(Ordering::Acquire) > level {
            self.abandoned.store(0, Ordering::Release);
        }
    }

    /// Marks the transaction of this level as one that nobody will end, and tells whether it is open.
    pub(crate) fn abandon(&self, level: u32) -> bool {
        let is_open = self.level() >= level;
        if is_open {
            self.abandoned.store(level, Ordering::Release);
        }
        is_open
    }

    /// Forgets what failed so far, because a transaction begins.
    pub(crate) fn forgive(&self) {
        self.failed_before.store(self.flights.failed(), Ordering::Relaxed);
    }

    /// Whether anything may have failed since the transaction began, so that the server refuses to commit it.
    pub(crate) fn may_have_failed(&self) -> bool {
        self.flights.failed() != self.failed_before.load(Ordering::Relaxed)
    }

    /// Refuses work of a handle whose inner transaction is open. One that was abandoned is undone first.
    #[inline]
    pub(crate) async fn check(&self, level: u32) -> Result<(), Error> {
        if self.level() == level && !self.is_lost.load(Ordering::Acquire) {
            return Ok(());
        }
        // In a box, as is all that seldom happens: its future would be part of that of every statement.
        Box::pin(self.recover(level)).await
    }

    #[cold]
    async fn recover(&self, level: u32) -> Result<(), Error> {
        if self.is_lost.load(Ordering::Acquire) {
            let problem = "the connection was lost before";
            return Err(refused(ErrorKind::ConnectionLost, problem, "statement".to_owned(), ""));
        }
        if self.abandoned.load(Ordering::Acquire) != level + 1 {
            return Err(Error::TransactionOpen);
        }
        self.undo(level).await
    }

    /// Awaits something that the server says, for as long as it may keep silent.
    pub(crate) async fn answer<T>(
        &self,
        said: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        match self.patience {
            None => said.await.map_err(Fault::Driver),
            Some(patience) => match tokio::time::timeout(patience, said).await {
                Ok(said) => said.map_err(Fault::Driver),
                Err(_) => Err(Fault::Silence(patience)),
            },
        }
    }

    /// Nothing runs on the connection any more, and nobody gets it.
    pub(crate) fn give_up(&self) {
        self.is_lost.store(true, Ordering::Release);
    }

    /// Ends a flight that failed.
    pub(crate) fn settle(&self, flight: Flight, fault: &Fault) {
        let verdict = fault.verdict();
        if matches!(verdict, Verdict::Ended | Verdict::Lost) {
            self.give_up();
        }
        match verdict {
            Verdict::Answered => flight.fail(),
            Verdict::NotSent | Verdict::Ended => flight.ground(),
            Verdict::Lost => {}
        }
    }

    /// Sends text. That happens when the future is first polled, so what was noted just before is true from then on.
    pub(crate) async fn send(&self, sql: &str, operation: &str) -> Result<(), Error> {
        let flight = self.flights.begin();
        match self.answer(self.client.batch_execute(sql)).await {
            Ok(()) => {
                flight.land();
                Ok(())
            }
            Err(fault) => {
                self.settle(flight, &fault);
                Err(failed(fault, operation.to_owned(), sql))
            }
        }
    }

    /// Runs text that takes no values, as the transaction of this level.
    pub(crate) async fn run(&self, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
        self.check(level).await?;
        check_text(sql, || Ok(operation.to_owned()))?;
        self.taint();
        self.send(sql, operation).await
    }

    pub(crate) fn kept(&self, key: QueryKey) -> Option<Statement> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = self.changes.load(Ordering::Acquire);
        if self.changes_seen.swap(changes, Ordering::AcqRel) != changes {
            statements.clear();
        }
        let (statement, used) = statements.get_mut(&key)?;
        *used = now;
        Some(statement.clone())
    }

    fn keep(&self, key: QueryKey, statement: &Statement) {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if statements.len() >= self.capacity {
            let oldest = statements.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            oldest.and_then(|oldest| statements.remove(&oldest));
        }
        statements.insert(key, (statement.clone(), now));
    }

    /// Forgets a statement that a change of the schema made useless. Other connections have more of the kind, so all of
    /// them prepare theirs again: a transaction that is tried again must not meet the next stale one.
    pub(crate) fn outdated(&self, key: QueryKey) {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        // Unless it is this connection that is behind.
        let seen = self.changes_seen.load(Ordering::Acquire);
        let next = self.changes.compare_exchange(seen, seen + 1, Ordering::AcqRel, Ordering::Acquire);
        if next.is_ok() {
            self.changes_seen.store(seen + 1, Ordering::Release);
        }
    }

    /// Prepares a query under a key.
    pub(crate) async fn prepare<Q: Query>(
        &self,
        key: QueryKey,
        query: &Q,
        write: impl FnOnce(String) -> String,
    ) -> Result<Statement, Fault> {
        let text = cache::text(key, &Postgres, || query.statement().map(|it| write(writer::write(&it, &Postgres))))?;
        check_text(&text, || query.statement().map(|it| it.describe()))?;
        let statement = self.answer(self.client.prepare(&text)).await?;
        self.keep(key, &statement);
        Ok(statement)
    }

    /// Sends a query. A statement that is stale is prepared again, once, outside of transactions.
    async fn start<Q: Query>(&self, query: &Q, params: &[Param<'_>]) -> Result<RowStream, Fault> {
        if self.is_unnamed() {
            let text = unnamed::text(query)?;
            return self.answer(unnamed::send(&self.client, &text, params)).await;
        }
        let mut retried = false;
        loop {
            let kept = self.kept(query.key());
            let was_kept = kept.is_some();
            let statement = match kept {
                Some(statement) => statement,
                None => Box::pin(self.prepare(query.key(), query, |text| text)).await?,
            };
            match self.answer(self.client.query_raw(&statement, params.iter().map(as_sql))).await {
                Err(fault) if fault.is_stale(was_kept) => {
                    self.outdated(query.key());
                    if retried || self.level() > 0 {
                        return Err(fault.into_stale());
                    }
                    retried = true;
                }
                rows => return rows,
            }
        }
    }

    /// Sends a query, and gives its rows as they arrive.
    pub(crate) async fn launch<Q: Query>(&self, level: u32, query: &Q) -> Result<(RowStream, Flight), Error> {
        self.check(level).await?;
        let params = params(query)?;
        let flight = self.flights.begin();
        match self.start(query, &params).await {
            Ok(rows) => Ok((rows, flight)),
            Err(fault) => Err(self.failure(flight, fault, query)),
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
        let flight = self.flights.begin();
        let result = self.answer(async {
            let rows = if self.is_unnamed() {
                unnamed::send(&self.client, &sql, &params).await?
            } else {
                let prepared = self.client.prepare(&sql).await?;
                self.client.query_raw(&prepared, params.iter().map(as_sql)).await?
            };
            let lines: Vec<String> = rows.map_ok(|row| row.get(0)).try_collect().await?;
            Ok(lines.join("\n"))
        });
        match result.await {
            Ok(plan) => {
                flight.land();
                Ok(plan)
            }
            Err(fault) => {
                self.settle(flight, &fault);
                Err(failed(fault, operation, &sql))
            }
        }
    }

    /// Ends a flight that failed, and names the statement.
    #[cold]
    pub(crate) fn failure<Q: Query>(&self, flight: Flight, fault: Fault, query: &Q) -> Error {
        self.settle(flight, &fault);
        match query.statement() {
            Ok(statement) => failed(fault, statement.describe(), &writer::write(&statement, &Postgres)),
            Err(error) => error,
        }
    }

    /// Runs a query, shows each row to `take`, and gives the number of rows it gave or changed.
    pub(crate) async fn rows<Q: Query>(
        &self,
        level: u32,
        query: &Q,
        mut take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        let (rows, flight) = self.launch(level, query).await?;
        let mut rows = pin!(rows);
        let mut refused = Ok(());
        // How many more rows are read to leave the connection as it was found, after one that was refused.
        let mut patience = PATIENCE;
        loop {
            match self.answer(rows.try_next()).await {
                Ok(Some(_)) if refused.is_err() => {
                    patience -= 1;
                    if patience == 0 {
                        return refused.map(|()| 0);
                    }
                }
                Ok(Some(row)) => refused = decode(query, &row).and_then(&mut take),
                Ok(None) => {
                    flight.land();
                    return refused.map(|()| rows.rows_affected().unwrap_or(0));
                }
                Err(fault) => return Err(self.failure(flight, fault, query)),
            }
        }
    }
}

/// The values of a query.
pub(crate) fn params<'q, Q: Query>(query: &'q Q) -> Result<Vec<Param<'q>>, Error> {
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
    Ok(params)
}

/// Reads a row.
pub(crate) fn decode<Q: Query>(query: &Q, row: &tokio_postgres::Row) -> Result<Q::Row, Error> {
    match query.decode(&PgRow(row)) {
        Ok(row) => Ok(row),
        Err(error) => Err(Error::decode(error, &query.statement()?)),
    }
}

/// Refuses a text with a NUL, where the protocol would end it, and one that is too long for a message.
pub(crate) fn check_text(sql: &str, operation: impl FnOnce() -> Result<String, Error>) -> Result<(), Error> {
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

pub(crate) fn as_sql<'a>(param: &'a Param<'_>) -> &'a (dyn ToSql + Sync) {
    param
}
