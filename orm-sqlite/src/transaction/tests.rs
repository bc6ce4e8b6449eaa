use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use orm_core::{
    error::{Error, ErrorKind},
    executor::{Executor, WriteExecutor},
};

use crate::{
    Connection, Transaction,
    testing::{Ask, TABLE, count, database, insert, report, select},
};

fn add(number: i64) -> Ask<'static, ()> {
    insert("t", &["n"], 1, &[]).bind(number)
}

fn all() -> Ask<'static, (i64,)> {
    select("t", &["n"], None)
}

fn check(db: &Connection, numbers: &[i64]) {
    let rows = db.fetch_all(all()).expect("it runs");
    assert_eq!(rows.into_iter().map(|(number,)| number).collect::<Vec<_>>(), numbers);
}

/// The connection is outside of any transaction, and works.
fn check_idle(db: &Connection) {
    assert!(db.with_raw(rusqlite::Connection::is_autocommit).expect("no transaction is open"));
    db.transaction(|tx| tx.execute(add(1_000_000)).and(Err::<(), _>(Error::TransactionOpen))).expect_err("on purpose");
}

#[test]
fn ok_commits_and_err_rolls_back() {
    let db = database();
    let value = db.transaction(|tx| {
        tx.execute(add(1))?;
        Ok::<_, Error>("value")
    });
    assert_eq!(value.expect("it is committed"), "value");
    let error = db.transaction(|tx| {
        tx.execute(add(2))?;
        tx.execute(add(1)).map(drop)
    });
    assert_eq!(error.expect_err("the number exists").kind(), ErrorKind::UniqueViolation);
    check(&db, &[1]);
    check_idle(&db);
}

#[test]
fn errors_of_the_program_pass_through() {
    #[derive(Debug)]
    enum Mine {
        Own,
        Orm,
    }
    impl From<Error> for Mine {
        fn from(_: Error) -> Self {
            Self::Orm
        }
    }
    let db = database();
    assert!(matches!(
        db.transaction(|tx| tx.execute(add(1)).map_err(Mine::from).and(Err::<(), _>(Mine::Own))),
        Err(Mine::Own)
    ));
    assert!(matches!(
        db.transaction(|tx| Ok::<_, Mine>(tx.execute(insert::<()>("nothing", &["n"], 0, &[]))?)),
        Err(Mine::Orm)
    ));
    check(&db, &[]);
}

#[test]
fn a_panic_rolls_back() {
    let db = database();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        db.transaction(|tx| {
            tx.execute(add(1))?;
            let _rows = tx.fetch_stream(all());
            tx.transaction(|inner| {
                inner.execute(add(2))?;
                panic!("on purpose");
            })?;
            Ok::<_, Error>(())
        })
    }));
    assert!(panic.is_err());
    check(&db, &[]);
    check_idle(&db);
}

#[test]
fn the_connection_is_not_part_of_its_transaction() {
    let db = database();
    db.transaction(|tx| {
        let refused = [
            db.execute(add(1)).map(drop),
            db.fetch_all(all()).map(drop),
            db.fetch_stream(all()).next().expect("the error").map(drop),
            db.fetch_plan(all()).map(drop),
            db.execute_batch("delete from t"),
            db.with_raw(|_| unreachable!("the closure is not called")),
            db.transaction(|_| Ok::<_, Error>(())),
            db.read(|_| Ok::<_, Error>(())),
        ];
        for error in refused {
            assert_eq!(error.expect_err("a transaction is open").kind(), ErrorKind::TransactionOpen);
        }
        tx.execute(add(2)).map(drop)
    })
    .expect("it is committed");
    check(&db, &[2]);
}

#[test]
fn savepoints_nest() {
    fn nest(tx: &Transaction<'_>, depth: i64) -> Result<(), Error> {
        tx.execute(add(depth))?;
        if depth == 50 {
            return Ok(());
        }
        tx.transaction(|inner| {
            let error = tx.fetch_all(all()).expect_err("the inner one is open");
            assert_eq!(error.kind(), ErrorKind::TransactionOpen);
            nest(inner, depth + 1)?;
            // Every odd level is undone, and with it what is inside of it.
            if depth % 2 == 1 { Err(Error::TransactionOpen) } else { Ok(()) }
        })
        .or_else(|error| if error.kind() == ErrorKind::TransactionOpen { Ok(()) } else { Err(error) })
    }
    let db = database();
    db.transaction(|tx| nest(tx, 0)).expect("it is committed");
    check(&db, &[0, 1]);
    check_idle(&db);
}

