//! Running queries: one body for connections, transactions and read transactions.

use orm_core::{
    cache,
    error::Error,
    executor::{Batch, Executor, Plan, Query, QueryKey, WriteExecutor},
    observe::{Parent, Watch},
    writer,
};
use rusqlite::ffi;

use crate::{
    Connection, ReadTransaction, Rows, Sqlite, Transaction,
    encode::Encoder,
    error::{Failure, Phase},
    session::{Access, Session},
    statement::{Running, Step},
};

#[cfg(feature = "pool")]
use crate::statement::Parked;
#[cfg(feature = "pool")]
use orm_core::error::ErrorKind;

/// The session as one of its handles sees it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    session: &'s Session,
    level: u32,
    access: Access,
    parent: Parent<'s>,
}

impl<'s> Scope<'s> {
    /// The scope of the connection itself (level 0), or of a transaction.
    pub(crate) fn new(session: &'s Session, level: u32, access: Access) -> Self {
        Self { session, level, access, parent: Parent::default() }
    }

    /// The same as part of a transaction that is watched.
    fn within(self, parent: Parent<'s>) -> Self {
        Self { parent, ..self }
    }

    pub(crate) fn session(self) -> &'s Session {
        self.session
    }

    pub(crate) fn level(self) -> u32 {
        self.level
    }

    /// What its statements are told to be part of.
    pub(crate) fn parent(self) -> Parent<'s> {
        self.parent
    }

    /// Begins to watch a query.
    #[inline]
    pub(crate) fn watch<Q: Query>(self, query: &Q) -> Watch {
        self.session.observer().watch(query, &Sqlite, self.parent)
    }

    /// Runs a query under the eyes of whoever watches.
    #[inline]
    pub(crate) fn watched<Q: Query, T>(
        self,
        query: &Q,
        run: impl FnOnce() -> Result<T, Error>,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T, Error> {
        let watch = self.watch(query);
        let result = watch.run(run);
        watch.finish(result.as_ref().map(rows));
        result
    }

    /// Like [`watched`](Self::watched), for text without values.
    pub(crate) fn watched_text(self, sql: &str, run: impl FnOnce(Self) -> Result<(), Error>) -> Result<(), Error> {
        let watch = self.session.observer().watch_text("batch", sql, self.parent);
        let result = watch.run(|| run(self));
        watch.finish(result.as_ref().map(|()| 0));
        result
    }

    fn all<Q: Query>(self, query: &Q) -> Result<Vec<Q::Row>, Error> {
        let mut rows = Vec::new();
        self.all_into(query, &mut rows)?;
        Ok(rows)
    }

    fn all_into<Q: Query>(self, query: &Q, rows: &mut Vec<Q::Row>) -> Result<(), Error> {
        let before = rows.len();
        let read = || {
            let mut running = self.start(query)?;
            while let Some(row) = self.next(query, &mut running)? {
                rows.push(row);
            }
            Ok(rows.len() - before)
        };
        self.watched(query, read, |&rows| rows as u64).map(drop)
    }

    fn first<Q: Query>(self, query: &Q) -> Result<Option<Q::Row>, Error> {
        let read = || {
            let mut running = self.start(query)?;
            self.next(query, &mut running)
        };
        self.watched(query, read, |row| u64::from(row.is_some()))
    }

    fn optional<Q: Query>(self, query: &Q) -> Result<Option<Q::Row>, Error> {
        let read = || {
            let mut running = self.start(query)?;
            let Some(row) = self.next(query, &mut running)? else { return Ok(None) };
            match running.step() {
                Ok(Step::Done) => Ok(Some(row)),
                Ok(Step::Row) => Err(Error::MultipleRows { table: query.statement()?.table() }),
                Err(failure) => Err(self.failed(query, running, failure)),
            }
        };
        self.watched(query, read, |row| u64::from(row.is_some()))
    }

    fn one<Q: Query>(self, query: &Q) -> Result<Q::Row, Error> {
        match self.optional(query)? {
            Some(row) => Ok(row),
            None => Err(Error::NotFound { table: query.statement()?.table() }),
        }
    }

    fn execute<Q: Query>(self, query: &Q) -> Result<u64, Error> {
        let run = || {
            let mut running = self.start(query)?;
            loop {
                match running.step() {
                    Ok(Step::Row) => {}
                    // A statement that does not write leaves the number of the one before it.
                    Ok(Step::Done) if !running.writes() => return Ok(0),
                    Ok(Step::Done) => return Ok(self.session.handle().connection().changes()),
                    Err(failure) => return Err(self.failed(query, running, failure)),
                }
            }
        };
        self.watched(query, run, |&rows| rows)
    }

    /// Runs the statements of a batch: in a transaction, or in a savepoint of the one that is open, if there are
    /// several.
    fn batch<B: Batch>(
        self,
        batch: &B,
        mut run: impl FnMut(Scope<'_>, &B::Part<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some((first, mut start)) = batch.part(0, &Sqlite) else { return Ok(()) };
        let Some((second, next)) = batch.part(start, &Sqlite) else { return run(self, &first) };
        start = next;
        let transaction = Transaction::begin(self)?;
        let inner = transaction.scope();
        run(inner, &first)?;
        run(inner, &second)?;
        while let Some((part, next)) = batch.part(start, &Sqlite) {
            run(inner, &part)?;
            start = next;
        }
        transaction.commit()
    }

    /// Shows each row to `take`, and gives the number of rows that were given or changed.
    pub(crate) fn each<Q: Query>(
        self,
        query: &Q,
        take: &mut impl FnMut(Q::Row) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut running = self.start(query)?;
        let mut rows = 0;
        while let Some(row) = self.next(query, &mut running)? {
            rows += 1;
            take(row)?;
        }
        Ok(if running.writes() { self.session.handle().connection().changes() } else { rows })
    }

    /// Starts a query and lets go of the connection.
    #[cfg(feature = "pool")]
    pub(crate) fn start_parked<Q: Query>(self, query: &Q) -> Result<Parked, Error> {
        Ok(self.start_copying(query)?.park())
    }

    /// The next row of a query that was parked; after the last one, and after an error, it is over.
    #[cfg(feature = "pool")]
    pub(crate) fn next_parked<Q: Query>(self, query: &Q, parked: &mut Option<Parked>) -> Result<Option<Q::Row>, Error> {
        self.session.check(self.level)?;
        let Some(statement) = parked.take() else { return Ok(None) };
        let mut running = self.session.handle().resume(statement);
        match self.next(query, &mut running) {
            Ok(Some(row)) => {
                *parked = Some(running.park());
                Ok(Some(row))
            }
            // A locked database can be tried again.
            Err(error) if error.kind() == ErrorKind::Busy => {
                *parked = Some(running.park());
                Err(error)
            }
            ended => ended,
        }
    }

    pub(crate) fn plan<Q: Query>(self, query: &Q) -> Result<String, Error> {
        let statement = query.statement()?;
        let sql = format!("explain query plan {}", writer::write(&statement, &Sqlite));
        self.session.check(self.level)?;
        let named = |failure: Failure, sql: String| {
            failure.into_error(format!("plan of the {}", statement.describe()), Some(statement.table()), sql)
        };
        let mut running = match self.session.handle().prepare(None, &sql) {
            Ok(running) => running,
            Err(failure) => return Err(named(failure, sql)),
        };
        let mut plan = crate::plan::Plan::default();
        loop {
            match running.step() {
                Ok(Step::Row) => plan.push(&running),
                Ok(Step::Done) => return Ok(plan.finish()),
                Err(failure) => return Err(named(failure, sql)),
            }
        }
    }

    /// Runs a statement that takes no values and is not kept.
    pub(crate) fn run_text(self, operation: &str, sql: &str) -> Result<(), Error> {
        self.session.check(self.level)?;
        let named = |failure: Failure| {
            let error = failure.into_error(operation.to_owned(), None, sql.to_owned());
            self.session.note_failure(error.kind());
            error
        };
        let mut running = self.session.handle().prepare(None, sql).map_err(named)?;
        while running.step().map_err(named)? == Step::Row {}
        Ok(())
    }

    /// Gives the statement of a query with the query's values bound.
    #[inline]
    fn start<'q, Q: Query>(self, query: &'q Q) -> Result<Running<'s, 'q>, Error> {
        let mut running = self.prepared(query)?;
        let mut encoder = Encoder::borrowing(&mut running);
        query.bind(&mut encoder);
        encoder.finish(|| operation(query))?;
        Ok(running)
    }

    /// Like [`start`](Self::start), but the values are copied, so the query need not stay where it is.
    pub(crate) fn start_copying<Q: Query>(self, query: &Q) -> Result<Running<'s, 'static>, Error> {
        let mut running = self.prepared(query)?;
        let mut encoder = Encoder::copying(&mut running);
        query.bind(&mut encoder);
        encoder.finish(|| operation(query))?;
        Ok(running)
    }

    #[inline]
    fn prepared<'q, Q: Query>(self, query: &Q) -> Result<Running<'s, 'q>, Error> {
        self.session.check(self.level)?;
        self.session.count();
        let key = query.key();
        let running = match self.session.handle().find(key) {
            Some(running) => running,
            None => self.prepare(query, key)?,
        };
        if self.access == Access::Read && running.writes() {
            return Err(writes_in_read_transaction(&running, operation(query)));
        }
        Ok(running)
    }

    #[cold]
    fn prepare<'q, Q: Query>(self, query: &Q, key: QueryKey) -> Result<Running<'s, 'q>, Error> {
        let sql = cache::text(key, &Sqlite, || Ok::<_, Error>(writer::write(&query.statement()?, &Sqlite)))?;
        self.session.handle().prepare(Some(key), &sql).map_err(|failure| self.error(query, sql.to_string(), failure))
    }

    #[inline]
    pub(crate) fn next<Q: Query>(self, query: &Q, running: &mut Running<'s, '_>) -> Result<Option<Q::Row>, Error> {
        match running.step() {
            Ok(Step::Row) => match query.decode(running) {
                Ok(row) => Ok(Some(row)),
                Err(error) => Err(Error::decode(error, &query.statement()?)),
            },
            Ok(Step::Done) => Ok(None),
            Err(failure) => Err(self.error(query, running.sql(), failure)),
        }
    }

    #[cold]
    fn failed<Q: Query>(self, query: &Q, running: Running<'_, '_>, failure: Failure) -> Error {
        let sql = running.sql();
        drop(running);
        self.error(query, sql, failure)
    }

    /// Names the statement that failed.
    #[cold]
    fn error<Q: Query>(self, query: &Q, sql: String, failure: Failure) -> Error {
        self.session.note_failure(failure.kind());
        // SQLite prepares a statement again when the schema changed. If that is what failed, the message is about the
        // text, and worth showing; preparing it once more tells.
        let failure_of_text = if failure.is_generic() { self.session.handle().check(&sql).err() } else { None };
        let failure = failure_of_text.unwrap_or(failure);
        match query.statement() {
            Ok(statement) => failure.into_error(statement.describe(), Some(statement.table()), sql),
            Err(error) => error,
        }
    }
}

