//! Connections that end, one by one or all at once.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use orm::{
    Error, ErrorKind,
    postgres::{Pool, PoolOptions, Transaction},
    prelude::*,
};

use tokio::task::JoinHandle;

use crate::{measure::times, server::Server, support::*};

/// Connections that are ended while nobody uses them are replaced without an error.
#[tokio::test]
async fn t17_terminated_while_idle() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(10)).await;
    let pool = server.pool();
    for _ in 0..3 {
        drop(futures_util::future::try_join_all((0..10).map(|_| pool.begin())).await?);
        server.settled().await;
        assert_eq!(server.terminate("true").await, 10);
        for _ in 0..20 {
            Group::select().count(pool).await?;
        }
    }
    Ok(())
}

/// A connection that is ended in the middle of a statement: the statement is lost, and nothing else.
#[tokio::test]
async fn t17_terminated_in_the_middle_of_a_statement() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    let slow = async { pool.execute_batch("select pg_sleep(30)").await };
    let terminate = async { while server.terminate("state = 'active'").await == 0 {} };
    let (lost, ()) = tokio::join!(slow, terminate);
    let Err(Error::Database(lost)) = lost else { panic!("{lost:?}") };
    assert_eq!((lost.kind, lost.code.as_deref()), (ErrorKind::ConnectionLost, Some("57P01")));
    Group::select().count(pool).await?;

    server.run("insert into groups (name) select repeat('x', 1000) || n from generate_series(1, 20000) n").await;
    let mut rows = Group::select().stream(pool);
    futures_util::TryStreamExt::try_next(&mut rows).await?;
    assert_eq!(server.terminate("state = 'active'").await, 1);
    let rest: Result<Vec<Group>, Error> = futures_util::TryStreamExt::try_collect(rows).await;
    assert_eq!(rest.expect_err("the connection is gone").kind(), ErrorKind::ConnectionLost);
    assert_eq!(Group::select().count(pool).await?, 20_000);
    Ok(())
}

/// A connection that is ended in a transaction: nothing is committed, and what follows fails without being sent.
#[tokio::test]
async fn t17_terminated_in_a_transaction() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::insert().set(Group::name, "lost").execute(tx).await?;
            server.terminate("true").await;
            Group::select().count(tx).await?;
            Ok(())
        })
        .await;
    assert_eq!(result.expect_err("the connection is gone").kind(), ErrorKind::ConnectionLost);
    assert_eq!(Group::select().count(pool).await?, 0);
    let tx = pool.begin().await?;
    Group::insert().set(Group::name, "lost").execute(&tx).await?;
    server.terminate("true").await;
    // Known to be gone before anything was sent.
    assert_eq!(tx.commit().await.expect_err("the connection is gone").kind(), ErrorKind::ConnectionLost);
    assert_eq!(Group::select().count(pool).await?, 0);
    Ok(())
}

/// Connections that are ended at random, under tasks that write: what was acknowledged is there, and no task waits.
#[tokio::test]
async fn t17_terminated_at_random() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(4)).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..16).map(|task| write_until(&is_over, server.pool().clone(), task)).collect();
    for _ in 0..times(8, 1_000) {
        server.terminate("random() < 0.5").await;
    }
    is_over.store(true, Ordering::Relaxed);
    assert_acknowledged(server.pool(), tasks).await
}

/// What a task wrote: how many rows are acknowledged, how many may be there, and what failed.
struct Written {
    task: u32,
    acknowledged: Vec<u64>,
    unknown: Vec<u64>,
    errors: u32,
}

