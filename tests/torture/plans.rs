//! Prepared statements that do not fit their tables any more, or are gone.

use orm::{
    Error, ErrorKind,
    pool::TransactionOptions,
    postgres::{Pool, PoolOptions, Transaction},
    prelude::*,
};

use crate::{server::Server, support::*};

/// How many connections have what changes prepared.
const CONNECTIONS: usize = 4;

/// Runs a query on every connection of a pool at once.
async fn on_all<T>(pool: &Pool, query: impl AsyncFn(&Transaction<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let transactions = futures_util::future::try_join_all((0..CONNECTIONS).map(|_| pool.begin())).await?;
    futures_util::future::try_join_all(transactions.iter().map(|tx| query(tx))).await
}

/// Runs queries on every connection of a pool at once, each for itself.
async fn every_connection(pool: &Pool) -> Result<(), Error> {
    let queries = (0..CONNECTIONS).map(|_| async {
        let (name, count, user) = tokio::try_join!(
            Group::select().columns(Group::name).one(pool),
            Group::select().filter(Group::name.eq("one")).count(pool),
            User::select().filter(User::role.eq(Role::Owner)).one(pool),
        )?;
        assert_eq!((name.as_str(), count, user.role), ("one", 1, Role::Owner));
        Ok::<_, Error>(())
    });
    futures_util::future::try_join_all(queries).await.map(drop)
}

/// Tables and types that change under prepared statements cost outside of transactions nothing but a second try.
#[tokio::test]
async fn t14_tables_change_under_a_warm_cache() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(CONNECTIONS)).await;
    let (pool, other) = (server.pool(), server.connect().await);
    Group::insert().set(Group::name, "one").execute(pool).await?;
    let owner = User::insert().set(User::email, "a").set(User::name, "A").set(User::role, Role::Owner);
    owner.execute(pool).await?;
    on_all(pool, async |tx| Group::select().count(tx).await).await?;
    every_connection(pool).await?;
    for change in [
        "alter table groups alter column name type varchar(40)",
        "alter table groups add column more text",
        "alter table groups drop column more",
        "alter table groups rename to clubs; create view groups as select * from clubs",
        "drop view groups; create table groups (name varchar(20), id int8); insert into groups values ('one', 1)",
        "drop table groups; alter table clubs rename to groups",
        "create schema elsewhere; alter table groups set schema elsewhere;
            create table groups as select 1::int8 as id, 'one'::text as name",
        "alter type user_role add value 'guest'",
        "alter table users alter column role type text",
        "drop type user_role cascade; create type user_role as enum ('member', 'owner', 'other')",
        "alter table users alter column role type user_role using role::user_role",
        "alter table users alter column role drop default; alter type user_role rename to old_role;
            create type user_role as enum ('owner', 'member');
            alter table users alter column role type user_role using role::text::user_role; drop type old_role",
    ] {
        other.execute_batch(change).await?;
        for _ in 0..2 {
            every_connection(pool).await.unwrap_or_else(|error| panic!("after {change}: {error} {error:?}"));
        }
    }
    Ok(())
}

/// A path that changes on the server is followed, by statements that were prepared before.
#[tokio::test]
async fn t14_the_search_path_changes() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    Group::insert().set(Group::name, "here").execute(pool).await?;
    let names = async |tx: &Transaction<'_>| Group::select().columns(Group::name).all(tx).await;
    pool.execute_batch("create schema there; create table there.groups as select 1::int8 as id, 'there'::text as name")
        .await?;
    for path in ["set local search_path to there", "set search_path to there"] {
        assert_eq!(pool.transaction(names).await?, ["here"], "what was set ends with its transaction");
        pool.transaction(async |tx| {
            assert_eq!(names(tx).await?, ["here"]);
            match path {
                "set search_path to there" => tx.execute_batch("set search_path to there").await?,
                _ => tx.execute_batch("set local search_path to there").await?,
            }
            assert_eq!(names(tx).await?, ["there"]);
            Ok::<_, Error>(())
        })
        .await?;
    }
    assert_eq!(pool.transaction(names).await?, ["here"]);
    Ok(())
}

/// In a transaction, what changed is one error of a kind of its own; the next transaction works, and so does a retry.
#[tokio::test]
async fn t14_a_stale_plan_in_a_transaction_is_one_error() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(CONNECTIONS)).await;
    let (pool, other) = (server.pool(), server.connect().await);
    let names = async |tx: &Transaction<'_>| Group::select().columns(Group::name).all(tx).await;
    on_all(pool, names).await?;
    other.execute_batch("alter table groups alter column name type varchar(40)").await?;
    let mut stale = 0;
    for _ in 0..3 {
        let transactions = futures_util::future::try_join_all((0..CONNECTIONS).map(|_| pool.begin())).await?;
        for tx in &transactions {
            if let Err(error) = names(tx).await {
                assert_eq!(error.kind(), ErrorKind::StalePlan);
                stale += 1;
            }
        }
        for tx in transactions {
            tx.rollback().await?;
        }
    }
    assert_eq!(stale, 1, "the first connection that meets the change tells the others");
    on_all(pool, names).await?;
    other.execute_batch("alter table groups alter column name type text").await?;
    let options = TransactionOptions::new().retry(1);
    for _ in 0..CONNECTIONS {
        assert!(pool.transaction_with(options, names).await?.is_empty());
    }
    Ok(())
}

/// Statements that the user deallocated are prepared again, on the connection that a transaction or a batch has.
#[tokio::test]
async fn t15_deallocated_statements_heal() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    for _ in 0..3 {
        assert_eq!(Group::select().count(pool).await?, 0);
        pool.transaction(async |tx| {
            assert_eq!(Group::select().count(tx).await?, 0);
            tx.execute_batch("deallocate all").await
        })
        .await?;
        assert_eq!(Group::select().count(pool).await?, 0);
        let discarded = pool.transaction(async |tx| {
            Group::select().count(tx).await?;
            tx.execute_batch("deallocate all").await?;
            Group::select().count(tx).await
        });
        assert_eq!(discarded.await.expect_err("the statement is gone").kind(), ErrorKind::StalePlan);
        pool.execute_batch("discard all").await?;
    }
    assert_eq!(Group::select().count(pool).await?, 0);
    Ok(())
}
