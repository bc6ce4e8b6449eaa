//! Running queries: one body for pools, transactions and batches.
#![allow(missing_docs, reason = "the functions are those of `Executor`, for the macro that implements it")]

use futures_util::stream::try_unfold;

use crate::{
    ddl,
    dialect::Dialect,
    error::Error,
    executor::{self, Extent, Plan, Query, Runner, check_written},
    observe::{Parent, Watch},
    pool::{
        Access, Backend, Batch, BoxStream, Company, ReadTransaction, Session, Transaction, lease,
        transaction::transaction,
    },
    schema::Schema,
};

/// Where statements run.
pub enum Target<'a, B: Backend> {
    /// On a connection that the pool lends for it.
    Pool(&'a B),
    /// On this connection, where it is in its transactions.
    Open(Place<'a, B::Session>),
}

/// A session that somebody has, and where in its transactions it is used.
pub struct Place<'a, S> {
    /// The connection.
    pub session: &'a S,
    /// The level of the transaction, 0 outside.
    pub level: u32,
    /// The span its statements belong to, unless they run inside of one.
    pub parent: Parent<'a>,
}

impl<S> Clone for Place<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Place<'_, S> {}

/// A session to run a statement on.
enum Held<'a, S> {
    Own(S),
    Open(Place<'a, S>),
}

impl<'a, B: Backend> Target<'a, B> {
    async fn hold(self, access: Access) -> Result<Held<'a, B::Session>, Error> {
        match self {
            Self::Pool(pool) => lease(pool, access).await.map(Held::Own),
            Self::Open(place) => Ok(Held::Open(place)),
        }
    }

    /// Runs a query, shows each row to `take`, and gives the number of rows it gave or changed.
    async fn run<Q: Query>(
        self,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        let held = self.hold(Access::of::<Q>()).await?;
        run_on(held.place(), query, take).await
    }
}

impl<S: Session> Held<'_, S> {
    fn place(&self) -> Place<'_, S> {
        match self {
            Self::Own(session) => Place::outside(session),
            Self::Open(place) => *place,
        }
    }
}

impl<'a, S> Place<'a, S> {
    /// Outside of any transaction.
    pub fn outside(session: &'a S) -> Self {
        Self { session, level: 0, parent: Parent::default() }
    }
}

impl<S: Session> Place<'_, S> {
    /// Begins to watch a query.
    fn watch<Q: Query>(self, query: &Q) -> Watch {
        let observer = self.session.state().observer();
        observer.count(1);
        observer.watch(query, self.session.dialect(), self.parent)
    }
}

async fn run_on<S: Session, Q: Query>(
    place: Place<'_, S>,
    query: &Q,
    take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
) -> Result<u64, Error> {
    let watch = place.watch(query);
    let written = async {
        let rows = place.session.rows(place.level, query, take).await?;
        check_written(query, rows).map(|()| rows)
    };
    let result = watch.within(written).await;
    watch.finish(result.as_ref().copied());
    result.inspect_err(|error| place.session.state().note(error))
}

/// Runs text without values on a session that is used at this level of its transactions.
///
/// # Errors
/// If a statement of the text fails.
pub async fn run_text<S: Session>(session: &S, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
    run_text_in(Place { session, level, parent: Parent::default() }, sql, operation).await
}

pub(crate) async fn run_text_in<S: Session>(place: Place<'_, S>, sql: &str, operation: &str) -> Result<(), Error> {
    let Place { session, level, parent } = place;
    let watch = session.state().observer().watch_text("batch", sql, parent);
    let result = watch.within(session.run(level, sql, operation)).await;
    watch.finish(result.as_ref().map(|()| 0));
    result.inspect_err(|error| session.state().note(error))
}

pub async fn all<B: Backend, Q: Query>(target: Target<'_, B>, query: Q) -> Result<Vec<Q::Row>, Error> {
    let mut rows = Vec::new();
    let take = |row| {
        rows.push(row);
        Ok(())
    };
    target.run(&query, take).await?;
    Ok(rows)
}

pub async fn optional<B: Backend, Q: Query>(target: Target<'_, B>, query: Q) -> Result<Option<Q::Row>, Error> {
    at_most_one(target, &query).await
}

