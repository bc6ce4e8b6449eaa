//! Transactions whose futures are dropped at every point where they wait.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures_util::StreamExt;
use orm::{
    Error,
    pool::{Isolation, TransactionOptions},
    postgres::{PoolOptions, Transaction},
    prelude::*,
};

use crate::{
    measure::times,
    polls::{Witness, assert_next_is_clean, at_every_poll, each_single, polled, take_names},
    server::Server,
    support::*,
};

macro_rules! add {
    ($db:expr, $name:expr) => {
        Group::insert().set(Group::name, $name).execute($db).await?
    };
}

/// Adds `prefix` with a level, in transactions nested five deep.
macro_rules! nested {
    ($tx:expr, $prefix:expr) => {
        $tx.transaction(async |two| {
            add!(two, format!("{} 2", $prefix));
            two.transaction(async |three| {
                add!(three, format!("{} 3", $prefix));
                three
                    .transaction(async |four| {
                        add!(four, format!("{} 4", $prefix));
                        four.transaction(async |five| {
                            add!(five, format!("{} 5", $prefix));
                            Ok::<_, Error>(())
                        })
                        .await
                    })
                    .await
            })
            .await
        })
    };
}

/// All of what `nested!` adds, or none of it.
fn assert_all_or_none(names: &[String], prefix: &str, polls: usize) {
    let found = names.iter().filter(|name| name.starts_with(prefix)).count();
    assert!(found == 0 || found == 4, "dropped after {polls} polls: {names:?}");
}

