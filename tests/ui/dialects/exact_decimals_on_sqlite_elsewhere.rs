#[path = "../schema.rs"]
mod schema;

use schema::*;

fn update(db: &Connection) {
    let _ = Invoice::update().set(Invoice::total, Invoice::total + Decimal::ONE).all_rows().execute(db); //~
}

fn delete(db: &Connection) {
    let _ = Invoice::delete().filter((Invoice::total + Decimal::ONE).gt(Decimal::TEN)).execute(db); //~
}

fn count(db: &Connection) {
    let _ = Invoice::select().filter((Invoice::total + Decimal::ONE).gt(Decimal::TEN)).count(db); //~
}

fn returning(db: &Connection) {
    let _ = Invoice::delete().all_rows().returning().columns(-Invoice::total).all(db); //~
}

fn to_sql() {
    let _ = Invoice::select().columns(sum(Invoice::total)).to_sql(orm::sqlite::Sqlite); //~
}

fn main() {}
