#[path = "../schema.rs"]
mod schema;

use schema::*;

fn lower_bound(db: &Connection) {
    let _ = User::select().filter(User::age.between("1", 5)).all(db); //~
}

fn upper_bound(db: &Connection) {
    let _ = User::select().filter(User::age.between(1, 5.0)).all(db); //~
}

fn distinct(db: &Connection) {
    let _ = User::select().filter(User::age.is_distinct_from("1")).all(db); //~
}

fn distinct_from_an_option(db: &Connection) {
    let _ = User::select().filter(User::age.is_not_distinct_from(Some("1"))).all(db); //~
}

fn function(db: &Connection) {
    let _ = User::select().filter(User::name.eq(User::email.length())).all(db); //~
}

fn main() {}
