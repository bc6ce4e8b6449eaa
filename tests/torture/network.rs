//! Networks that stall, cut and crumble.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use orm::{
    Error, ErrorKind,
    postgres::{Pool, PoolOptions, Transaction},
    prelude::*,
};

use crate::{
    measure::times,
    proxy::{Proxy, Weather},
    server::Server,
    support::*,
};

/// How long a server may keep silent in these tests.
const PATIENCE: Duration = Duration::from_millis(300);

/// A database behind a proxy, and a pool that goes through it.
async fn behind_proxy(size: usize, patience: Duration) -> Result<(Server, Proxy, Pool), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let proxy = Proxy::new(server.url()).await;
    let options = Pool::options().size(size).answer_timeout(patience).connect_timeout(patience).wait(patience);
    let pool = options.connect(proxy.url()).await?;
    Ok((server, proxy, pool))
}

/// Asserts that something ends with an error of this kind, in time.
async fn fails<T>(what: &str, kind: ErrorKind, future: impl Future<Output = Result<T, Error>>) {
    let start = Instant::now();
    let Err(error) = future.await else { panic!("{what} works") };
    assert_eq!(error.kind(), kind, "{what}: {error:?}");
    let took = start.elapsed();
    assert!(took < PATIENCE * 2, "{what} took {took:?}");
}

/// Waits until a pool works again, and tells how long that took.
async fn recovers(pool: &Pool) -> Duration {
    let start = Instant::now();
    while let Err(error) = Group::select().count(pool).await {
        assert!(start.elapsed() < Duration::from_secs(2), "the pool does not recover: {error:?}");
    }
    start.elapsed()
}

/// A network that stalls, with or without the server hanging up behind it: everything ends in time.
#[tokio::test]
async fn t19_a_stall_ends_by_the_timeout() -> Result<(), Error> {
    tokio::try_join!(ends_in_time(Weather::Stalled), ends_in_time(Weather::HalfOpen)).map(drop)
}

async fn ends_in_time(weather: Weather) -> Result<(), Error> {
    let lost = ErrorKind::ConnectionLost;
    let (server, proxy, pool) = behind_proxy(1, PATIENCE).await?;
    server.run("insert into groups (name) select n::text from generate_series(1, 100000) n").await;

    proxy.set(weather);
    fails("a query", lost, Group::select().count(&pool)).await;
    fails("connecting", ErrorKind::CannotOpen, Group::select().count(&pool)).await;
    proxy.set(Weather::Fine);
    recovers(&pool).await;

    let tx = pool.begin().await?;
    Group::delete().filter(Group::id.eq(1)).execute(&tx).await?;
    proxy.set(weather);
    fails("a query in a transaction", lost, Group::select().count(&tx)).await;
    let start = Instant::now();
    fails("the next one", lost, Group::select().count(&tx)).await;
    fails("a savepoint", lost, tx.transaction(async |_| Ok::<_, Error>(()))).await;
    fails("its commit", lost, tx.commit()).await;
    assert!(start.elapsed() < PATIENCE / 2, "a lost connection is waited for again");
    proxy.set(Weather::Fine);
    recovers(&pool).await;

    let tx = pool.begin().await?;
    Group::delete().filter(Group::id.eq(1)).execute(&tx).await?;
    proxy.set(weather);
    fails("a commit", ErrorKind::CommitUnknown, tx.commit()).await;
    proxy.set(Weather::Fine);
    recovers(&pool).await;

    let mut rows = Group::select().stream(&pool);
    rows.try_next().await?;
    proxy.set(weather);
    let read = rows.try_fold(0, async |rows, _| Ok(rows + 1));
    fails("a stream", lost, read).await;
    proxy.set(Weather::Fine);
    recovers(&pool).await;

    // What was given up is closed by force.
    let deadline = Instant::now() + Duration::from_secs(8);
    while proxy.open() > 1 {
        assert!(Instant::now() < deadline, "{} connections are open", proxy.open());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.settled().await;
    Ok(())
}

/// A connection that is reset is lost at once, and replaced.
#[tokio::test]
async fn t19_resets() -> Result<(), Error> {
    let (server, proxy, pool) = behind_proxy(4, PATIENCE).await?;
    for _ in 0..times(5, 500) {
        let made = proxy.made();
        let results = futures_util::future::join_all((0..4).map(|n| {
            let (pool, proxy) = (&pool, &proxy);
            async move {
                pool.transaction(async |tx: &Transaction<'_>| {
                    Group::insert().set(Group::name, n.to_string()).execute(tx).await?;
                    proxy.set(Weather::Reset);
                    Group::select().count(tx).await
                })
                .await
            }
        }))
        .await;
        for result in results {
            let kind = result.expect_err("the connection is reset").kind();
            assert!(matches!(kind, ErrorKind::ConnectionLost | ErrorKind::CannotOpen), "{kind:?}");
        }
        proxy.set(Weather::Fine);
        assert!(recovers(&pool).await < Duration::from_millis(200));
        assert_eq!(Group::select().count(&pool).await?, 0);
        assert!(proxy.made() - made <= 8, "{} connections", proxy.made() - made);
    }
    server.settled().await;
    Ok(())
}

