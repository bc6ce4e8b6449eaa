#[path = "../schema.rs"]
mod schema;

use schema::*;

fn nothing_set(db: &Connection) {
    let _ = User::update().filter(User::name.eq("Ann")).execute(db); //~
}

fn primary_key(db: &Connection, id: Uuid) {
    let _ = User::update().set(User::id, id).all_rows().execute(db); //~
}

fn key_that_is_none(db: &Connection) {
    let _ = User::update().set_key(User::name, "Ann").all_rows().execute(db); //~
}

fn generated(db: &Connection) {
    let _ = Post::update().set(Post::title_length, 5).all_rows().execute(db); //~
}

fn expression(db: &Connection) {
    let _ = Post::update().set(Post::words + 1, 5).all_rows().execute(db); //~
}

fn twice(db: &Connection) {
    let _ = Post::update().set(Post::words, 1).set(Post::words, 2).all_rows().execute(db); //~
}

fn model_of_another_table(db: &Connection, changes: &UserChanges) {
    let _ = Post::update().changes(changes).all_rows().execute(db); //~
}

fn main() {}