#[test]
fn guards_roll_back_when_dropped() {
    let mut db = database();
    let mut tx = db.begin().expect("nobody else writes");
    tx.execute(add(1)).expect("it is new");
    let inner = tx.savepoint().expect("the transaction is open");
    inner.execute(add(2)).expect("it is new");
    drop(inner);
    let inner = tx.savepoint().expect("the transaction is open");
    inner.execute(add(3)).expect("it is new");
    inner.commit().expect("nothing is violated");
    let inner = tx.savepoint().expect("the transaction is open");
    inner.execute(add(4)).expect("it is new");
    inner.rollback().expect("it can be undone");
    tx.commit().expect("nothing is violated");
    check(&db, &[1, 3]);
    drop(db.begin().expect("nobody else writes").execute(add(5)));
    db.begin().expect("nobody else writes").rollback().expect("it can be undone");
    check(&db, &[1, 3]);
    check_idle(&db);
}

#[test]
fn forgotten_guards_do_not_commit() {
    let mut db = database();
    let mut tx = db.begin().expect("nobody else writes");
    tx.execute(add(1)).expect("it is new");
    std::mem::forget(tx.savepoint().expect("the transaction is open"));
    assert_eq!(tx.execute(add(2)).expect_err("a savepoint is open").kind(), ErrorKind::TransactionOpen);
    assert_eq!(tx.commit().expect_err("a savepoint is open").kind(), ErrorKind::TransactionOpen);
    check_idle(&db);
    let tx = db.begin().expect("nobody else writes");
    tx.execute(add(3)).expect("it is new");
    std::mem::forget(tx);
    assert_eq!(db.fetch_all(all()).expect_err("it is open").kind(), ErrorKind::TransactionOpen);
    db.begin().expect("what was forgotten is rolled back").commit().expect("nothing is violated");
    check(&db, &[]);
    check_idle(&db);
}

#[test]
fn a_commit_that_fails_rolls_back() {
    let db = database();
    db.execute_batch("create table child (n integer references t (n) deferrable initially deferred) strict")
        .expect("it is new");
    let error = db.transaction(|tx| {
        tx.execute(add(1))?;
        tx.execute(insert::<()>("child", &["n"], 1, &[]).bind(2_i64)).map(drop)
    });
    let error = error.expect_err("the key is violated");
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(report(&error), "commit of a transaction: a foreign key is violated: FOREIGN KEY constraint failed");
    check(&db, &[]);
    check_idle(&db);
}

#[test]
fn a_full_database_ends_the_transaction() {
    let db = database();
    db.with_raw(|raw| raw.pragma_update(None, "max_page_count", 10)).expect("idle").expect("it is set");
    let fill = |tx: &Transaction<'_>| {
        let big = "x".repeat(100_000);
        tx.execute(insert::<()>("t", &["s"], 1, &[]).bind(big.as_str()))
    };
    let error = db.transaction(|tx| {
        tx.execute(add(1))?;
        let first = fill(tx).expect_err("there is no room");
        assert_eq!(first.kind(), ErrorKind::Full);
        Err::<(), _>(first)
    });
    assert_eq!(error.expect_err("there was no room").kind(), ErrorKind::Full);
    check(&db, &[]);
    check_idle(&db);
}