async fn at_most_one<B: Backend, Q: Query>(target: Target<'_, B>, query: &Q) -> Result<Option<Q::Row>, Error> {
    let mut found = None;
    let take = |row| match found.replace(row) {
        None => Ok(()),
        Some(_) => Err(Error::MultipleRows { table: query.statement()?.table() }),
    };
    target.run(query, take).await?;
    Ok(found)
}

pub async fn one<B: Backend, Q: Query>(target: Target<'_, B>, query: Q) -> Result<Q::Row, Error> {
    match at_most_one(target, &query).await? {
        Some(row) => Ok(row),
        None => Err(Error::NotFound { table: query.statement()?.table() }),
    }
}

pub async fn first<B: Backend, Q: Query>(target: Target<'_, B>, query: Q) -> Result<Option<Q::Row>, Error> {
    let mut found = None;
    let take = |row| {
        found.get_or_insert(row);
        Ok(())
    };
    target.run(&query, take).await?;
    Ok(found)
}

impl<S: Session> Runner for Place<'_, S> {
    fn dialect(&self) -> &'static dyn Dialect {
        self.session.dialect()
    }

    async fn rows<Q: Query>(
        &self,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        run_on(*self, query, take).await
    }
}

/// Runs statements that belong together: in a transaction, unless there is one statement, or one is open that does.
pub async fn several<B: Backend, P: Plan>(target: Target<'_, B>, plan: P) -> Result<P::Output, Error> {
    let access = match P::EXTENT {
        Extent::Writes => Access::Write,
        Extent::Reads | Extent::ReadsOnce => Access::Read,
    };
    let held = target.hold(access).await?;
    let place = held.place();
    match P::EXTENT {
        Extent::Writes => {
            let inner: Transaction<'_, B> = Transaction::within(place).await?;
            let output = plan.run(&inner.place()).await?;
            inner.commit().await?;
            Ok(output)
        }
        Extent::Reads if place.level == 0 => {
            let snapshot: ReadTransaction<'_, B> = ReadTransaction::within(place).await?;
            let output = plan.run(&snapshot.place()).await;
            // What was read is right, whatever becomes of the connection.
            drop(snapshot.end().await);
            output
        }
        Extent::Reads | Extent::ReadsOnce => plan.run(&place).await,
    }
}

pub async fn plan<B: Backend, Q: Query>(target: Target<'_, B>, query: Q) -> Result<String, Error> {
    let held = target.hold(Access::Read).await?;
    let Place { session, level, .. } = held.place();
    session.plan(level, &query).await
}

/// Rows that are being read.
struct Rows<'a, B: Backend, Q> {
    held: Held<'a, B::Session>,
    query: Q,
    /// `None` after the last row.
    cursor: Option<<B::Session as Session>::Cursor>,
    /// `None` after the last row, and after an error.
    watch: Option<Watch>,
    given: u64,
}

impl<B: Backend, Q> Rows<'_, B, Q> {
    fn finish(&mut self, error: Option<&Error>) {
        if let Some(watch) = self.watch.take() {
            watch.finish(error.map_or(Ok(self.given), Err));
        }
    }
}

impl<B: Backend, Q> Drop for Rows<'_, B, Q> {
    fn drop(&mut self) {
        if let Some(cursor) = self.cursor.take() {
            let Place { session, level, .. } = self.held.place();
            session.close(level, cursor);
        }
        self.finish(None);
    }
}

