//! Transactions, savepoints and read transactions.

#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    thread,
    time::Duration,
};

use orm::{
    Error, ErrorKind,
    prelude::*,
    sqlite::{Connection, ReadTransaction, Sqlite, Transaction},
};
use stored::report;
use support::*;

fn names(db: &Connection) -> Vec<String> {
    Group::select().columns(Group::name).order_by(Group::name).all(db).expect("no transaction is open")
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

macro_rules! add {
    ($db:expr, $name:expr) => {
        Group::insert().set(Group::name, $name).execute($db)?
    };
}

on_sqlite! {
    fn ok_commits(db) {
        let id = db.transaction(|tx| {
            add!(tx, "a");
            let group: Group = Group::insert().set(Group::name, "b").returning().one(tx)?;
            assert_eq!(Group::select().count(tx)?, 2, "a transaction sees what it wrote");
            Ok::<_, Error>(group.id)
        })?;
        assert_eq!(Group::find(id).one(db)?.name, "b");
    }

    /// The error is the body's own, of any type that an error converts into.
    fn err_rolls_back(db) {
        let result = db.transaction(|tx| {
            add!(tx, "a");
            Err::<(), _>(GaveUp::ByChoice)
        });
        assert_eq!(result, Err(GaveUp::ByChoice));
        let result = db.transaction(|tx| {
            add!(tx, "a");
            add!(tx, "a");
            Ok::<_, GaveUp>(())
        });
        assert_eq!(result, Err(GaveUp::Database(ErrorKind::UniqueViolation)));
        assert_eq!(names(db), [""; 0]);
    }

    /// A statement that is refused undoes itself alone; the body decides what that means.
    fn a_refused_statement_does_not_end_the_transaction(db) {
        db.transaction(|tx| {
            add!(tx, "a");
            let error = Group::insert().set(Group::name, "a").execute(tx).expect_err("it exists");
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            add!(tx, "b");
            Ok::<_, Error>(())
        })?;
        assert_eq!(names(db), ["a", "b"]);
    }

    fn t13_a_panic_rolls_back(db) {
        for depth in [1, 3] {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                db.transaction(|tx| {
                    add!(tx, "a");
                    if depth > 1 {
                        tx.transaction(|inner| {
                            add!(inner, "b");
                            inner.transaction::<(), Error>(|_| panic!("on purpose"))
                        })?;
                    }
                    panic!("on purpose");
                    #[allow(unreachable_code, reason = "the type of the closure")]
                    Ok::<_, Error>(())
                })
            }));
            let message = panicked.expect_err("it panics");
            assert_eq!(message.downcast_ref::<&str>(), Some(&"on purpose"), "the panic goes on");
            assert_eq!(names(db), [""; 0]);
        }
        db.transaction(|tx| {
            add!(tx, "c");
            Ok::<_, Error>(())
        })?;
        assert_eq!(names(db), ["c"]);
    }

    /// A panic while rows are read leaves the statement and the connection usable.
    fn t13_a_panic_while_streaming(db) {
        Group::insert_many(&[NewGroup::new("a"), NewGroup::new("b")]).execute(db)?;
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut rows = Group::select().stream(db);
            let first = rows.next().expect("there are two").expect("it is read");
            panic!("{}", first.id);
        }));
        assert!(panicked.is_err());
        assert_eq!(names(db), ["a", "b"]);
        db.execute_batch("drop table memberships; drop table groups")?;
    }

    /// Five savepoints deep: each is undone or kept by itself.
    fn nested_savepoints(db) {
        db.transaction(|one| {
            add!(one, "1");
            one.transaction(|two| {
                add!(two, "2");
                let gave_up = two.transaction(|three| {
                    add!(three, "3");
                    three.transaction(|four| {
                        add!(four, "4");
                        four.transaction(|five| {
                            add!(five, "5");
                            assert_eq!(Group::select().count(five)?, 5);
                            Ok::<_, GaveUp>(())
                        })?;
                        assert_eq!(Group::select().count(four)?, 5, "5 is kept for now");
                        Ok::<_, GaveUp>(())
                    })?;
                    Err::<(), _>(GaveUp::ByChoice)
                });
                assert_eq!(gave_up, Err(GaveUp::ByChoice));
                assert_eq!(Group::select().count(two)?, 2, "3 took 4 and 5 along");
                let gave_up = two.transaction(|three| {
                    add!(three, "3b");
                    let gave_up = three.transaction(|four| {
                        add!(four, "4b");
                        Err::<(), _>(GaveUp::ByChoice)
                    });
                    assert_eq!(gave_up, Err(GaveUp::ByChoice));
                    add!(three, "3c");
                    Ok::<_, GaveUp>(())
                });
                assert_eq!(gave_up, Ok(()));
                Ok::<_, Error>(())
            })
        })?;
        assert_eq!(names(db), ["1", "2", "3b", "3c"]);
    }

    /// Savepoints one after the other at the same depth do not disturb each other.
    fn savepoints_in_a_row(db) {
        db.transaction(|tx| {
            for number in 0..50 {
                let result = tx.transaction(|inner| {
                    Group::insert().set(Group::name, format!("{number:02}")).execute(inner)?;
                    if number % 2 == 0 { Ok(()) } else { Err(GaveUp::ByChoice) }
                });
                assert_eq!(result.is_ok(), number % 2 == 0);
            }
            Ok::<_, Error>(())
        })?;
        assert_eq!(names(db).len(), 25);
    }

    /// While an inner handle is open, the outer ones are refused in every way they could be used.
    fn the_outer_handle_is_refused(db) {
        let refused = |result: Result<(), Error>| {
            let error = result.expect_err("a transaction is open");
            assert!(matches!(error, Error::TransactionOpen), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::TransactionOpen);
            assert_eq!(
                error.to_string(),
                "the connection is inside a transaction: use the transaction's handle until it ends"
            );
        };
        db.transaction(|tx| {
            add!(tx, "a");
            refused(Group::select().all(db).map(drop));
            refused(Group::select().stream(db).next().expect("the error").map(drop));
            refused(Group::insert().set(Group::name, "b").execute(db).map(drop));
            refused(Group::insert_many(&[NewGroup::new("b"), NewGroup::new("c")]).execute(db).map(drop));
            refused(Group::select().explain(db).map(drop));
            refused(db.transaction(|_| Ok(())));
            refused(db.read(|_| Ok(())));
            refused(db.create_all(&schema()));
            refused(db.execute_batch("delete from groups"));
            refused(db.with_raw(|_| panic!("it is not called")));
            tx.transaction(|inner| {
                add!(inner, "d");
                refused(Group::select().all(tx).map(drop));
                refused(Group::delete().all_rows().execute(tx).map(drop));
                refused(tx.transaction(|_| Ok(())));
                refused(tx.execute_batch("delete from groups"));
                refused(Group::select().all(db).map(drop));
                Ok::<_, Error>(())
            })?;
            assert_eq!(Group::select().count(tx)?, 2);
            Ok::<_, Error>(())
        })?;
        assert_eq!(names(db), ["a", "d"]);
        db.read(|_| {
            refused(Group::select().all(db).map(drop));
            Ok::<_, Error>(())
        })?;
    }

    /// A batch of statements is part of the transaction it runs in.
    fn batches_are_part_of_the_transaction(db) {
        let undone = db.transaction(|tx| {
            tx.execute_batch("insert into groups (name) values ('a'); insert into groups (name) values ('b')")?;
            assert_eq!(Group::select().count(tx)?, 2);
            Err::<(), _>(GaveUp::ByChoice)
        });
        assert_eq!(undone, Err(GaveUp::ByChoice));
        assert_eq!(names(db), [""; 0]);
    }

    /// A foreign key that is checked at the end makes the commit fail, which undoes everything.
    fn a_commit_that_fails(db) {
        db.execute_batch(
            "create table child (id integer references groups (id) deferrable initially deferred) strict",
        )?;
        let error = db.transaction(|tx| {
            add!(tx, "a");
            tx.execute_batch("insert into child values (77)")?;
            Ok::<_, Error>(())
        });
        let error = error.expect_err("there is no group 77");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert!(
            report(&error).starts_with("commit of a transaction: a foreign key is violated\n"),
            "{}",
            report(&error)
        );
        assert_eq!(names(db), [""; 0]);
        db.transaction(|tx| {
            add!(tx, "b");
            Ok::<_, Error>(())
        })?;
    }

    /// A read transaction reads, and refuses what would write.
    fn read_transactions_do_not_write(db) {
        add!(db, "a");
        let count = db.read(|tx| {
            assert_eq!(Group::select().columns(Group::name).one(tx)?, "a");
            assert!(Group::select().exists(tx)?);
            assert_eq!(Group::select().stream(tx).count(), 1);
            Group::select().count(tx)
        })?;
        assert_eq!(count, 1);
        let result = db.read(|_| Err::<(), _>(GaveUp::ByChoice));
        assert_eq!(result, Err(GaveUp::ByChoice));
        let panicked = catch_unwind(AssertUnwindSafe(|| db.read::<(), Error>(|_| panic!("on purpose"))));
        assert!(panicked.is_err());
        add!(db, "b");
    }
}