fn operation<Q: Query>(query: &Q) -> String {
    query.statement().map_or_else(|_| "statement".to_owned(), |statement| statement.describe())
}

#[cold]
fn writes_in_read_transaction(running: &Running<'_, '_>, operation: String) -> Error {
    let message = "the transaction only reads".to_owned();
    Failure::new(ffi::SQLITE_READONLY, Some(message), Phase::Preparing).into_error(operation, None, running.sql())
}

impl Connection {
    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope::new(self.session(), 0, Access::Write)
    }
}

impl Transaction<'_> {
    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope::new(self.session(), self.level(), Access::Write).within(self.parent())
    }
}

impl ReadTransaction<'_> {
    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope::new(self.session(), self.level(), Access::Read)
    }
}

macro_rules! executor {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Executor for $ty {
            type Dialect = Sqlite;
            type Output<'a, T: Send + 'a> = Result<T, Error> where Self: 'a;
            type Stream<'a, Q: Query + 'a> = Rows<'a, Q> where Self: 'a;

            #[inline]
            fn fetch_all<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Vec<Q::Row>, Error> {
                self.scope().all(&query)
            }

            #[inline]
            fn fetch_optional<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Option<Q::Row>, Error> {
                self.scope().optional(&query)
            }

            #[inline]
            fn fetch_one<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Q::Row, Error> {
                self.scope().one(&query)
            }

            #[inline]
            fn fetch_first<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<Option<Q::Row>, Error> {
                self.scope().first(&query)
            }

            fn fetch_stream<'a, Q: Query + 'a>(&'a self, query: Q) -> Rows<'a, Q> {
                Rows::new(self.scope(), query)
            }

            fn fetch_plan<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<String, Error> {
                self.scope().plan(&query)
            }

            fn run_plan<'a, P: Plan + 'a>(&'a self, plan: P) -> Result<P::Output, Error> {
                self.scope().several(plan)
            }
        }
    )*};
}

macro_rules! write_executor {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl WriteExecutor for $ty {
            #[inline]
            fn execute<'a, Q: Query + 'a>(&'a self, query: Q) -> Result<u64, Error> {
                self.scope().execute(&query)
            }

            fn execute_many<'a, B: Batch + 'a>(&'a self, batch: B) -> Result<u64, Error> {
                let mut changed = 0;
                self.scope().batch(&batch, |scope, part| {
                    changed += scope.execute(part)?;
                    Ok(())
                })?;
                Ok(changed)
            }

            fn fetch_many<'a, B: Batch + 'a>(&'a self, batch: B) -> Result<Vec<B::Row>, Error> {
                let mut rows = Vec::new();
                self.scope().batch(&batch, |scope, part| scope.all_into(part, &mut rows))?;
                Ok(rows)
            }
        }
    )*};
}

executor!(Connection, Transaction<'_>, ReadTransaction<'_>);
write_executor!(Connection, Transaction<'_>);

#[cfg(test)]
mod tests;