each_single! {
    /// Beginning may be given up at any time, with any options.
    async fn t08_begin_dropped_at_every_poll(db, witness) {
        let plain = TransactionOptions::new();
        let deferrable = plain.isolation(Isolation::Serializable).read_only().deferrable();
        for options in [plain, deferrable] {
            let polls = at_every_poll!(|polls| {
                let begun = polled(db.begin_with(options), polls).await.transpose()?;
                let is_begun = begun.is_some();
                drop(begun);
                assert_next_is_clean!(db, witness);
                is_begun
            });
            assert!(polls >= 1, "beginning waits at least once");
        }
    }

    /// A whole transaction, nested five deep: the rows of all levels are there, or none.
    async fn t09_transaction_dropped_at_every_poll(db, witness) {
        at_every_poll!(|polls| {
            let whole = db.transaction(async |tx| {
                nested!(tx, "all").await?;
                nested!(tx, "too").await
            });
            let is_done = polled(whole, polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            let names = take_names!(db);
            assert_all_or_none(&names, "all", polls);
            assert!(names.is_empty() || names.len() == 8, "dropped after {polls} polls: {names:?}");
            is_done
        });
    }

    /// The same by guards, which are dropped from the innermost to the outermost.
    async fn t09_guards_dropped_at_every_poll(db, witness) {
        at_every_poll!(|polls| {
            let whole = async {
                let mut one = db.begin().await?;
                add!(&one, "one");
                let mut two = one.savepoint().await?;
                add!(&two, "two");
                let mut three = two.savepoint().await?;
                add!(&three, "three");
                let mut four = three.savepoint().await?;
                add!(&four, "four");
                let five = four.savepoint().await?;
                add!(&five, "five");
                five.rollback().await?;
                add!(&four, "six");
                four.commit().await?;
                drop(three);
                add!(&two, "seven");
                two.commit().await?;
                one.commit().await
            };
            let is_done = polled(whole, polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            let names = take_names!(db);
            assert!(names.is_empty() || names == ["one", "seven", "two"], "dropped after {polls} polls: {names:?}");
            is_done
        });
    }

    /// A commit that nobody awaits any more took place as a whole, or not at all.
    async fn t09_commit_dropped_at_every_poll(db, witness) {
        at_every_poll!(|polls| {
            let tx = db.begin().await?;
            add!(&tx, "one");
            add!(&tx, "two");
            let is_done = polled(tx.commit(), polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            let names = take_names!(db);
            assert!(names.is_empty() || names == ["one", "two"], "dropped after {polls} polls: {names:?}");
            assert!(names.len() == 2 || !is_done, "the commit was confirmed");
            is_done
        });
    }

    /// A rollback that nobody awaits any more is one.
    async fn t09_rollback_dropped_at_every_poll(db, witness) {
        at_every_poll!(|polls| {
            let tx = db.begin().await?;
            add!(&tx, "one");
            let is_done = polled(tx.rollback(), polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            assert_eq!(take_names!(db), [""; 0]);
            is_done
        });
    }

    /// What was inside of an inner transaction is undone as a whole, or kept as a whole; the outer one goes on.
    async fn t09_inner_transaction_dropped_at_every_poll(db, witness) {
        at_every_poll!(|polls| {
            let is_done = db.transaction(async |tx| {
                add!(tx, "before");
                let is_done = polled(nested!(tx, "inner"), polls).await.transpose()?.is_some();
                add!(tx, "between");
                nested!(tx, "next").await?;
                Ok::<_, Error>(is_done)
            }).await?;
            assert_next_is_clean!(db, witness);
            let names = take_names!(db);
            assert_all_or_none(&names, "inner", polls);
            let others = names.iter().filter(|name| !name.starts_with("inner"));
            assert!(others.eq(&["before", "between", "next 2", "next 3", "next 4", "next 5"]), "{polls}: {names:?}");
            is_done
        });
    }

    /// What undoes an inner transaction that was dropped may be dropped itself, with whatever was to come after it.
    async fn t09_dropped_while_undoing_what_was_dropped(db, witness) {
        let to_the_end = at_every_poll!(|polls| {
            let tx = db.begin().await?;
            let is_done = polled(nested!(tx, "inner"), polls).await.transpose()?.is_some();
            tx.commit().await?;
            take_names!(db);
            is_done
        });
        for first in 0..to_the_end {
            for second in 0..4 {
                db.transaction(async |tx| {
                    drop(polled(nested!(tx, "inner"), first).await);
                    drop(polled(Group::select().count(tx), second).await);
                    drop(polled(nested!(tx, "again"), second).await);
                    let both = tokio::join!(Group::select().count(tx), Group::select().count(tx));
                    assert_eq!(both.0?, both.1?);
                    add!(tx, "after");
                    Ok::<_, Error>(())
                }).await?;
                assert_next_is_clean!(db, witness);
                let names = take_names!(db);
                assert_all_or_none(&names, "inner", first);
                assert_all_or_none(&names, "again", second);
                assert_eq!(names.iter().filter(|name| *name == "after").count(), 1, "{first}, {second}: {names:?}");
            }
        }
    }

    /// A snapshot may be given up at any time.
    async fn t09_read_dropped_at_every_poll(db, witness) {
        add!(db, "one");
        at_every_poll!(|polls| {
            let read = db.read(async |tx| {
                Group::select().count(tx).await?;
                Ok::<_, Error>(Group::select().columns(Group::name).stream(tx).count().await)
            });
            let read = polled(read, polls).await.transpose()?;
            assert_next_is_clean!(db, witness);
            read.inspect(|&rows| assert_eq!(rows, 1)).is_some()
        });
    }

    /// Statements that were sent together may be given up together, those of a transaction as well as those of a batch.
    async fn t09_batch_dropped_at_every_poll(db, witness) {
        at_every_poll!(|polls| {
            let batch = db.batch(async |db| {
                let (one, two, all) = tokio::join!(
                    Group::insert().set(Group::name, "one").execute(db),
                    Group::insert().set(Group::name, "two").execute(db),
                    Group::select().all(db),
                );
                one?;
                two?;
                all
            });
            let is_done = polled(batch, polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            take_names!(db);
            is_done
        });
        at_every_poll!(|polls| {
            let together = db.transaction(async |tx| {
                tokio::try_join!(
                    Group::insert().set(Group::name, "one").execute(tx),
                    Group::insert().set(Group::name, "two").execute(tx),
                )
            });
            let is_done = polled(together, polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            let names = take_names!(db);
            assert!(names.is_empty() || names.len() == 2, "dropped after {polls} polls: {names:?}");
            is_done
        });
    }

    /// Rows that need several statements are all there, or none.
    async fn t09_insert_many_dropped_at_every_poll(db, witness) {
        let new: Vec<NewGroup> = (0..witness.several_statements()).map(|n| NewGroup::new(n.to_string())).collect();
        at_every_poll!(step times(5, 1), |polls| {
            let is_done = polled(Group::insert_many(&new).execute(db), polls).await.transpose()?.is_some();
            assert_next_is_clean!(db, witness);
            let count = usize::try_from(Group::select().count(db).await?).expect("a small number");
            assert!(count == 0 || count == new.len(), "dropped after {polls} polls: {count} rows");
            Group::delete().all_rows().execute(db).await?;
            is_done
        });
    }

    /// A hook runs if, and only if, what its transaction did is kept, even where the commit of an inner one was dropped.
    async fn t09_hooks_follow_what_is_kept(db, witness) {
        at_every_poll!(|polls| {
            let calls = Arc::new(AtomicU32::new(0));
            let hook = Arc::clone(&calls);
            let tx = db.begin().await?;
            let inner = tx.transaction(async |inner| {
                add!(inner, "inner");
                inner.after_commit(move || {
                    hook.fetch_add(1, Ordering::Relaxed);
                });
                Ok::<_, Error>(())
            });
            let is_done = polled(inner, polls).await.transpose()?.is_some();
            add!(&tx, "outer");
            tx.commit().await?;
            assert_next_is_clean!(db, witness);
            let names = take_names!(db);
            let kept = u32::from(names.iter().any(|name| name == "inner"));
            assert_eq!(calls.load(Ordering::Relaxed), kept, "dropped after {polls} polls: {names:?}");
            is_done
        });
    }
}

/// A transaction in which a statement failed cannot be committed, and says so instead of losing the rest silently.
#[tokio::test]
async fn a_commit_after_a_failed_statement_is_an_error() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    let result = pool.transaction(async |tx: &Transaction<'_>| {
        add!(tx, "one");
        let twice = Group::insert().set(Group::name, "one").execute(tx).await;
        assert!(twice.is_err(), "the name exists");
        Ok::<_, Error>(())
    });
    assert!(result.await.is_err(), "nothing was committed");
    assert_eq!(Group::select().count(pool).await?, 0);
    Ok(())
}

/// An inner transaction that swallows a failed statement cannot be kept, and is undone; the outer one goes on.
#[tokio::test]
async fn a_release_after_a_failed_statement_is_an_error() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    pool.transaction(async |tx: &Transaction<'_>| {
        add!(tx, "one");
        let swallowed = tx.transaction(async |inner: &Transaction<'_>| {
            add!(inner, "lost");
            drop(Group::insert().set(Group::name, "one").execute(inner).await);
            Ok::<_, Error>(())
        });
        assert!(swallowed.await.is_err(), "the savepoint cannot be released");
        add!(tx, "two");
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(Group::select().columns(Group::name).order_by(Group::name).all(pool).await?, ["one", "two"]);
    Ok(())
}