/// A stream that has not begun yet, or is under way.
#[allow(clippy::large_enum_variant, reason = "lives in a stream that is boxed anyway")]
enum Streaming<'a, B: Backend, Q> {
    Waiting(Target<'a, B>, Q),
    Open(Rows<'a, B, Q>),
}

async fn next<B: Backend, Q: Query>(
    state: Streaming<'_, B, Q>,
) -> Result<Option<(Q::Row, Streaming<'_, B, Q>)>, Error> {
    let mut rows = match state {
        Streaming::Open(rows) => rows,
        Streaming::Waiting(target, query) => {
            let held = target.hold(Access::of::<Q>()).await?;
            let company = match &held {
                Held::Own(_) => Company::Alone,
                Held::Open(..) => Company::Shared,
            };
            let watch = held.place().watch(&query);
            let Place { session, level, .. } = held.place();
            let opened = watch.within(session.open(level, &query, company)).await;
            match opened {
                Ok(cursor) => Rows { held, query, cursor: Some(cursor), watch: Some(watch), given: 0 },
                Err(error) => {
                    watch.finish(Err(&error));
                    session.state().note(&error);
                    return Err(error);
                }
            }
        }
    };
    let Rows { held, query, cursor, watch, .. } = &mut rows;
    let Place { session, level, .. } = held.place();
    let (Some(cursor), Some(watch)) = (cursor, watch) else { return Ok(None) };
    match watch.within(session.next(level, cursor, query)).await {
        Ok(Some(row)) => {
            rows.given += 1;
            Ok(Some((row, Streaming::Open(rows))))
        }
        Ok(None) => {
            rows.cursor = None;
            let written = check_written(&rows.query, rows.given);
            rows.finish(written.as_ref().err());
            written.map(|()| None)
        }
        Err(error) => {
            session.state().note(&error);
            rows.finish(Some(&error));
            Err(error)
        }
    }
}

pub fn stream<'a, B: Backend, Q: Query + 'a>(target: Target<'a, B>, query: Q) -> BoxStream<'a, Q::Row> {
    Box::pin(try_unfold(Streaming::Waiting(target, query), next))
}

pub async fn execute<B: Backend, Q: Query>(target: Target<'_, B>, query: Q) -> Result<u64, Error> {
    target.run(&query, |_| Ok(())).await
}

pub async fn execute_many<B: Backend, R: executor::Batch>(target: Target<'_, B>, rows: R) -> Result<u64, Error> {
    many(target, &rows, &mut Vec::new()).await
}

pub async fn fetch_many<B: Backend, R: executor::Batch>(target: Target<'_, B>, rows: R) -> Result<Vec<R::Row>, Error> {
    let mut given = Vec::new();
    many(target, &rows, &mut given).await?;
    Ok(given)
}

/// Runs the statements of a batch of rows: in a transaction of its own, if there are several.
async fn many<B: Backend, R: executor::Batch>(
    target: Target<'_, B>,
    batch: &R,
    rows: &mut Vec<R::Row>,
) -> Result<u64, Error> {
    let held = target.hold(Access::Write).await?;
    let place = held.place();
    let dialect = place.session.dialect();
    let Some((part, mut start)) = batch.part(0, dialect) else { return Ok(0) };
    if batch.part(start, dialect).is_none() {
        return run_on(place, &part, push(rows)).await;
    }
    let inner: Transaction<'_, B> = Transaction::within(place).await?;
    let mut changed = run_on(inner.place(), &part, push(rows)).await?;
    while let Some((part, next)) = batch.part(start, dialect) {
        changed += run_on(inner.place(), &part, push(rows)).await?;
        start = next;
    }
    inner.commit().await?;
    Ok(changed)
}

fn push<R: Send>(rows: &mut Vec<R>) -> impl FnMut(R) -> Result<(), Error> + Send {
    |row| {
        rows.push(row);
        Ok(())
    }
}

/// Creates the tables and views of a schema in an empty database, in one transaction.
///
/// # Errors
/// If a statement fails, or the database has not what the schema asks for; nothing is created then.
pub async fn create_all<B: Backend>(backend: &B, schema: &Schema) -> Result<(), Error> {
    transaction(backend, async |tx: &Transaction<'_, B>| {
        let dialect = tx.place().session.dialect();
        ddl::check_types(schema, dialect)?;
        for statement in ddl::create_statements(schema, dialect) {
            let operation = statement.lines().next().unwrap_or_default().trim_end_matches(" (");
            run_text_in(tx.place(), &statement, operation).await?;
        }
        Ok(())
    })
    .await
}

/// Implements [`Executor`] for a type by the functions of this module: `$target` says where statements run.
///
/// A blanket impl for every pool would do, but then rustc reports what is no executor at the method instead of at the
/// argument.
#[doc(hidden)]
#[macro_export]
macro_rules! pool_executor {
    ([$($generics:tt)*] $ty:ty, $backend:ty, |$executor:ident| $target:expr) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $crate::executor::Executor for $ty {
            type Dialect = <$backend as $crate::pool::Backend>::Dialect;
            type Output<'a, T: Send + 'a> = $crate::pool::BoxFuture<'a, T> where Self: 'a;
            type Stream<'a, Q: $crate::executor::Query + 'a> = $crate::pool::BoxStream<'a, Q::Row> where Self: 'a;

            fn fetch_all<'a, Q: $crate::executor::Query + 'a>(
                &'a self,
                query: Q,
            ) -> $crate::pool::BoxFuture<'a, Vec<Q::Row>> {
                let $executor = self;
                Box::pin($crate::pool::run::all::<$backend, Q>($target, query))
            }

            fn fetch_optional<'a, Q: $crate::executor::Query + 'a>(
                &'a self,
                query: Q,
            ) -> $crate::pool::BoxFuture<'a, Option<Q::Row>> {
                let $executor = self;
                Box::pin($crate::pool::run::optional::<$backend, Q>($target, query))
            }

            fn fetch_one<'a, Q: $crate::executor::Query + 'a>(
                &'a self,
                query: Q,
            ) -> $crate::pool::BoxFuture<'a, Q::Row> {
                let $executor = self;
                Box::pin($crate::pool::run::one::<$backend, Q>($target, query))
            }

            fn fetch_first<'a, Q: $crate::executor::Query + 'a>(
                &'a self,
                query: Q,
            ) -> $crate::pool::BoxFuture<'a, Option<Q::Row>> {
                let $executor = self;
                Box::pin($crate::pool::run::first::<$backend, Q>($target, query))
            }

            fn fetch_stream<'a, Q: $crate::executor::Query + 'a>(
                &'a self,
                query: Q,
            ) -> $crate::pool::BoxStream<'a, Q::Row> {
                let $executor = self;
                $crate::pool::run::stream::<$backend, Q>($target, query)
            }

            fn fetch_plan<'a, Q: $crate::executor::Query + 'a>(
                &'a self,
                query: Q,
            ) -> $crate::pool::BoxFuture<'a, String> {
                let $executor = self;
                Box::pin($crate::pool::run::plan::<$backend, Q>($target, query))
            }

            fn run_plan<'a, P: $crate::executor::Plan + 'a>(&'a self, plan: P) -> $crate::pool::BoxFuture<'a, P::Output> {
                let $executor = self;
                Box::pin($crate::pool::run::several::<$backend, P>($target, plan))
            }
        }
    };
}