/// A transaction that is begun by hand ends with the guard.
#[test]
fn guards() -> Result<(), Error> {
    let mut db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    let tx = db.begin()?;
    add!(&tx, "kept");
    tx.commit()?;
    let tx = db.begin()?;
    add!(&tx, "rolled back");
    tx.rollback()?;
    let tx = db.begin()?;
    add!(&tx, "dropped");
    drop(tx);
    assert_eq!(names(&db), ["kept"]);
    let mut tx = db.begin()?;
    {
        let mut savepoint = tx.savepoint()?;
        add!(&savepoint, "inner");
        let innermost = savepoint.savepoint()?;
        add!(&innermost, "innermost");
        innermost.rollback()?;
        savepoint.commit()?;
    }
    let savepoint = tx.savepoint()?;
    add!(&savepoint, "dropped");
    drop(savepoint);
    tx.commit()?;
    assert_eq!(names(&db), ["inner", "kept"]);
    Ok(())
}

/// An early return through `?` drops the guard, which rolls back.
#[test]
fn a_guard_is_dropped_by_an_error() -> Result<(), Error> {
    fn twice(db: &mut Connection) -> Result<(), Error> {
        let tx = db.begin()?;
        add!(&tx, "a");
        add!(&tx, "a");
        tx.commit()
    }
    let mut db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    assert_eq!(twice(&mut db).expect_err("it exists").kind(), ErrorKind::UniqueViolation);
    assert_eq!(names(&db), [""; 0]);
    Ok(())
}

