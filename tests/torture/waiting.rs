//! Tasks that wait: for a connection, and for each other.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use orm::{
    Error, ErrorKind,
    pool::{Isolation, TransactionOptions},
    postgres::{PoolOptions, Transaction},
    prelude::*,
    sqlite,
};

use crate::{measure::times, pools::each_pool, server::Server, support::*};

/// Starts tasks one after the other, each in a transaction that writes, and gives the order in which they had one.
macro_rules! order_of {
    ($pool:expr, $tasks:expr) => {{
        let order: Arc<Mutex<Vec<usize>>> = Arc::default();
        let mut tasks = Vec::new();
        for task in 0..$tasks {
            let (pool, order) = ($pool.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                pool.transaction(async |tx| {
                    order.lock().expect("no task panics").push(task);
                    Group::insert().set(Group::name, task.to_string()).execute(tx).await
                })
                .await
            }));
        }
        for task in tasks {
            task.await.expect("no task panics")?;
        }
        let order = order.lock().expect("no task panics").clone();
        order
    }};
}

/// A thousand tasks share two connections, and each gets one; where there is one connection, in the order in which they
/// came.
#[tokio::test]
async fn t32_a_thousand_tasks_on_two_connections() -> Result<(), Error> {
    let tasks = times(1_000, 20_000);
    let server = Server::new(PoolOptions::default().size(2).wait(Duration::from_secs(60))).await;
    let start = Instant::now();
    let mut order = order_of!(server.pool(), tasks);
    let is_ordered = |order: &[usize]| order.iter().copied().eq(0..order.len());
    // Each connection serves in order; how far one is behind the other is the machine's business.
    assert!(is_two_lines(&order), "three tasks were served in the opposite order: {order:?}");
    order.sort_unstable();
    assert!(is_ordered(&order), "everybody was served once");
    eprintln!("PostgreSQL: {tasks} transactions took {:?}", start.elapsed());
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pool = sqlite::Pool::options().readers(1).wait(Duration::from_secs(60)).open(folder.path().join("fair.db"))?;
    pool.create_all(&schema()).await?;
    let start = Instant::now();
    assert!(is_ordered(&order_of!(pool, tasks)));
    eprintln!("SQLite: {tasks} transactions took {:?}", start.elapsed());
    let server = Server::new(PoolOptions::default().size(1).wait(Duration::from_secs(60))).await;
    assert!(is_ordered(&order_of!(server.pool(), 200)));
    Ok(())
}

/// Whether numbers are two ascending lines in one: each goes to the end of the line whose last number is the nearest below.
fn is_two_lines(numbers: &[usize]) -> bool {
    let mut ends: [Option<usize>; 2] = [None; 2];
    numbers.iter().all(|&number| {
        ends.sort();
        let line = ends.iter_mut().rev().find(|end| end.is_none_or(|end| end < number));
        line.map(|end| *end = Some(number)).is_some()
    })
}

#[test]
fn two_lines() {
    assert!(is_two_lines(&[1, 2, 3, 0, 4, 6, 5, 7]) && is_two_lines(&[5, 6, 7, 0, 1, 2]) && is_two_lines(&[]));
    assert!(!is_two_lines(&[2, 1, 0]) && !is_two_lines(&[0, 5, 9, 4, 3]));
}

/// Whoever waits too long is told how many connections there are and how many others wait; whoever does not is served.
#[tokio::test]
async fn t32_exhaustion_is_an_error_in_time() -> Result<(), Error> {
    let wait = Duration::from_millis(200);
    let server = Server::new(PoolOptions::default().size(2).wait(wait)).await;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let sqlite = sqlite::Pool::options().readers(1).wait(wait).open(folder.path().join("busy.db"))?;
    sqlite.create_all(&schema()).await?;
    macro_rules! exhausts {
        ($pool:expr, $size:expr) => {{
            let held = futures_util::future::try_join_all((0..$size).map(|_| $pool.begin())).await?;
            let start = Instant::now();
            let waiting = (0..100).map(|_| Group::delete().all_rows().execute($pool));
            let results = futures_util::future::join_all(waiting).await;
            assert!(start.elapsed() >= wait && start.elapsed() < wait * 5, "{:?}", start.elapsed());
            let mut most = 0;
            for result in results {
                let Err(Error::PoolTimeout { size, waiting, waited }) = result else { panic!("{result:?}") };
                assert_eq!((size, waited), ($size, wait));
                most = most.max(waiting);
            }
            assert!(most >= 90, "at most {most} others waited");
            drop(held);
            Group::delete().all_rows().execute($pool).await?;
        }};
    }
    exhausts!(server.pool(), 2);
    exhausts!(&sqlite, 1);
    Ok(())
}

