#[path = "../schema.rs"]
mod schema;

use orm::Database;
use schema::*;

async fn after_the_commit(db: &Database) -> Result<(), orm::Error> {
    let tx = db.begin().await?;
    tx.commit().await?;
    User::delete().all_rows().execute(&tx).await?; //~
    Ok(())
}

async fn outer_beside_its_savepoint(db: &Database) -> Result<(), orm::Error> {
    let mut tx = db.begin().await?;
    let savepoint = tx.savepoint().await?;
    User::delete().all_rows().execute(&tx).await?; //~
    savepoint.commit().await
}

fn main() {}