/// The connection breaks after every byte of an answer: the result is whole, or it is an error.
#[tokio::test]
async fn t19_cut_after_every_byte() -> Result<(), Error> {
    let (server, proxy, pool) = behind_proxy(1, PATIENCE).await?;
    server.run("insert into groups (name) values ('one'), ('two'), (''), ('four')").await;
    let all = || Group::select().order_by(Group::id);
    let expected: Vec<Group> = all().all(&pool).await?;
    let mut whole = 0;
    for after in (1..400).step_by(times(7, 1)) {
        // Prepared on the first two connections of three; the third is cut while it prepares.
        recovers(&pool).await;
        if after % 3 > 0 {
            drop(all().all(&pool).await);
        }
        proxy.set(Weather::Cut(after));
        let rows = match after % 2 {
            0 => all().all(&pool).await,
            _ => pool.transaction(async |tx| all().stream(tx).try_collect().await).await,
        };
        let streamed: Vec<Group> = all().stream(&pool).filter_map(async |row| row.ok()).collect().await;
        proxy.set(Weather::Reset);
        tokio::time::sleep(Duration::from_millis(1)).await;
        proxy.set(Weather::Fine);
        match rows {
            Ok(rows) => {
                assert_eq!(rows, expected, "cut after {after} bytes");
                whole += 1;
            }
            Err(error) => {
                let kind = error.kind();
                let is_lost =
                    [ErrorKind::ConnectionLost, ErrorKind::CommitUnknown, ErrorKind::CannotOpen].contains(&kind);
                assert!(is_lost, "cut after {after} bytes: {error:?}");
            }
        }
        assert_eq!(streamed, expected[..streamed.len()], "cut after {after} bytes");
    }
    assert!(whole > 0, "every answer was cut");
    Ok(())
}

/// Bytes that arrive one by one, or late, make no difference.
#[tokio::test]
async fn t19_crumbs_and_delays() -> Result<(), Error> {
    let (server, proxy, pool) = behind_proxy(4, Duration::from_secs(5)).await?;
    for weather in [Weather::Fine, Weather::Crumbs, Weather::Slow(Duration::from_millis(25))] {
        proxy.set(weather);
        let new: Vec<NewUser> = (0..50).map(|n| user(&format!("{n}@example.com"), &"ü".repeat(n))).collect();
        pool.transaction(async |tx| {
            User::delete().all_rows().execute(tx).await?;
            User::insert_many(&new).execute(tx).await
        })
        .await?;
        let query = || User::select().order_by(User::name);
        let (all, streamed, twice) = tokio::try_join!(
            query().all(&pool),
            query().stream(&pool).try_collect::<Vec<_>>(),
            pool.transaction(async |tx| tokio::try_join!(query().all(tx), query().stream(tx).try_collect::<Vec<_>>())),
        )?;
        let names: Vec<&str> = all.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, new.iter().map(|user| user.name.as_str()).collect::<Vec<_>>());
        assert!(all == streamed && all == twice.0 && all == twice.1, "{weather:?} changes what arrives");
        let taken = User::insert().values(new[0].clone()).execute(&pool).await;
        assert_eq!(taken.expect_err("the email exists").kind(), ErrorKind::UniqueViolation);
    }
    server.settled().await;
    Ok(())
}

/// Ten connections that are cut at once are replaced by ten.
#[tokio::test]
async fn t17_no_more_reconnects_than_connections() -> Result<(), Error> {
    let (server, proxy, pool) = behind_proxy(10, Duration::from_secs(5)).await?;
    let holding = futures_util::future::try_join_all((0..10).map(|_| pool.begin())).await?;
    drop(holding);
    recovers(&pool).await;
    assert_eq!(proxy.open(), 10);
    let made = proxy.made();
    assert_eq!(server.terminate("application_name <> 'psql'").await, 11, "ten, and the one of the test's own");
    let tasks = (0..64).map(|_| {
        let pool = pool.clone();
        tokio::spawn(async move { pool.transaction(async |tx| Group::select().count(tx).await).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.expect("no task panics")?, 0);
    }
    let again = proxy.made() - made;
    assert!(again <= 10, "{again} connections instead of ten");
    Ok(())
}
