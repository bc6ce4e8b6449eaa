//! Pools: transactions, guards, hooks, snapshots, streams, and tasks that share them.

#[path = "support/pools.rs"]
mod pools;
#[path = "support/harness.rs"]
mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use orm::{
    Error, ErrorKind,
    pool::{Isolation, TransactionOptions},
    prelude::*,
};
use pools::each_pool;
use support::*;

macro_rules! add {
    ($db:expr, $name:expr) => {
        Group::insert().set(Group::name, $name).execute($db).await?
    };
}

macro_rules! names {
    ($db:expr) => {
        Group::select().columns(Group::name).order_by(Group::name).all($db).await?
    };
}

/// What a body gives up with.
#[derive(Debug, PartialEq)]
enum GaveUp {
    ByChoice,
    Database(ErrorKind),
}

impl From<Error> for GaveUp {
    fn from(error: Error) -> Self {
        Self::Database(error.kind())
    }
}

each_pool! {
    /// What a transaction did is there when it gave `Ok`, with what it gave.
    async fn ok_commits(db) {
        let id = db.transaction(async |tx| {
            add!(tx, "a");
            let group: Group = Group::insert().set(Group::name, "b").returning().one(tx).await?;
            assert_eq!(Group::select().count(tx).await?, 2, "a transaction sees what it wrote");
            Ok::<_, Error>(group.id)
        }).await?;
        assert_eq!(Group::find(id).one(db).await?.name, "b");
    }

    /// The error is the body's own, of any type that an error converts into.
    async fn err_rolls_back(db) {
        let result = db.transaction(async |tx| {
            add!(tx, "a");
            Err::<(), _>(GaveUp::ByChoice)
        }).await;
        assert_eq!(result, Err(GaveUp::ByChoice));
        let result = db.transaction(async |tx| {
            add!(tx, "a");
            add!(tx, "a");
            Ok::<_, GaveUp>(())
        }).await;
        assert_eq!(result, Err(GaveUp::Database(ErrorKind::UniqueViolation)));
        assert_eq!(names!(db), [""; 0]);
    }

    /// The future of a transaction can be sent to another thread, and borrow what is around it.
    async fn futures_are_send(db) {
        let pool = db.clone();
        let name = String::from("sent");
        let count = tokio::spawn(async move {
            pool.transaction(async |tx| {
                Group::insert().set(Group::name, &*name).execute(tx).await?;
                tx.transaction(async |inner| Group::select().filter(Group::name.eq(&name)).count(inner).await).await
            }).await
        });
        assert_eq!(count.await.expect("the task ends")?, 1);
        let pool = db.clone();
        let guard = tokio::spawn(async move {
            let tx = pool.begin().await?;
            Group::delete().all_rows().execute(&tx).await?;
            tx.commit().await
        });
        guard.await.expect("the task ends")?;
        assert_eq!(names!(db), [""; 0]);
    }

    /// A guard keeps what it did only if it is committed.
    async fn guards(db) {
        let tx = db.begin().await?;
        add!(&tx, "kept");
        tx.commit().await?;
        let tx = db.begin().await?;
        add!(&tx, "undone");
        tx.rollback().await?;
        let tx = db.begin().await?;
        add!(&tx, "dropped");
        drop(tx);
        assert_eq!(names!(db), ["kept"]);
    }

    /// An inner transaction undoes what it did alone; one that is dropped is undone too.
    async fn savepoints(db) {
        let mut tx = db.begin().await?;
        add!(&tx, "outer");
        let failed = tx.transaction(async |inner| {
            add!(inner, "undone");
            let deeper = inner.transaction(async |deeper| {
                add!(deeper, "deeper");
                Ok::<_, Error>(())
            });
            deeper.await?;
            Err::<(), _>(GaveUp::ByChoice)
        });
        assert_eq!(failed.await, Err(GaveUp::ByChoice));
        let savepoint = tx.savepoint().await?;
        add!(&savepoint, "dropped");
        drop(savepoint);
        let savepoint = tx.savepoint().await?;
        add!(&savepoint, "inner");
        savepoint.commit().await?;
        assert_eq!(names!(&tx), ["inner", "outer"]);
        tx.commit().await?;
        assert_eq!(names!(db), ["inner", "outer"]);
    }

    /// After an inner transaction caught a refused statement, the outer one goes on.
    async fn a_savepoint_catches_a_refused_statement(db) {
        db.transaction(async |tx| {
            add!(tx, "a");
            let refused = tx.transaction(async |inner| {
                add!(inner, "b");
                add!(inner, "a");
                Ok::<_, Error>(())
            }).await;
            assert_eq!(refused.expect_err("it exists").kind(), ErrorKind::UniqueViolation);
            add!(tx, "c");
            Ok::<_, Error>(())
        }).await?;
        assert_eq!(names!(db), ["a", "c"]);
    }

    /// Using the outer transaction while an inner one is open is an error, not something else than what was meant.
    async fn the_outer_transaction_waits_for_the_inner_one(db) {
        db.transaction(async |tx| {
            tx.transaction(async |inner| {
                let error = Group::select().count(tx).await.expect_err("the inner transaction is open");
                assert_eq!(error.kind(), ErrorKind::TransactionOpen);
                add!(inner, "a");
                Ok::<_, Error>(())
            }).await
        }).await?;
        assert_eq!(names!(db), ["a"]);
    }

    /// A read transaction sees one snapshot, whatever is written meanwhile.
    async fn read_sees_a_snapshot(db) {
        add!(db, "before");
        db.read(async |tx| {
            assert_eq!(names!(tx), ["before"]);
            add!(db, "meanwhile");
            assert_eq!(names!(tx), ["before"]);
            Ok::<_, Error>(())
        }).await?;
        assert_eq!(names!(db), ["before", "meanwhile"]);
    }

    /// A transaction that was said to be read-only refuses to write.
    async fn read_only_transactions_refuse_to_write(db) {
        let options = TransactionOptions::new().isolation(Isolation::Serializable).read_only().deferrable();
        let refused = db.transaction_with(options, async |tx| {
            Group::select().count(tx).await?;
            Group::insert().set(Group::name, "a").execute(tx).await
        }).await;
        assert_eq!(refused.expect_err("it only reads").kind(), ErrorKind::ReadOnly);
        add!(db, "a");
        assert_eq!(names!(db), ["a"]);
    }

    /// Every level of isolation is understood.
    async fn isolation_levels(db) {
        for level in [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable] {
            let options = TransactionOptions::new().isolation(level);
            db.transaction_with(options, async |tx| {
                add!(tx, format!("{level:?}"));
                Ok::<_, Error>(())
            }).await?;
        }
        assert_eq!(names!(db).len(), 3);
    }

    /// A hook runs after the commit, and not for what was undone.
    async fn hooks_run_after_the_commit(db) {
        let calls: Arc<Mutex<Vec<&'static str>>> = Arc::default();
        let hook = |name| {
            let calls = Arc::clone(&calls);
            move || calls.lock().expect("no hook panics").push(name)
        };
        db.transaction(async |tx| {
            tx.after_commit(hook("outer"));
            let undone = tx.transaction(async |inner| {
                inner.after_commit(hook("undone"));
                Err::<(), _>(GaveUp::ByChoice)
            });
            assert_eq!(undone.await, Err(GaveUp::ByChoice));
            tx.transaction(async |inner| {
                inner.after_commit(hook("inner"));
                Ok::<_, Error>(())
            }).await?;
            assert!(calls.lock().expect("no hook panics").is_empty(), "nothing is committed yet");
            Ok::<_, Error>(())
        }).await?;
        assert_eq!(*calls.lock().expect("no hook panics"), ["outer", "inner"]);
        let undone = db.transaction(async |tx| {
            tx.after_commit(hook("never"));
            Err::<(), _>(GaveUp::ByChoice)
        });
        assert_eq!(undone.await, Err(GaveUp::ByChoice));
        let dropped = db.begin().await?;
        dropped.after_commit(hook("never"));
        drop(dropped);
        db.transaction(async |_| Ok::<_, Error>(())).await?;
        assert_eq!(calls.lock().expect("no hook panics").len(), 2);
    }

    /// Statements that are awaited together run on one connection.
    async fn batch_gives_each_statement_its_own_result(db) {
        add!(db, "a");
        let (count, refused, groups) = db.batch(async |db| {
            Ok::<_, Error>(tokio::join!(
                Group::select().count(db),
                Group::insert().set(Group::name, "a").execute(db),
                Group::select().all(db),
            ))
        }).await?;
        assert_eq!(count?, 1);
        assert_eq!(refused.expect_err("it exists").kind(), ErrorKind::UniqueViolation);
        assert_eq!(groups?.len(), 1);
    }

    /// Statements of a transaction may be awaited together as well.
    async fn statements_of_a_transaction_may_be_awaited_together(db) {
        let (all, count) = db.transaction(async |tx| {
            add!(tx, "a");
            tokio::try_join!(Group::select().all(tx), Group::select().count(tx))
        }).await?;
        assert_eq!((all.len(), count), (1, 1));
    }

    /// Rows arrive one by one, on the pool and in a transaction, where other statements run in between.
    async fn streams(db) {
        let new: Vec<NewGroup> = (0..500).map(|n| NewGroup::new(format!("{n:03}"))).collect();
        Group::insert_many(&new).execute(db).await?;
        let query = || Group::select().columns(Group::name).order_by(Group::name);
        let names: Vec<String> = query().stream(db).try_collect().await?;
        assert_eq!((names.len(), names[499].as_str()), (500, "499"));
        let first: Vec<String> = query().stream(db).take(2).try_collect().await?;
        assert_eq!(first, ["000", "001"]);
        db.transaction(async |tx| {
            let mut rows = query().stream(tx);
            assert_eq!(rows.next().await.transpose()?.as_deref(), Some("000"));
            drop(rows);
            add!(tx, "after");
            assert_eq!(Group::select().count(tx).await?, 501);
            Ok::<_, Error>(())
        }).await?;
        assert_eq!(Group::select().count(db).await?, 501);
    }

    /// The error of a stream is its only item, or its last one.
    async fn streams_end_with_their_error(db) {
        db.execute_batch("drop table memberships").await?;
        let rows: Vec<_> = Membership::select().stream(db).collect().await;
        let kinds: Vec<_> = rows.iter().map(|row| row.as_ref().map_err(Error::kind)).collect();
        assert_eq!(kinds, [Err(ErrorKind::InvalidStatement)]);
        add!(db, "the pool goes on");
    }

    /// Tasks that write at the same time lose nothing, and none of them sees a locked database.
    async fn tasks_share_a_pool(db) {
        add!(db, "counter");
        Membership::delete().all_rows().execute(db).await?;
        let user: User = User::insert().set(User::email, "a@b.c").set(User::name, "A").returning().one(db).await?;
        let group = Group::select().columns(Group::id).one(db).await?;
        Membership::insert().set(Membership::user_id, user.id).set(Membership::group_id, group).execute(db).await?;
        let tasks = (0..16).map(|_| {
            let pool = db.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    Membership::update().set(Membership::rank, Membership::rank + 1).all_rows().execute(&pool).await?;
                    tokio::task::yield_now().await;
                }
                Ok::<_, Error>(())
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("no task panics")?;
        }
        assert_eq!(Membership::select().columns(Membership::rank).one(db).await?, 160);
    }

    /// A pool counts the statements it runs.
    async fn statements_are_counted(db) {
        let count = orm::assert_queries!(2, db, {
            add!(db, "a");
            Group::select().count(db).await?
        });
        assert_eq!(count, 1);
        orm::assert_queries!(1, db, {
            db.transaction(async |tx| Group::select().count(tx).await).await?
        });
    }

    /// A transaction that fails for a reason of its own is not tried again, whatever was asked for.
    async fn retry_is_for_conflicts_only(db) {
        let runs = AtomicU32::new(0);
        let result = db.transaction_with(TransactionOptions::new().retry(5), async |tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            add!(tx, "a");
            Err::<(), _>(GaveUp::ByChoice)
        });
        assert_eq!(result.await, Err(GaveUp::ByChoice));
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert_eq!(names!(db), [""; 0]);
    }

    /// Transactions that read and then write what they read, side by side: with a retry, nothing is lost.
    async fn retry_converges(db) {
        add!(db, "0");
        let options = TransactionOptions::new().isolation(Isolation::Serializable).retry(100);
        let runs = Arc::new(AtomicU32::new(0));
        let tasks = (0..8).map(|_| {
            let (pool, runs) = (db.clone(), Arc::clone(&runs));
            tokio::spawn(async move {
                pool.transaction_with(options, async |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    assert!(tx.attempt() >= 1);
                    let group: Group = Group::select().one(tx).await?;
                    tokio::task::yield_now().await;
                    let next = group.name.parse::<u32>().expect("a number") + 1;
                    Group::update().set(Group::name, next.to_string()).filter(Group::id.eq(group.id)).execute(tx).await?;
                    Ok::<_, Error>(())
                }).await
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("no task panics")?;
        }
        assert_eq!(names!(db), ["8"]);
        assert!(runs.load(Ordering::Relaxed) >= 8);
    }
}

/// A transaction that waits for a connection of a pool whose last one it has itself: an error that says so, in time.
#[tokio::test]
async fn a_pool_without_free_connections_times_out() -> Result<(), Error> {
    let wait = Duration::from_millis(50);
    let sqlite = orm::sqlite::Pool::options().wait(wait).open_in_memory()?;
    sqlite.create_all(&schema()).await?;
    let database = pools::on_postgres(&schema()).await;
    let postgres = database.as_postgres().expect("it is PostgreSQL");
    let _held = futures_util::future::try_join_all((0..10).map(|_| postgres.begin())).await?;
    let tx = sqlite.begin().await?;
    let started = Instant::now();
    let error = Group::select().count(&sqlite).await.expect_err("the only connection is in use");
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(matches!(error, Error::PoolTimeout { size: 1, waiting: 0, waited } if waited == wait), "{error}");
    drop(tx);
    assert_eq!(Group::select().count(&sqlite).await?, 0);
    Ok(())
}

/// PostgreSQL answers the commit of a transaction in which something failed with a rollback: that is an error here, whether
/// or not somebody heard of the failure.
#[tokio::test]
async fn what_failed_is_not_committed_in_silence() -> Result<(), Error> {
    let database = pools::on_postgres(&schema()).await;
    let db = database.as_postgres().expect("it is PostgreSQL");
    add!(db, "taken");
    let failed = db.transaction(async |tx| {
        add!(tx, "heard");
        let taken = Group::insert().set(Group::name, "taken").execute(tx).await;
        assert_eq!(taken.expect_err("the name is taken").kind(), ErrorKind::UniqueViolation);
        Ok::<_, Error>(())
    });
    assert!(failed.await.is_err());
    let unheard = db.transaction(async |tx| {
        // From the second time on, the statement is prepared, so a future that is dropped early has sent it.
        add!(tx, "unheard");
        drop(Group::insert().set(Group::name, "taken").execute(tx).now_or_never());
        Ok::<_, Error>(())
    });
    assert!(unheard.await.is_err());
    db.transaction(async |tx| {
        add!(tx, "undone");
        let undone = tx.transaction(async |inner| {
            Group::insert().set(Group::name, "taken").execute(inner).await?;
            Ok::<_, Error>(())
        });
        assert_eq!(undone.await.expect_err("the name is taken").kind(), ErrorKind::UniqueViolation);
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(names!(db), ["taken", "undone"]);
    Ok(())
}

/// Another process that writes is waited for without blocking the thread, as long as the busy timeout says.
#[tokio::test]
async fn sqlite_waits_for_other_processes() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("shared.db");
    let patience = Duration::from_millis(200);
    let connections = orm::sqlite::Connection::options().busy_timeout(patience);
    let pool = orm::sqlite::Pool::options().connections(connections).open(&path)?;
    pool.create_all(&schema()).await?;
    let mut other = orm::sqlite::Connection::open(&path)?;
    let lock = other.begin()?;

    let mut beats = 0;
    let beat = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            beats += 1;
        }
    };
    let insert = Group::insert().set(Group::name, "a").execute(&pool);
    let error = tokio::select! {
        result = insert => result.expect_err("the other connection writes"),
        () = beat => unreachable!("the heart beats forever"),
    };
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(beats >= 10, "only {beats} beats: the thread was blocked");
    assert_eq!(Group::select().count(&pool).await?, 0, "readers do not wait");

    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { pool.transaction(async |tx| Group::insert().set(Group::name, "b").execute(tx).await).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(lock);
    assert_eq!(waiting.await.expect("the task ends")?, 1);
    Ok(())
}

/// Text is never run a second time, and work on a thread of its own waits for other processes too.
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_text_and_workers_wait_for_other_processes() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("shared.db");
    let pool = orm::sqlite::Pool::open(&path)?;
    pool.create_all(&schema()).await?;
    let mut other = orm::sqlite::Connection::open(&path)?;
    let lock = other.begin()?;
    let text = tokio::spawn({
        let pool = pool.clone();
        async move {
            let values = "insert into groups (name) values ('a'); insert into groups (name) values ('b')";
            pool.execute_batch(values).await
        }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(lock);
    text.await.expect("the task ends")?;
    assert_eq!(Group::select().count(&pool).await?, 2);

    let lock = other.begin()?;
    let worker = tokio::spawn({
        let pool = pool.clone();
        async move { pool.on_worker(|db| Group::insert().set(Group::name, "c").execute(db)).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(lock);
    assert_eq!(worker.await.expect("the task ends")?, 1);
    Ok(())
}
