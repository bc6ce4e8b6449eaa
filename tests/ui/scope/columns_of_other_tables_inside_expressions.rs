#[path = "../schema.rs"]
mod schema;

use schema::*;

fn argument_of_a_function(db: &Connection) {
    let _ = User::select().columns(Post::title.lower()).all(db); //~
}

fn second_argument_of_a_function(db: &Connection) {
    let _ = User::select().columns(coalesce(User::name, Post::title)).all(db); //~
}

fn operand(db: &Connection) {
    let _ = User::select().columns(User::age + Post::words).all(db); //~
}

fn upper_bound(db: &Connection) {
    let _ = User::select().filter(User::age.between(1, Post::words)).all(db); //~
}

fn optional_filter(db: &Connection, title: Option<&str>) {
    let _ = User::select().filter(title.map(|title| Post::title.eq(title))).all(db); //~
}

fn one_of_many_conditions(db: &Connection) {
    let _ = User::select().filter(any([Post::words.gt(1), Post::words.gt(5)])).all(db); //~
}

fn main() {}
