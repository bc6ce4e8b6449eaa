#[path = "../schema.rs"]
mod schema;

use schema::*;

fn compared(db: &Connection) {
    let _ = User::select().filter(User::age.eq(3_000_000_000)).all(db); //~
}

fn set(db: &Connection) {
    let _ = User::update().set(User::age, 3_000_000_000).all_rows().execute(db); //~
}

fn main() {}