/// `on conflict rollback` ends the transaction as a failing disk does.
#[test]
fn nothing_runs_after_sqlite_rolled_back() {
    let db = database();
    db.execute_batch("create table strict_t (n integer unique on conflict rollback) strict").expect("it is new");
    let broken = || insert::<()>("strict_t", &["n"], 2, &[]).bind(1_i64).bind(1_i64);
    let error = db.transaction(|tx| {
        tx.execute(add(1))?;
        let in_savepoint = tx.transaction(|inner| inner.execute(broken()).map(drop));
        assert_eq!(in_savepoint.expect_err("it is twice the same").kind(), ErrorKind::UniqueViolation);
        let error = tx.execute(add(2)).expect_err("there is no transaction any more");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert!(report(&error).ends_with("the transaction was rolled back"), "{}", report(&error));
        assert!(tx.transaction(|_| Ok::<_, Error>(())).is_err());
        Ok::<_, Error>(())
    });
    assert!(error.is_err(), "nothing was committed");
    check(&db, &[]);
    check_idle(&db);
}

#[test]
fn statements_we_do_not_see_cannot_change_the_transaction() {
    let db = database();
    let error = db.execute_batch("begin; insert into t (n) values (1)").expect_err("it is left open");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    let error = db.with_raw(|raw| raw.execute_batch("begin").expect("valid")).expect_err("it is left open");
    assert!(report(&error).contains("left a transaction open"), "{}", report(&error));
    check_idle(&db);
    let error = db.transaction(|tx| {
        tx.execute(add(2))?;
        tx.execute_batch("commit").expect_err("it ends the transaction");
        assert!(tx.execute(add(3)).is_err());
        Ok::<_, Error>(())
    });
    assert!(error.is_err(), "the transaction is not committed as a whole");
    check_idle(&db);
}

fn two_connections() -> (tempfile::TempDir, Connection, Connection) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("test.db");
    let options = Connection::options().busy_timeout(Duration::from_millis(10));
    let db = options.open(&path).expect("it can be created");
    db.execute_batch(TABLE).expect("it is new");
    let other = options.open(&path).expect("it is there");
    (directory, db, other)
}

#[test]
fn a_second_writer_waits_and_gives_up() {
    let (_directory, db, other) = two_connections();
    db.transaction(|tx| {
        tx.execute(add(1))?;
        let error = other.transaction(|_| Ok::<_, Error>(())).expect_err("the other one writes");
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert_eq!(other.execute(add(2)).expect_err("the other one writes").kind(), ErrorKind::Busy);
        check(&other, &[]);
        Ok::<_, Error>(())
    })
    .expect("it is committed");
    check(&other, &[1]);
    check_idle(&other);
}

#[test]
fn a_read_transaction_sees_one_snapshot() {
    let (_directory, db, other) = two_connections();
    db.read(|tx| {
        other.execute(add(1))?;
        assert_eq!(tx.fetch_one(count("t", None))?, (0,));
        assert!(tx.fetch_plan(all())?.starts_with("SCAN"));
        Ok::<_, Error>(())
    })
    .expect("it only reads");
    check(&db, &[1]);
}

#[test]
fn a_read_transaction_does_not_write() {
    let db = database();
    db.read(|tx| {
        let error = tx.fetch_all(insert::<(i64,)>("t", &["n"], 1, &["n"]).bind(1_i64)).expect_err("it would write");
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
        let error = tx.fetch_stream(add(1)).next().expect("the error").expect_err("it would write");
        assert_eq!(report(&error), "insert into `t`: the database is read-only: the transaction only reads");
        assert_eq!(db.execute(add(1)).expect_err("it is open").kind(), ErrorKind::TransactionOpen);
        Ok::<_, Error>(())
    })
    .expect("it only reads");
    assert!(db.read(|_| Err::<(), _>(Error::TransactionOpen)).is_err());
    check(&db, &[]);
    check_idle(&db);
}

/// Several threads count up one number, each reading it before writing it.
#[test]
fn writers_do_not_lose_updates() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("test.db");
    let db = Connection::open(&path).expect("it can be created");
    db.execute_batch("create table t (n integer not null) strict; insert into t values (0)").expect("it is new");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let db = Connection::open(&path).expect("it is there");
                for _ in 0..100 {
                    db.transaction(|tx| {
                        let (number,) = tx.fetch_one(all())?;
                        tx.execute(crate::testing::update("t", "n", None).bind(number + 1)).map(drop)
                    })
                    .expect("the timeout is long enough");
                }
            });
        }
    });
    check(&db, &[400]);
}
