//! Queries that are given up, and streams that are not read to their end.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use orm::{
    Error,
    pool::TransactionOptions,
    postgres::{PoolOptions, Transaction},
    prelude::*,
};

use crate::{
    measure::{memory, times},
    polls::{Witness, assert_next_is_clean, at_every_poll, each_single, polled},
    server::Server,
    support::*,
};

/// A query that was given up does not hold up those after it, and does not stay active on the server.
#[tokio::test]
async fn t10_query_dropped_in_flight() -> Result<(), Error> {
    for size in [1, 4] {
        let server = Server::new(PoolOptions::default().size(size)).await;
        let pool = server.pool();
        Group::select().count(pool).await?;
        let slow = pool.execute_batch("select pg_sleep(5)");
        tokio::time::timeout(Duration::from_millis(100), slow).await.expect_err("the query is slow");
        let given_up = Instant::now();
        let mut longest = Duration::ZERO;
        for _ in 0..100 {
            let start = Instant::now();
            Group::select().filter(Group::name.eq("1")).count(pool).await?;
            longest = longest.max(start.elapsed());
        }
        assert!(longest < Duration::from_millis(200), "a fast query waited for {longest:?}");
        server.none("state = 'active'", Duration::from_secs(1)).await;
        eprintln!("size {size}: the longest took {longest:?}, all ended after {:?}", given_up.elapsed());
    }
    Ok(())
}

/// The same where statements share the connection: the slow one began before one that was answered, and was sent after it.
#[tokio::test]
async fn t10_one_of_several_dropped_in_flight() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    server
        .run(
            "create function slow() returns trigger as 'begin perform pg_sleep(5); return new; end' language plpgsql;
        create trigger slow before insert on users for each row execute function slow()",
        )
        .await;
    // Its enum makes the server be asked for the type first, between which the other query is sent and answered.
    let slow = User::insert().set(User::email, "a").set(User::name, "A").set(User::role, Role::Owner);
    let both = pool.batch(async |db| Ok::<_, Error>(tokio::join!(slow.execute(db), Group::select().count(db))));
    tokio::time::timeout(Duration::from_millis(300), both).await.expect_err("the insert is slow");
    let start = Instant::now();
    Group::select().count(pool).await?;
    assert!(start.elapsed() < Duration::from_millis(200), "a fast query waited for {:?}", start.elapsed());
    server.none("state = 'active'", Duration::from_secs(1)).await;
    assert_eq!(User::select().count(pool).await?, 0);
    Ok(())
}

