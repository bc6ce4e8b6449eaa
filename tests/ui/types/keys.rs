#[path = "../schema.rs"]
mod schema;

use schema::*;

fn other_type(db: &Connection) {
    let _ = User::find(5).one(db); //~
}

fn other_newtype(db: &Connection, badge: BadgeId) {
    let _ = Group::find(badge).one(db); //~
}

fn one_value_for_two_columns(db: &Connection, user: Uuid) {
    let _ = Membership::find(user).one(db); //~
}

fn two_values_for_one_column(db: &Connection, user: Uuid) {
    let _ = User::find((user, user)).one(db); //~
}

fn one_of_two(db: &Connection, user: Uuid) {
    let _ = Membership::find((user, user)).one(db); //~
}

fn no_key(db: &Connection) {
    let _ = Event::find(5).one(db); //~
}

fn main() {}