/// A query on the pool, inside of a transaction that has the last connection, waits for itself: not forever.
#[tokio::test]
async fn t32_nested_use_of_the_last_connection() -> Result<(), Error> {
    let wait = Duration::from_millis(200);
    let server = Server::new(PoolOptions::default().size(1).wait(wait)).await;
    let sqlite = sqlite::Pool::options().wait(wait).open_in_memory()?;
    sqlite.create_all(&schema()).await?;
    macro_rules! waits_for_itself {
        ($pool:expr) => {{
            let pool = $pool;
            let nested = pool.transaction(async |tx| {
                Group::insert().set(Group::name, "undone").execute(tx).await?;
                Group::select().count(pool).await
            });
            let error = nested.await.expect_err("the only connection is in use");
            assert!(matches!(error, Error::PoolTimeout { size: 1, waiting: 0, .. }), "{error:?}");
            let nested = pool.transaction(async |_| pool.transaction(async |tx| Group::select().count(tx).await).await);
            assert_eq!(nested.await.expect_err("the only connection is in use").kind(), ErrorKind::PoolTimeout);
            assert_eq!(Group::select().count(pool).await?, 0);
        }};
    }
    waits_for_itself!(server.pool());
    waits_for_itself!(&sqlite);
    Ok(())
}

/// Whoever gives up waiting does not take a place in the line, or a connection, along.
#[tokio::test]
async fn t32_waiting_may_be_given_up() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1).wait(Duration::from_secs(5))).await;
    let pool = server.pool();
    for _ in 0..times(20, 1_000) {
        let held = pool.begin().await?;
        let impatient =
            (0..50).map(|n| tokio::time::timeout(Duration::from_micros(100 * n), Group::select().count(pool)));
        let (all, ()) = tokio::join!(futures_util::future::join_all(impatient), async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            drop(held);
        });
        drop(all);
        assert_eq!(Group::select().count(pool).await?, 0);
    }
    server.settled().await;
    Ok(())
}

each_pool! {
    /// Sixteen tasks read and write the same rows: with a retry, the totals are exact.
    async fn t43_serialization_failures_converge(db) {
        Employee::insert_many(&[0, 1].map(|id| NewEmployee::new(id, id.to_string(), 0))).execute(db).await?;
        let options = TransactionOptions::new().isolation(Isolation::Serializable).retry(1_000);
        let runs = Arc::new(AtomicU32::new(0));
        let rounds = u32::try_from(times(3, 100)).expect("a small number");
        let tasks: Vec<_> = (0..16).map(|task| {
            let (pool, runs) = (db.clone(), Arc::clone(&runs));
            tokio::spawn(async move {
                for round in 0..rounds {
                    pool.transaction_with(options, async |tx| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        let id = i32::from((task + round) % 2 == 0);
                        let employee: Employee = Employee::find(id).one(tx).await?;
                        tokio::task::yield_now().await;
                        Employee::update().set(Employee::salary, employee.salary + 1).filter(Employee::id.eq(id))
                            .execute(tx).await
                    }).await?;
                }
                Ok::<_, Error>(())
            })
        }).collect();
        for task in tasks {
            task.await.expect("no task panics")?;
        }
        let salaries = Employee::select().columns(Employee::salary).all(db).await?;
        assert_eq!(salaries.iter().sum::<i32>(), i32::try_from(16 * rounds).expect("a small number"));
        eprintln!("{} transactions took {} runs", 16 * rounds, runs.load(Ordering::Relaxed));
    }
}

/// Transactions that lock rows in opposite orders: deadlocks are found, and tried again.
#[tokio::test]
async fn t43_deadlocks_converge() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(16)).await;
    server
        .run(
            "do $$ begin execute 'alter database ' || quote_ident(current_database()) ||
        ' set deadlock_timeout = ''5ms'''; end $$",
        )
        .await;
    let pool = server.connect().await;
    Employee::insert_many(&[0, 1].map(|id| NewEmployee::new(id, id.to_string(), 0))).execute(&pool).await?;
    let attempts = Arc::new(AtomicU32::new(0));
    let rounds = u32::try_from(times(2, 50)).expect("a small number");
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let (pool, attempts) = (pool.clone(), Arc::clone(&attempts));
            tokio::spawn(async move {
                for _ in 0..rounds {
                    let options = TransactionOptions::new().retry(1_000);
                    let needed = pool.transaction_with(options, async |tx: &Transaction<'_>| {
                        for id in if task % 2 == 0 { [0, 1] } else { [1, 0] } {
                            Employee::update()
                                .set(Employee::salary, Employee::salary + 1)
                                .filter(Employee::id.eq(id))
                                .execute(tx)
                                .await?;
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                        Ok::<_, Error>(tx.attempt())
                    });
                    attempts.fetch_add(needed.await?, Ordering::Relaxed);
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no task panics")?;
    }
    let expected = i32::try_from(16 * rounds).expect("a small number");
    assert_eq!(Employee::select().columns(Employee::salary).all(&pool).await?, [expected; 2]);
    let attempts = attempts.load(Ordering::Relaxed);
    assert!(attempts > 16 * rounds, "there was no deadlock");
    eprintln!("{} transactions took {attempts} runs", 16 * rounds);
    Ok(())
}
