//! Running queries: one body for pools and transactions.

use std::pin::Pin;

use futures_util::{Stream, TryStreamExt, stream};
use orm_core::{
    error::Error,
    executor::{Batch, Executor, Query, WriteExecutor},
};
use tokio_postgres::RowStream;

use crate::{Pool, Postgres, Transaction, decode::PgRow, pool::Lease, session::Session};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;
type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send + 'a>>;

/// Where statements run.
#[derive(Clone, Copy)]
enum Target<'a> {
    Pool(&'a Pool),
    Transaction(&'a Session, u32),
}

/// A session to run a statement on.
#[allow(clippy::large_enum_variant, reason = "lives in a future that is boxed anyway")]
enum Held<'a> {
    Lease(Lease),
    Transaction(&'a Session, u32),
}

impl<'a> Target<'a> {
    async fn hold(self) -> Result<Held<'a>, Error> {
        match self {
            Self::Pool(pool) => pool.lease().await.map(Held::Lease),
            Self::Transaction(session, depth) => Ok(Held::Transaction(session, depth)),
        }
    }
}

impl Held<'_> {
    fn session(&self) -> (&Session, u32) {
        match self {
            Self::Lease(lease) => (lease.session(), 0),
            Self::Transaction(session, depth) => (session, *depth),
        }
    }

    async fn run<Q: Query>(
        &self,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> Result<u64, Error> {
        let (session, depth) = self.session();
        session.rows(depth, query, take).await
    }
}

async fn all<Q: Query>(target: Target<'_>, query: Q) -> Result<Vec<Q::Row>, Error> {
    let mut rows = Vec::new();
    let take = |row| {
        rows.push(row);
        Ok(())
    };
    target.hold().await?.run(&query, take).await?;
    Ok(rows)
}

async fn optional<Q: Query>(target: Target<'_>, query: &Q) -> Result<Option<Q::Row>, Error> {
    let mut found = None;
    let take = |row| match found.replace(row) {
        None => Ok(()),
        Some(_) => Err(Error::MultipleRows { table: query.statement()?.table() }),
    };
    target.hold().await?.run(query, take).await?;
    Ok(found)
}

async fn one<Q: Query>(target: Target<'_>, query: Q) -> Result<Q::Row, Error> {
    match optional(target, &query).await? {
        Some(row) => Ok(row),
        None => Err(Error::NotFound { table: query.statement()?.table() }),
    }
}

async fn first<Q: Query>(target: Target<'_>, query: Q) -> Result<Option<Q::Row>, Error> {
    let mut found = None;
    let take = |row| {
        found.get_or_insert(row);
        Ok(())
    };
    target.hold().await?.run(&query, take).await?;
    Ok(found)
}

async fn execute<Q: Query>(target: Target<'_>, query: Q) -> Result<u64, Error> {
    target.hold().await?.run(&query, |_| Ok(())).await
}