/// Queries that are given up at random, many at a time: nobody's else is ever cancelled.
#[tokio::test]
async fn t10_a_cancelled_query_never_takes_another_along() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(4)).await;
    let tasks = (0..16_u64).map(|task| {
        let pool = server.pool().clone();
        tokio::spawn(async move {
            for round in 0..times(25, 1_000) as u64 {
                let slow = pool.execute_batch("select pg_sleep(0.05)");
                let patience = Duration::from_micros((task * 7_919 + round * 104_729) % 3_000);
                drop(tokio::time::timeout(patience, slow).await);
                let inside = pool.transaction(async |tx| {
                    Group::insert().set(Group::name, format!("{task} {round}")).execute(tx).await?;
                    Group::select().filter(Group::name.eq("1")).count(tx).await
                });
                assert_eq!(inside.await?, 0);
                assert_eq!(Group::select().filter(Group::name.eq("1")).count(&pool).await?, 0);
            }
            Ok::<_, Error>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no task panics")?;
    }
    let all = i64::try_from(16 * times(25, 1_000)).expect("a small number");
    assert_eq!(Group::select().count(server.pool()).await?, all);
    server.settled().await;
    Ok(())
}

each_single! {
    /// After the first of many rows, a stream is dropped: on the pool, in a transaction, in a savepoint, in a snapshot.
    /// The connection is free at once, without the rows that nobody wants.
    async fn t11_stream_dropped_after_one_row(db, witness) {
        witness.fill(times(200_000, 10_000_000)).await;
        let before = memory();
        let query = || Group::select().columns(Group::name);
        macro_rules! first {
            ($db:expr) => {{
                let mut rows = query().stream($db);
                // Any row: PostgreSQL begins to read a large table where somebody else is reading it.
                assert!(rows.next().await.transpose()?.is_some());
            }};
        }
        macro_rules! quick {
            ($what:literal, $body:expr) => {{
                let start = Instant::now();
                $body;
                let took = start.elapsed();
                eprintln!("{}: {took:?}", $what);
                assert!(took < Duration::from_millis(100), "{} took {took:?}", $what);
            }};
        }
        let one = || Group::find(1).one(db);
        one().await?;
        first!(db);
        quick!("on the pool", one().await?);
        let tx = db.begin().await?;
        first!(&tx);
        quick!("in a transaction", Group::find(1).one(&tx).await?);
        let inner = tx.transaction(async |inner| {
            first!(inner);
            Err::<(), _>(Error::TransactionOpen)
        });
        quick!("in a savepoint", inner.await.expect_err("it is undone"));
        first!(&tx);
        quick!("at the end of a transaction", tx.commit().await?);
        quick!("after a transaction", one().await?);
        let start = Instant::now();
        db.read(async |tx| {
            first!(tx);
            Ok::<_, Error>(())
        }).await?;
        assert!(start.elapsed() < Duration::from_millis(100), "a snapshot took {:?}", start.elapsed());
        db.batch(async |db| {
            Group::find(1).one(db).await
        }).await?;
        witness.settled().await;
        let more = memory().saturating_sub(before);
        assert!(more < 32, "{more} MiB more");
    }

    /// All rows of a stream, with other statements in between: on the same connection in a transaction.
    async fn t11_statements_between_the_rows_of_a_stream(db, witness) {
        let rows = times(5_000, 200_000);
        witness.fill(rows).await;
        let before = memory();
        let updated = db.transaction(async |tx| {
            let mut updated = 0;
            let mut groups = Group::select().order_by(Group::id).stream(tx);
            let mut others = Group::select().columns(Group::id).order_by(Group::id.desc()).stream(tx);
            while let Some(group) = groups.try_next().await? {
                if updated % 10 == 0 {
                    Group::update().set(Group::name, format!("new {updated}")).filter(Group::id.eq(group.id)).execute(tx)
                        .await?;
                    others.try_next().await?;
                }
                updated += 1;
            }
            Ok::<_, Error>(updated)
        }).await?;
        assert_eq!(updated, rows);
        let renamed = Group::select().filter(Group::name.starts_with("new ")).count(db).await?;
        assert_eq!(usize::try_from(renamed).expect("a small number"), rows.div_ceil(10));
        assert!(memory().saturating_sub(before) < 32, "{} MiB before, {} MiB now", before, memory());
        assert_next_is_clean!(db, witness);
    }

    /// A batch has no transaction, so its streams are read at once; what else is sent does not wait for them.
    async fn t11_statements_between_the_rows_of_a_batch(db, witness) {
        witness.fill(5_000).await;
        db.batch(async |db| {
            let mut groups = Group::select().order_by(Group::id).stream(db);
            assert_eq!(groups.try_next().await?.map(|group| group.id), Some(1));
            assert_eq!(Group::select().count(db).await?, 5_000);
            assert_eq!(groups.count().await, 4_999);
            Ok::<_, Error>(())
        }).await?;
        let new: Vec<NewGroup> = (0..500).map(|n| NewGroup::new(format!("new {n}"))).collect();
        db.transaction(async |tx| {
            let mut groups = Group::update().set(Group::name, Group::name.concat("!")).all_rows().returning().stream(tx);
            assert!(groups.try_next().await?.is_some());
            assert_eq!(Group::select().count(tx).await?, 5_000);
            drop(groups);
            Group::insert_many(&new).execute(tx).await
        }).await?;
        assert_eq!(Group::select().filter(Group::name.ends_with("!")).count(db).await?, 5_000);
    }

    /// A stream may be dropped at every poll of every row, and one of its rows may be the one that is refused.
    async fn t11_stream_dropped_at_every_poll(db, witness) {
        witness.fill(600).await;
        macro_rules! read {
            ($db:expr) => {
                Group::select().stream($db).try_fold(0, async |rows, _| Ok(rows + 1))
            };
        }
        at_every_poll!(step times(7, 1), |polls| {
            let outside = polled(read!(db), polls).await.transpose()?;
            Group::find(1).one(db).await?;
            outside.inspect(|&rows| assert_eq!(rows, 600)).is_some()
        });
        at_every_poll!(step times(7, 1), |polls| {
            let tx = db.begin_with(TransactionOptions::new()).await?;
            let inside = polled(read!(&tx), polls).await.transpose()?;
            let mut inner = tx.transaction(async |inner| polled(read!(inner), polls).await.transpose()).await?;
            inner = inner.or(inside);
            assert_eq!(read!(&tx).await?, 600);
            Group::delete().filter(Group::id.eq(1)).execute(&tx).await?;
            tx.rollback().await?;
            Group::find(1).one(db).await?;
            inner.inspect(|&rows| assert_eq!(rows, 600)).is_some() && inside.is_some()
        });
        assert_next_is_clean!(db, witness);
    }
}

/// Dropped in a transaction, a cursor is closed: the table can be dropped, and cursors do not pile up.
#[tokio::test]
async fn t11_cursors_are_closed() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    server.run("insert into groups (name) select n::text from generate_series(1, 2000) n").await;
    pool.transaction(async |tx: &Transaction<'_>| {
        for rows in [0, 1, 499, 500, 501, 1_999, 2_000, 3_000] {
            let read: Vec<Group> = Group::select().stream(tx).take(rows).try_collect().await?;
            assert_eq!(read.len(), rows.min(2_000));
            let inner = tx.transaction(async |inner: &Transaction<'_>| {
                let read: Vec<Group> = Group::select().stream(inner).take(rows).try_collect().await?;
                assert_eq!(read.len(), rows.min(2_000));
                Err::<(), _>(Error::TransactionOpen)
            });
            assert!(inner.await.is_err());
        }
        tx.execute_batch("do $$ begin assert (select count(*) from pg_cursors) = 0; end $$; drop table groups cascade")
            .await
    })
    .await
}
