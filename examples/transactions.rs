//! All or nothing: transactions by closure and by guard, savepoints, snapshots, and trying again.

use std::{path::Path, sync::mpsc, thread, time::Duration};

use orm::{
    ErrorKind,
    prelude::*,
    sqlite::{Connection, Transaction},
};

#[derive(Debug, Table)]
struct Account {
    #[column(primary_key)]
    owner: String,
    #[column(check = "cents >= 0")]
    cents: i64,
}

schema! { fn schema() = [Account] }

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bank.db");
    let mut db = Connection::open(&file)?;
    db.create_all(&schema())?;
    Account::insert_many(&[NewAccount::new("ann", 100), NewAccount::new("bob", 0)]).execute(&db)?;

    closure(&db)?;
    nested(&db)?;
    guard(&mut db)?;
    snapshot(&db, &file)?;
    retry(&db, &file)?;
    Ok(())
}

/// Moves money: two updates, of which one alone must never take effect.
fn transfer(tx: &Transaction<'_>, from: &str, to: &str, cents: i64) -> Result<(), orm::Error> {
    Account::update().set(Account::cents, Account::cents + cents).filter(Account::owner.eq(to)).execute(tx)?;
    Account::update().set(Account::cents, Account::cents - cents).filter(Account::owner.eq(from)).execute(tx)?;
    Ok(())
}

fn balances(db: &Connection) -> Result<Vec<(String, i64)>, orm::Error> {
    Account::select().columns((Account::owner, Account::cents)).order_by(Account::owner).all(db)
}

/// What the closure did is kept if it gives `Ok`, and undone if it gives `Err` or panics.
fn closure(db: &Connection) -> Result<(), orm::Error> {
    db.transaction(|tx| transfer(tx, "ann", "bob", 30))?;
    println!("after a transfer:          {:?}", balances(db)?);

    // Bob has got the money when the check refuses to take it from Ann.
    let error = db.transaction(|tx| transfer(tx, "ann", "bob", 1_000)).expect_err("there is not that much");
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    println!("after one that failed:     {:?}  ({error})", balances(db)?);
    Ok(())
}

/// A transaction in a transaction is a savepoint: if it fails, the outer one can go on.
fn nested(db: &Connection) -> Result<(), orm::Error> {
    db.transaction(|tx| {
        transfer(tx, "bob", "ann", 10)?;
        if tx.transaction(|inner| transfer(inner, "bob", "ann", 1_000)).is_err() {
            transfer(tx, "bob", "ann", 5)?;
        }
        Ok::<_, orm::Error>(())
    })?;
    println!("after a nested one failed: {:?}", balances(db)?);
    Ok(())
}

/// Where a closure does not fit, a guard: dropped without `commit`, it rolls back.
fn guard(db: &mut Connection) -> Result<(), orm::Error> {
    let mut tx = db.begin()?;
    transfer(&tx, "bob", "ann", 1)?;
    let savepoint = tx.savepoint()?;
    transfer(&savepoint, "bob", "ann", 2)?;
    savepoint.rollback()?;
    tx.commit()?;

    let forgotten = db.begin()?;
    transfer(&forgotten, "bob", "ann", 4)?;
    drop(forgotten);
    println!("after guards:              {:?}", balances(db)?);
    Ok(())
}

/// Several queries of one state of the database, whatever others write meanwhile. Writing in it does not compile.
fn snapshot(db: &Connection, file: &Path) -> Result<(), orm::Error> {
    let other = Connection::open(file)?;
    db.read(|tx| {
        let before = Account::find("ann").one(tx)?;
        other.transaction(|tx| transfer(tx, "ann", "bob", 50))?;
        let after = Account::find("ann").one(tx)?;
        assert_eq!(before.cents, after.cents);
        Ok::<_, orm::Error>(())
    })?;
    println!("after a snapshot:          {:?}", balances(db)?);
    Ok(())
}

/// Runs a transaction, again if another connection writes for longer than this one waits by itself.
///
/// A transaction takes the right to write when it begins, so the closure has not run yet when the database is busy.
fn with_retries<T>(db: &Connection, body: impl Fn(&Transaction<'_>) -> Result<T, orm::Error>) -> Result<T, orm::Error> {
    let mut attempt = 1;
    loop {
        match db.transaction(&body) {
            Err(error) if error.kind() == ErrorKind::Busy && attempt < 10 => {
                println!("attempt {attempt}: {error}");
                thread::sleep(Duration::from_millis(20 * attempt));
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// Two connections that want to write at the same time. One waits for the other for 5 seconds unless told otherwise.
fn retry(db: &Connection, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let (begun, wait) = mpsc::channel();
    let busy = Connection::open(file)?;
    let writer = thread::spawn(move || {
        busy.transaction(|tx| {
            begun.send(()).expect("the other side waits");
            thread::sleep(Duration::from_millis(100));
            transfer(tx, "bob", "ann", 1)
        })
    });
    wait.recv()?;
    let impatient = Connection::options().busy_timeout(Duration::ZERO).open(file)?;
    with_retries(&impatient, |tx| transfer(tx, "bob", "ann", 1))?;
    writer.join().expect("the writer does not panic")?;
    println!("after both had their turn: {:?}", balances(db)?);
    Ok(())
}
