//! Futures dropped at every point where they wait.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use orm::{
    Error,
    postgres::{Pool, Transaction},
    prelude::*,
};

use crate::{server::Server, support::*};

/// Polls a future until it has been pending this many times, then drops it. `None` if it was dropped.
async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn settled(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(2);
    while server.in_transaction().await > 0 {
        assert!(Instant::now() < deadline, "a transaction stays open on the server");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn insert_group(pool: &Pool, name: &str) -> Result<(), Error> {
    pool.transaction(async |tx: &Transaction<'_>| {
        Group::insert().set(Group::name, name).execute(tx).await?;
        let inner: Result<(), Error> = tx
            .transaction(async |inner: &Transaction<'_>| {
                Group::insert().set(Group::name, format!("{name} inner")).execute(inner).await?;
                Ok(())
            })
            .await;
        inner
    })
    .await
}

/// Whatever future of a transaction is dropped, the next borrower of the only connection is outside of one, and both rows
/// are there or none.
#[tokio::test]
async fn t08_t09_transaction_dropped_at_every_poll() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    let mut finished = false;
    for times in 0..200 {
        let name = format!("group {times}");
        finished = polled(insert_group(&pool, &name), times).await.is_some_and(|result| result.is_ok());
        settled(&server).await;
        let rows = Group::select().filter(Group::name.starts_with(&*name)).count(&pool).await;
        let rows = rows.expect("the pool works after a dropped transaction");
        assert!(rows == 0 || rows == 2, "dropped after {times} polls: {rows} rows");
        Group::delete().all_rows().execute(&pool).await.expect("rows can be deleted");
        if finished {
            break;
        }
    }
    assert!(finished, "the transaction never ran to its end");
    server.drop().await;
}

/// A query that was given up does not hold up those after it, and does not stay active on the server.
#[tokio::test]
async fn t10_query_dropped_in_flight() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(2)).await;
    let given_up = tokio::time::timeout(Duration::from_millis(100), pool.execute_batch("select pg_sleep(5)")).await;
    assert!(given_up.is_err(), "the slow query was meant to be slow");
    for _ in 0..100 {
        let start = Instant::now();
        Group::select().filter(Group::name.eq("1")).count(&pool).await.expect("a fast query works");
        assert!(start.elapsed() < Duration::from_millis(200), "a fast query waited for {:?}", start.elapsed());
    }
    let deadline = Instant::now() + Duration::from_secs(1);
    while server.connections("active").await > 0 {
        assert!(Instant::now() < deadline, "the given up query is still running");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.drop().await;
}

/// A panic in a transaction rolls it back and leaves the pool usable.
#[tokio::test]
async fn t13_panic_in_a_transaction() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    let inside = pool.clone();
    let task = tokio::spawn(async move {
        let result: Result<(), Error> = inside
            .transaction(async |tx: &Transaction<'_>| {
                Group::insert().set(Group::name, "lost").execute(tx).await?;
                panic!("on purpose")
            })
            .await;
        result
    });
    assert!(task.await.expect_err("the panic reaches the task").is_panic());
    settled(&server).await;
    assert_eq!(Group::select().count(&pool).await.expect("the pool works after a panic"), 0);
    server.drop().await;
}

/// Waiting for a connection ends, and says how many there are; the wait of nested use is no exception.
#[tokio::test]
async fn t32_pool_exhaustion_times_out() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1).wait(Duration::from_millis(200))).await;
    let inner = pool.clone();
    let result: Result<(), Error> = pool
        .transaction(async |_tx: &Transaction<'_>| {
            Group::select().count(&inner).await?;
            Ok(())
        })
        .await;
    let error = result.expect_err("the only connection is in use");
    assert!(matches!(error, Error::PoolTimeout { size: 1, .. }), "{error}");
    assert_eq!(Group::select().count(&pool).await.expect("the connection is free again"), 0);
    server.drop().await;
}

/// A transaction in which a statement failed cannot be committed, and says so instead of losing the rest silently.
#[tokio::test]
async fn a_commit_after_a_failed_statement_is_an_error() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::insert().set(Group::name, "one").execute(tx).await?;
            let twice = Group::insert().set(Group::name, "one").execute(tx).await;
            assert!(twice.is_err(), "the name exists");
            Ok(())
        })
        .await;
    assert!(result.is_err(), "nothing was committed");
    assert_eq!(Group::select().count(&pool).await.expect("the pool works"), 0);
    server.drop().await;
}

/// An inner transaction that swallows a failed statement, or whose future is dropped, is undone; the outer one goes on.
#[tokio::test]
async fn an_inner_transaction_that_did_not_end_is_undone() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::insert().set(Group::name, "one").execute(tx).await?;
            let swallowed: Result<(), Error> = tx
                .transaction(async |inner: &Transaction<'_>| {
                    drop(Group::insert().set(Group::name, "one").execute(inner).await);
                    Ok(())
                })
                .await;
            assert!(swallowed.is_err(), "the savepoint cannot be released");
            let endless = tx.transaction(async |inner: &Transaction<'_>| {
                Group::insert().set(Group::name, "lost").execute(inner).await?;
                std::future::pending::<Result<(), Error>>().await
            });
            let dropped = tokio::time::timeout(Duration::from_millis(50), endless).await;
            assert!(dropped.is_err(), "the inner transaction waits forever");
            Group::insert().set(Group::name, "two").execute(tx).await?;
            Ok(())
        })
        .await;
    result.expect("the outer transaction is committed");
    let names = Group::select().columns(Group::name).order_by(Group::name).all(&pool).await;
    assert_eq!(names.expect("names are read"), ["one", "two"]);
    server.drop().await;
}
