//! Connections that are cut, statements that are gone, tables that change.

use orm::{
    Error, ErrorKind,
    postgres::{Pool, Transaction},
    prelude::*,
};

use crate::{server::Server, support::*};

async fn text(pool: &Pool, sql: &'static str) {
    pool.execute_batch(sql).await.expect("the statement runs");
}

/// A table that changes under prepared statements costs outside of a transaction nothing but a second try.
#[tokio::test]
async fn t14_tables_change_under_a_warm_cache() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    let other = server.connect().await;
    Group::insert().set(Group::name, "one").execute(&pool).await.expect("a group is inserted");
    let names = || Group::select().columns(Group::name).all(&pool);
    assert_eq!(names().await.expect("names are read"), ["one"]);
    text(&other, "alter table groups alter column name type varchar(40)").await;
    assert_eq!(names().await.expect("the statement is prepared again"), ["one"]);
    text(&other, "alter table groups add column more text").await;
    assert_eq!(names().await.expect("another column changes nothing"), ["one"]);

    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::select().columns(Group::name).all(tx).await?;
            tx.execute_batch("alter table groups alter column name type text").await?;
            Group::select().columns(Group::name).all(tx).await?;
            Ok(())
        })
        .await;
    assert!(result.is_err(), "inside of a transaction a stale statement is an error");
    assert_eq!(names().await.expect("the next statement works"), ["one"]);
    server.drop().await;
}

/// Statements that the user deallocated are prepared again.
#[tokio::test]
async fn t15_deallocated_statements_heal() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    for _ in 0..3 {
        assert_eq!(Group::select().count(&pool).await.expect("a deallocated statement is prepared again"), 0);
        let result: Result<(), Error> =
            pool.transaction(async |tx: &Transaction<'_>| tx.execute_batch("deallocate all").await).await;
        result.expect("statements can be deallocated");
    }
    server.drop().await;
}

/// Cut connections are noticed; the next check-out gives a working one.
#[tokio::test]
async fn t17_terminated_connections_are_replaced() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(4)).await;
    let counts = (0..4).map(|_| Group::select().count(&pool));
    futures_util::future::try_join_all(counts).await.expect("four connections work");
    server.terminate_all().await;
    for _ in 0..8 {
        Group::select().count(&pool).await.expect("a terminated connection is replaced");
    }
    server.drop().await;
}

/// A connection cut inside of a transaction: an error, nothing committed, and a pool that works.
#[tokio::test]
async fn t17_terminated_inside_a_transaction() {
    let server = Server::new().await;
    let pool = server.pool(Pool::options().size(1)).await;
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::insert().set(Group::name, "lost").execute(tx).await?;
            server.terminate_all().await;
            Group::select().count(tx).await?;
            Ok(())
        })
        .await;
    assert_eq!(result.expect_err("the connection is gone").kind(), ErrorKind::ConnectionLost);
    assert_eq!(Group::select().count(&pool).await.expect("the pool connects again"), 0);
    server.drop().await;
}
