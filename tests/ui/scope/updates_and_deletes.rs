#[path = "../schema.rs"]
mod schema;

use schema::*;

fn filter_of_an_update(db: &Connection) {
    let _ = User::update().set(User::name, "Ann").filter(Post::id.eq(1)).execute(db); //~
}

fn filter_of_a_delete(db: &Connection) {
    let _ = User::delete().filter(Post::id.eq(1)).execute(db); //~
}

fn value_from_another_table(db: &Connection) {
    let _ = User::update().set(User::name, Post::title).all_rows().execute(db); //~
}

fn column_of_another_table(db: &Connection) {
    let _ = User::update().set(Post::title, "Ann").all_rows().execute(db); //~
}

fn returning(db: &Connection) {
    let _ = User::delete().all_rows().returning().columns(Post::title).all(db); //~
}

fn main() {}
