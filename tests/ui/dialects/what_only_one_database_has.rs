#[path = "../schema.rs"]
mod schema;

use orm::Database;
use schema::*;

async fn sum_of_decimals(db: &Database) {
    let _ = Invoice::select().columns(sum(Invoice::total)).one(db).await; //~
}

async fn arithmetic(db: &Database) {
    let _ = Invoice::select().columns(Invoice::total + Invoice::total).all(db).await; //~
}

async fn in_a_transaction(db: &Database) -> Result<(), orm::Error> {
    db.transaction(async |tx| {
        let _ = Invoice::select().filter((Invoice::total + Decimal::ONE).gt(Decimal::TEN)).all(tx).await; //~
        Ok(())
    })
    .await
}

fn main() {}
