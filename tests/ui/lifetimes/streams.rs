#[path = "../schema.rs"]
mod schema;

use schema::*;

fn outlives_its_connection() -> Result<(), orm::Error> {
    let db = Connection::open_in_memory()?;
    let users = User::select().stream(&db);
    drop(db); //~
    users.for_each(drop);
    Ok(())
}

fn returned() -> impl Iterator<Item = Result<User, orm::Error>> {
    let db = Connection::open_in_memory().unwrap();
    User::select().stream(&db) //~
}

fn begins_a_transaction(mut db: Connection) -> Result<(), orm::Error> {
    let users = User::select().stream(&db);
    let tx = db.begin()?; //~
    users.for_each(drop);
    tx.commit()
}

fn main() {}
