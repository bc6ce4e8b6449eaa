#[path = "../schema.rs"]
mod schema;

use schema::*;

fn connection_in_use(mut db: Connection) -> Result<(), orm::Error> {
    let tx = db.begin()?;
    User::delete().all_rows().execute(&db)?; //~
    tx.commit()
}

fn two_at_once(mut db: Connection) -> Result<(), orm::Error> {
    let tx = db.begin()?;
    let second = db.begin()?; //~
    tx.commit()?;
    second.commit()
}

fn used_after_commit(mut db: Connection) -> Result<(), orm::Error> {
    let tx = db.begin()?;
    tx.commit()?;
    User::delete().all_rows().execute(&tx).map(drop) //~
}

fn committed_twice(mut db: Connection) -> Result<(), orm::Error> {
    let tx = db.begin()?;
    tx.commit()?;
    tx.commit() //~
}

fn outer_one_in_use(mut db: Connection) -> Result<(), orm::Error> {
    let mut tx = db.begin()?;
    let inner = tx.savepoint()?;
    User::delete().all_rows().execute(&tx)?; //~
    inner.commit()
}

fn outlives_its_connection() -> Result<(), orm::Error> {
    let mut db = Connection::open_in_memory()?;
    let tx = db.begin()?;
    drop(db); //~
    tx.commit()
}

fn main() {}