/// Like [`pool_executor`], for what may write.
#[doc(hidden)]
#[macro_export]
macro_rules! pool_write_executor {
    ([$($generics:tt)*] $ty:ty, $backend:ty, |$executor:ident| $target:expr) => {
        $crate::pool_executor!([$($generics)*] $ty, $backend, |$executor| $target);

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $crate::executor::WriteExecutor for $ty {
            fn execute<'a, Q: $crate::executor::Query + 'a>(&'a self, query: Q) -> $crate::pool::BoxFuture<'a, u64> {
                let $executor = self;
                Box::pin($crate::pool::run::execute::<$backend, Q>($target, query))
            }

            fn execute_many<'a, R: $crate::executor::Batch + 'a>(
                &'a self,
                rows: R,
            ) -> $crate::pool::BoxFuture<'a, u64> {
                let $executor = self;
                Box::pin($crate::pool::run::execute_many::<$backend, R>($target, rows))
            }

            fn fetch_many<'a, R: $crate::executor::Batch + 'a>(
                &'a self,
                rows: R,
            ) -> $crate::pool::BoxFuture<'a, Vec<R::Row>> {
                let $executor = self;
                Box::pin($crate::pool::run::fetch_many::<$backend, R>($target, rows))
            }
        }
    };
}

pool_executor!([B: Backend] ReadTransaction<'_, B>, B, |tx| Target::Open(tx.place()));
pool_write_executor!([B: Backend] Transaction<'_, B>, B, |tx| Target::Open(tx.place()));
pool_write_executor!([B: Backend] Batch<B>, B, |batch| Target::Open(batch.place()));
