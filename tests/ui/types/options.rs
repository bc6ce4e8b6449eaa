#[path = "../schema.rs"]
mod schema;

use schema::*;

fn none(db: &Connection) {
    let _ = User::select().filter(User::age.eq(None)).all(db); //~
}

fn typed_none(db: &Connection) {
    let _ = User::select().filter(User::age.ne(None::<i32>)).all(db); //~
}

fn option(db: &Connection, age: Option<i32>) {
    let _ = User::select().filter(User::age.eq(age)).all(db); //~
}

fn option_of_a_text(db: &Connection, name: Option<&str>) {
    let _ = User::select().filter(User::name.eq(name)).all(db); //~
}

fn order(db: &Connection, age: Option<i32>) {
    let _ = User::select().filter(User::age.lt(age)).all(db); //~
}

fn concatenated(db: &Connection, name: Option<&str>) {
    let _ = User::select().columns(User::name.concat(name)).all(db); //~
}

fn main() {}