fn write_until(is_over: &Arc<AtomicBool>, pool: Pool, task: u32) -> JoinHandle<Written> {
    let is_over = Arc::clone(is_over);
    tokio::spawn(async move {
        let mut written = Written { task, acknowledged: Vec::new(), unknown: Vec::new(), errors: 0 };
        for number in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let name = format!("{task} {number}");
            let result = pool.transaction(async |tx: &Transaction<'_>| {
                Group::insert().set(Group::name, &*name).execute(tx).await?;
                Group::select().filter(Group::name.eq(&*name)).count(tx).await
            });
            match result.await.map_err(|error| error.kind()) {
                Ok(rows) => {
                    assert_eq!(rows, 1);
                    written.acknowledged.push(number);
                }
                Err(ErrorKind::CommitUnknown) => written.unknown.push(number),
                Err(ErrorKind::ConnectionLost | ErrorKind::CannotOpen | ErrorKind::PoolTimeout) => {
                    written.errors += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        written
    })
}

/// Waits for the tasks, and asserts that what they were told about their commits is so.
async fn assert_acknowledged(pool: &Pool, tasks: Vec<JoinHandle<Written>>) -> Result<(), Error> {
    let ended = tokio::time::timeout(Duration::from_secs(10), futures_util::future::join_all(tasks)).await;
    let ended: Vec<Written> = ended.expect("no task hangs").into_iter().map(|it| it.expect("no task panics")).collect();
    let mut found: HashSet<String> = Group::select().columns(Group::name).all(pool).await?.into_iter().collect();
    let (mut acknowledged, mut unknown, mut errors) = (0, 0, 0);
    for written in ended {
        for number in &written.acknowledged {
            let name = format!("{} {number}", written.task);
            assert!(found.remove(&name), "`{name}` was acknowledged");
        }
        for number in &written.unknown {
            found.remove(&format!("{} {number}", written.task));
        }
        acknowledged += written.acknowledged.len();
        unknown += written.unknown.len();
        errors += written.errors;
    }
    assert!(found.is_empty(), "said not to be there: {found:?}");
    assert!(acknowledged > 0, "nothing was written");
    eprintln!("{acknowledged} commits acknowledged, {unknown} unknown, {errors} transactions failed");
    Ok(())
}

/// A server of the test's own, which can be stopped.
struct OwnServer {
    script: Child,
    url: String,
    control: String,
}

impl OwnServer {
    fn start() -> Self {
        let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-postgres"))
            // Says where the server is, and ends with the end of its input.
            .args(["sh", "-c", "echo $ORM_TEST_POSTGRES; echo $ORM_TEST_POSTGRES_CTL; cat"])
            .env_remove("ORM_TEST_POSTGRES")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script starts");
        let mut lines = BufReader::new(script.stdout.take().expect("the output is piped")).lines();
        let mut line = || lines.next().expect("the script writes two lines").expect("the output is text");
        let (url, control) = (line(), line());
        Self { script, url, control }
    }

    fn control(&self, arguments: &[&str]) {
        let done = Command::new(&self.control).args(arguments).stdout(Stdio::null()).status();
        assert!(done.expect("the program runs").success(), "{arguments:?} fails");
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        drop(self.script.wait());
    }
}

/// A server that crashes under 64 tasks and comes back three seconds later: errors in between, and no longer; every commit
/// that was acknowledged is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t18_the_server_crashes_and_comes_back() -> Result<(), Error> {
    let server = OwnServer::start();
    let pool = Pool::options().size(10).wait(Duration::from_secs(5)).connect(&server.url).await?;
    pool.execute_batch("alter role orm set synchronous_commit = on").await?;
    drop(pool);
    let pool = Pool::options().size(10).connect(&server.url).await?;
    pool.create_all(&schema()).await?;
    for _ in 0..times(1, 20) {
        Group::delete().all_rows().execute(&pool).await?;
        let is_over = Arc::new(AtomicBool::new(false));
        let tasks: Vec<_> = (0..64).map(|task| write_until(&is_over, pool.clone(), task)).collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        tokio::task::block_in_place(|| server.control(&["stop", "-m", "immediate"]));
        let refused = Group::select().count(&pool).await.expect_err("the server is gone");
        assert!(matches!(refused.kind(), ErrorKind::CannotOpen | ErrorKind::ConnectionLost), "{refused:?}");
        tokio::time::sleep(Duration::from_secs(3)).await;
        tokio::task::block_in_place(|| server.control(&["start"]));
        let back = Instant::now();
        while Group::select().count(&pool).await.is_err() {
            assert!(back.elapsed() < Duration::from_secs(1), "the pool does not recover");
        }
        eprintln!("recovered after {:?}", back.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
        is_over.store(true, Ordering::Relaxed);
        assert_acknowledged(&pool, tasks).await?;
    }
    Ok(())
}
