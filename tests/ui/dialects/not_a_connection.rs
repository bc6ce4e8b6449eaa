#[path = "../schema.rs"]
mod schema;

use schema::*;

fn path() {
    let _ = User::select().all("app.db"); //~
}

fn query() {
    let _ = User::select().all(&User::select()); //~
}

fn by_value(db: Connection) {
    let _ = User::select().all(db); //~
}

fn main() {}
