#[path = "../schema.rs"]
mod schema;

use schema::*;

fn sum_of_decimals(db: &Connection) {
    let _ = Invoice::select().columns(sum(Invoice::total)).one(db); //~
}

fn average_of_decimals(db: &Connection) {
    let _ = Invoice::select().columns(avg(Invoice::total)).one(db); //~
}

fn arithmetic(db: &Connection) {
    let _ = Invoice::select().columns(Invoice::total + Invoice::total).all(db); //~
}

fn filter(db: &Connection) {
    let _ = Invoice::select().filter((Invoice::total + Decimal::ONE).gt(Decimal::TEN)).all(db); //~
}

fn order(db: &Connection) {
    let _ = Invoice::select().order_by(-Invoice::total).all(db); //~
}

fn dynamic(db: &Connection) {
    let _ = Invoice::select().dynamic().filter((Invoice::total + Decimal::ONE).gt(Decimal::TEN)).all(db); //~
}

fn main() {}