/// A database file in a directory of its own.
struct File {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("test.db");
        Connection::open(&path).and_then(|db| db.create_all(&schema())).expect("the database is new");
        Self { _directory: directory, path }
    }

    fn open(&self) -> Connection {
        Connection::options().busy_timeout(Duration::from_secs(60)).open(&self.path).expect("it is there")
    }
}

/// What is not committed is seen by nobody else, and a transaction that was left behind takes nothing with it.
#[test]
fn others_see_what_is_committed() -> Result<(), Error> {
    let file = File::new();
    let (db, other) = (file.open(), file.open());
    db.transaction(|tx| {
        add!(tx, "a");
        assert_eq!(names(&other), [""; 0]);
        Ok::<_, Error>(())
    })?;
    assert_eq!(names(&other), ["a"]);
    let mut lost = file.open();
    let tx = lost.begin()?;
    add!(&tx, "b");
    drop(tx);
    drop(lost);
    add!(&other, "c");
    assert_eq!(names(&db), ["a", "c"]);
    Ok(())
}

/// A read transaction sees the database as it was when it began, whatever is committed meanwhile.
#[test]
fn a_read_transaction_sees_one_snapshot() -> Result<(), Error> {
    let file = File::new();
    let (db, other) = (file.open(), file.open());
    add!(&db, "a");
    db.read(|tx| {
        // The snapshot is that of the beginning, not of the first query.
        add!(&other, "b");
        assert_eq!(Group::select().count(tx)?, 1);
        Group::update().set(Group::name, "changed").filter(Group::name.eq("a")).execute(&other)?;
        assert_eq!(Group::select().columns(Group::name).all(tx)?, ["a"]);
        Ok::<_, Error>(())
    })?;
    assert_eq!(names(&db), ["b", "changed"]);
    Ok(())
}

