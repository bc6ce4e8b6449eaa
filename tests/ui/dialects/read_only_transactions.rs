#[path = "../schema.rs"]
mod schema;

use schema::*;

fn insert(db: &Connection, new: &NewUser) -> Result<u64, orm::Error> {
    db.read(|tx| User::insert().values(new).execute(tx)) //~
}

fn insert_many(db: &Connection, new: &[NewUser]) -> Result<u64, orm::Error> {
    db.read(|tx| User::insert_many(new).execute(tx)) //~
}

fn update(db: &Connection) -> Result<u64, orm::Error> {
    db.read(|tx| User::update().set(User::name, "Ann").all_rows().execute(tx)) //~
}

fn delete(db: &Connection) -> Result<u64, orm::Error> {
    db.read(|tx| User::delete().all_rows().execute(tx)) //~
}

fn returning(db: &Connection) -> Result<Vec<User>, orm::Error> {
    db.read(|tx| User::delete().all_rows().returning().all(tx)) //~
}

fn savepoint(db: &Connection) -> Result<(), orm::Error> {
    db.read(|tx| tx.transaction(|_| Ok(()))) //~
}

fn main() {}
