#[path = "../schema.rs"]
mod schema;

use schema::*;

fn other_type(db: &Connection) {
    let _ = User::select().filter(User::age.in_list(["1"])).all(db); //~
}

fn slice_of_another_type(db: &Connection, ids: &[i64]) {
    let _ = User::select().filter(User::id.in_list(ids)).all(db); //~
}

fn options(db: &Connection) {
    let _ = User::select().filter(User::age.in_list([Some(1), None])).all(db); //~
}

fn no_list(db: &Connection) {
    let _ = User::select().filter(User::age.in_list(1)).all(db); //~
}

fn range(db: &Connection) {
    let _ = User::select().filter(User::age.in_list(1..5)).all(db); //~
}

fn main() {}
