#[path = "../schema.rs"]
mod schema;

use schema::*;

fn text_plus_text(db: &Connection) {
    let _ = User::select().columns(User::name + "!").all(db); //~
}

fn number_plus_text(db: &Connection) {
    let _ = User::select().columns(User::age + "1").all(db); //~
}

fn numbers_of_different_types(db: &Connection) {
    let _ = Post::select().columns(Post::words + Post::id).all(db); //~
}

fn text_with_a_number_behind_it(db: &Connection) {
    let _ = User::select().columns(User::name.concat(User::age)).all(db); //~
}

fn number_with_text_behind_it(db: &Connection) {
    let _ = User::select().columns(User::age.concat("!")).all(db); //~
}

fn column_as_a_pattern(db: &Connection) {
    let _ = User::select().filter(User::name.like(User::email)).all(db); //~
}

fn main() {}