/// A stream that has not begun yet, or is under way.
#[allow(clippy::large_enum_variant, reason = "lives in a stream that is boxed anyway")]
enum Streaming<'a, Q> {
    Waiting(Target<'a>, Q),
    Open(Held<'a>, Q, Pin<Box<RowStream>>),
}

async fn next<Q: Query>(state: Streaming<'_, Q>) -> Result<Option<(Q::Row, Streaming<'_, Q>)>, Error> {
    let (held, query, mut rows) = match state {
        Streaming::Waiting(target, query) => {
            let held = target.hold().await?;
            let (session, depth) = held.session();
            let rows = session.stream(depth, &query).await?;
            (held, query, Box::pin(rows))
        }
        Streaming::Open(held, query, rows) => (held, query, rows),
    };
    match rows.try_next().await {
        Ok(Some(row)) => match Q::decode(&PgRow(&row)) {
            Ok(row) => Ok(Some((row, Streaming::Open(held, query, rows)))),
            Err(error) => Err(Error::decode(error, &query.statement()?)),
        },
        Ok(None) => {
            held.session().0.landed();
            Ok(None)
        }
        Err(error) => {
            let (session, _) = held.session();
            session.landed();
            Err(session.named(&query, error)?)
        }
    }
}

async fn plan<Q: Query>(target: Target<'_>, query: Q) -> Result<String, Error> {
    let held = target.hold().await?;
    let (session, depth) = held.session();
    session.plan(depth, &query).await
}

/// Runs the statements of a batch: in a transaction of its own, if there are several.
async fn batch<B: Batch>(target: Target<'_>, batch: &B, rows: &mut Vec<B::Row>) -> Result<u64, Error> {
    let Some((part, next)) = batch.part(0, &Postgres) else { return Ok(0) };
    let held = target.hold().await?;
    let (session, depth) = held.session();
    if batch.part(next, &Postgres).is_none() {
        return run_part(session, depth, &part, rows).await;
    }
    Transaction::run(session, depth, async |inner: &Transaction<'_>| {
        let mut changed = run_part(inner.session(), inner.depth(), &part, rows).await?;
        let mut start = next;
        while let Some((part, next)) = batch.part(start, &Postgres) {
            changed += run_part(inner.session(), inner.depth(), &part, rows).await?;
            start = next;
        }
        Ok(changed)
    })
    .await
}

async fn run_part<Q: Query>(session: &Session, depth: u32, part: &Q, rows: &mut Vec<Q::Row>) -> Result<u64, Error> {
    let take = |row| {
        rows.push(row);
        Ok(())
    };
    session.rows(depth, part, take).await
}

macro_rules! executor {
    ($ty:ty, |$executor:ident| $target:expr) => {
        #[diagnostic::do_not_recommend]
        impl Executor for $ty {
            type Dialect = Postgres;
            type Output<'a, T: Send + 'a>
                = BoxFuture<'a, T>
            where
                Self: 'a;
            type Stream<'a, Q: Query + 'a>
                = BoxStream<'a, Q::Row>
            where
                Self: 'a;

            fn fetch_all<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxFuture<'a, Vec<Q::Row>> {
                let $executor = self;
                Box::pin(all($target, query))
            }

            fn fetch_optional<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxFuture<'a, Option<Q::Row>> {
                let $executor = self;
                Box::pin(async move { optional($target, &query).await })
            }

            fn fetch_one<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxFuture<'a, Q::Row> {
                let $executor = self;
                Box::pin(one($target, query))
            }

            fn fetch_first<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxFuture<'a, Option<Q::Row>> {
                let $executor = self;
                Box::pin(first($target, query))
            }

            fn fetch_stream<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxStream<'a, Q::Row> {
                let $executor = self;
                Box::pin(stream::try_unfold(Streaming::Waiting($target, query), next))
            }

            fn fetch_plan<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxFuture<'a, String> {
                let $executor = self;
                Box::pin(plan($target, query))
            }
        }

        #[diagnostic::do_not_recommend]
        impl WriteExecutor for $ty {
            fn execute<'a, Q: Query + 'a>(&'a self, query: Q) -> BoxFuture<'a, u64> {
                let $executor = self;
                Box::pin(execute($target, query))
            }

            fn execute_many<'a, B: Batch + 'a>(&'a self, rows: B) -> BoxFuture<'a, u64> {
                let $executor = self;
                Box::pin(async move { batch($target, &rows, &mut Vec::new()).await })
            }

            fn fetch_many<'a, B: Batch + 'a>(&'a self, rows: B) -> BoxFuture<'a, Vec<B::Row>> {
                let $executor = self;
                Box::pin(async move {
                    let mut given = Vec::new();
                    batch($target, &rows, &mut given).await?;
                    Ok(given)
                })
            }
        }
    };
}

executor!(Pool, |pool| Target::Pool(pool));
executor!(Transaction<'_>, |transaction| Target::Transaction(transaction.session(), transaction.depth()));