/// Reading and then writing never fails because another connection wrote in between: a transaction takes the right to
/// write when it begins.
#[test]
fn t33_read_then_write() -> Result<(), Error> {
    let file = File::new();
    let (db, other) = (file.open(), file.open());
    add!(&db, "a");
    let writer = thread::scope(|scope| {
        let writer = db.transaction(|tx| {
            let before = Group::select().count(tx)?;
            let writer = scope.spawn(|| Group::insert().set(Group::name, "other").execute(&file.open()));
            thread::sleep(Duration::from_millis(20));
            assert_eq!(Group::select().count(tx)?, before);
            add!(tx, "mine");
            Ok::<_, Error>(writer)
        })?;
        writer.join().expect("it does not panic")
    })?;
    assert_eq!(writer, 1);
    assert_eq!(names(&other), ["a", "mine", "other"]);
    Ok(())
}

/// Four threads count up one number, each reading it before writing it: no update is lost, and nobody gives up.
#[test]
fn t33_writers_do_not_lose_updates() -> Result<(), Error> {
    const THREADS: i32 = 4;
    const ROUNDS: i32 = 200;
    let file = File::new();
    Employee::insert()
        .set(Employee::id, 1)
        .set(Employee::name, "counter")
        .set(Employee::salary, 0)
        .execute(&file.open())?;
    thread::scope(|scope| {
        let count = || {
            let db = file.open();
            for _ in 0..ROUNDS {
                db.transaction(|tx| {
                    let counter = Employee::find(1).one(tx)?;
                    Employee::update().set(Employee::salary, counter.salary + 1).filter(Employee::id.eq(1)).execute(tx)
                })?;
            }
            Ok::<_, Error>(())
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(count)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("it does not panic"))
    })?;
    assert_eq!(Employee::find(1).one(&file.open())?.salary, THREADS * ROUNDS);
    Ok(())
}

/// Code that takes any handle is written once.
#[test]
fn functions_take_any_handle() -> Result<(), Error> {
    fn on_connection(db: &Connection) -> Result<i64, Error> {
        Group::select().count(db)
    }
    fn in_transaction(tx: &Transaction<'_>) -> Result<i64, Error> {
        Group::select().count(tx)
    }
    fn in_read(tx: &ReadTransaction<'_>) -> Result<i64, Error> {
        Group::select().count(tx)
    }
    let db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    add!(&db, "a");
    assert_eq!(on_connection(&db)?, 1);
    assert_eq!(db.transaction(in_transaction)?, 1);
    assert_eq!(db.read(in_read)?, 1);
    fn everything<E>(db: &E) -> E::Output<'_, i64>
    where
        E: orm::Executor<Dialect = Sqlite>,
    {
        Group::select().count(db)
    }
    assert_eq!(everything(&db)?, 1);
    assert_eq!(db.transaction(|tx| everything(tx))?, 1);
    assert_eq!(db.read(|tx| everything(tx))?, 1);
    Ok(())
}
