#[path = "../schema.rs"]
mod schema;

use orm::{Database, postgres, sqlite};
use schema::*;

async fn insert(db: &postgres::Pool, new: &NewUser) -> Result<u64, orm::Error> {
    db.read(async |tx| User::insert().values(new).execute(tx).await).await //~
}

async fn update(db: &sqlite::Pool) -> Result<u64, orm::Error> {
    db.read(async |tx| User::update().set(User::name, "Ann").all_rows().execute(tx).await).await //~
}

async fn delete(db: &Database) -> Result<u64, orm::Error> {
    db.read(async |tx| User::delete().all_rows().execute(tx).await).await //~
}

async fn savepoint(db: &Database) -> Result<(), orm::Error> {
    db.read(async |tx| tx.transaction(async |_| Ok(())).await).await //~
}

fn main() {}
