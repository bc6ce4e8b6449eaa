//! Pools and the runtimes they outlive, or that outlive them.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use orm::{
    Error,
    postgres::{Pool, PoolOptions},
    prelude::*,
    sqlite,
};
use tokio::runtime::{Builder, Runtime};

use crate::{server::Server, support::*};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime can be built")
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime can be built")
}

/// Lets the tasks of a runtime do what they have to.
fn run_for(runtime: &Runtime, millis: u64) {
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(millis)).await });
}

/// The runtime of the test, in which the server is looked at.
struct Outside {
    server: Server,
    runtime: Runtime,
}

impl Outside {
    fn new() -> Self {
        let runtime = multi_thread();
        Self { server: runtime.block_on(Server::new(PoolOptions::default())), runtime }
    }

    fn connect(&self, runtime: &Runtime) -> Result<Pool, Error> {
        let options = Pool::options().size(8).wait(Duration::from_secs(2));
        runtime.block_on(options.connect(&format!("{}?application_name=inside", self.server.url())))
    }

    /// Asserts that no connection from inside does anything, or is there at all, soon.
    fn none(&self, condition: &str) {
        let condition = format!("application_name = 'inside' and {condition}");
        self.runtime.block_on(self.server.none(&condition, Duration::from_secs(2)));
        assert_eq!(self.runtime.block_on(self.server.locks()), 0);
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // The server is dropped in its runtime.
        let _runtime = self.runtime.enter();
    }
}

/// A pool that is dropped inside of a runtime, with a transaction and a stream still open.
#[test]
fn t44_a_pool_is_dropped_inside_of_block_on() -> Result<(), Error> {
    let outside = Outside::new();
    for runtime in [current_thread(), multi_thread()] {
        let pool = outside.connect(&runtime)?;
        runtime.block_on(async move {
            let tx = pool.begin().await?;
            Group::insert().set(Group::name, "lost").execute(&tx).await?;
            drop(pool);
            Group::select().count(&tx).await?;
            drop(tx);
            // The rollback needs the runtime.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok::<_, Error>(())
        })?;
        outside.none("true");
    }
    Ok(())
}

/// A runtime that ends under queries takes them along: on the server too.
#[test]
fn t44_a_runtime_ends_under_queries() -> Result<(), Error> {
    let outside = Outside::new();
    for runtime in [current_thread(), multi_thread()] {
        let pool = outside.connect(&runtime)?;
        for _ in 0..6 {
            let pool = pool.clone();
            runtime.spawn(async move { pool.execute_batch("select pg_sleep(30)").await });
        }
        for name in ["a", "b"] {
            let pool = pool.clone();
            runtime.spawn(async move {
                let tx = pool.begin().await?;
                Group::insert().set(Group::name, name).execute(&tx).await?;
                std::future::pending::<Result<(), Error>>().await
            });
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        let is_ready = || {
            run_for(&runtime, 5);
            let active = "application_name = 'inside' and (state = 'active' or state = 'idle in transaction')";
            outside.runtime.block_on(outside.server.connections(active)) == 8
        };
        while !is_ready() {
            assert!(Instant::now() < deadline, "the queries do not run");
        }
        let start = Instant::now();
        drop(runtime);
        assert!(start.elapsed() < Duration::from_secs(1), "the end of the runtime took {:?}", start.elapsed());
        outside.none("true");
        drop(pool);
    }
    Ok(())
}

/// A pool whose runtime has ended connects again in another one.
#[test]
fn t44_a_pool_outlives_its_runtime() -> Result<(), Error> {
    let outside = Outside::new();
    let first = multi_thread();
    let pool = outside.connect(&first)?;
    let tx = first.block_on(pool.begin())?;
    first.block_on(async { Group::insert().set(Group::name, "lost").execute(&tx).await })?;
    first.block_on(async { Group::select().count(&pool).await })?;
    drop(first);
    for second in [current_thread(), multi_thread()] {
        second.block_on(async {
            assert_eq!(Group::select().count(&pool).await?, 0);
            let stale = Group::select().count(&tx).await;
            assert!(stale.is_err(), "the transaction ended with its connection");
            Ok::<_, Error>(())
        })?;
        second.shutdown_background();
    }
    drop(tx);
    outside.none("true");
    Ok(())
}

/// Transactions, streams and pools that are dropped where there is no runtime.
#[test]
fn t44_dropped_outside_of_a_runtime() -> Result<(), Error> {
    let outside = Outside::new();
    for runtime in [current_thread(), multi_thread()] {
        let pool = outside.connect(&runtime)?;
        let new: Vec<NewGroup> = (0..10_000).map(|n| NewGroup::new(n.to_string())).collect();
        runtime.block_on(async { Group::insert_many(&new).execute(&pool).await })?;
        let tx = runtime.block_on(pool.begin())?;
        runtime.block_on(async { Group::delete().all_rows().execute(&tx).await })?;
        let mut rows = Group::select().stream(&pool);
        runtime.block_on(rows.try_next())?;
        let mut inside = Group::select().columns(Group::id).stream(&tx);
        runtime.block_on(inside.try_next())?;
        drop(inside);
        drop(rows);
        drop(tx);
        // What is left to do is done as soon as the runtime runs again.
        assert_eq!(runtime.block_on(async { Group::delete().all_rows().execute(&pool).await })?, 10_000);
        run_for(&runtime, 50);
        outside.none("state <> 'idle'");
        drop(pool);
        drop(runtime);
        outside.none("true");
    }
    Ok(())
}

/// SQLite's pool has no tasks: it works in any runtime, and whatever was open is rolled back at once.
#[test]
fn t44_sqlite_in_several_runtimes() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pool = sqlite::Pool::open(folder.path().join("runtimes.db"))?;
    current_thread().block_on(pool.create_all(&schema()))?;
    for runtime in [current_thread(), multi_thread()] {
        let tx = runtime.block_on(pool.begin())?;
        runtime.block_on(async { Group::insert().set(Group::name, "lost").execute(&tx).await })?;
        let inside = pool.clone();
        runtime.spawn(async move {
            let _waits = inside.begin().await?;
            std::future::pending::<Result<(), Error>>().await
        });
        run_for(&runtime, 10);
        let mut rows = Group::select().stream(&pool);
        runtime.block_on(rows.try_next())?;
        drop(runtime);
        drop(tx);
        drop(rows);
        let count = current_thread().block_on(async { Group::select().count(&pool).await })?;
        assert_eq!(count, 0);
        let kept = pool.clone();
        current_thread().block_on(async move {
            kept.on_worker(|db| Group::insert().set(Group::name, "kept").execute(db)).await?;
            Group::delete().all_rows().execute(&kept).await
        })?;
    }
    Ok(())
}
