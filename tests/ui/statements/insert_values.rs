#[path = "../schema.rs"]
mod schema;

use schema::*;

fn nothing_given(db: &Connection) {
    let _ = Comment::insert().set(Comment::text, "!").execute(db); //~
}

fn missing_with_returning(db: &Connection) {
    let _ = User::insert().set(User::name, "Ann").returning().one(db); //~
}

fn missing_with_an_upsert(db: &Connection) {
    let _ = User::insert().set(User::name, "Ann").on_conflict(User::email).do_nothing().execute(db); //~
}

fn missing_in_to_sql() {
    let _ = User::insert().set(User::name, "Ann").to_sql(orm::sqlite::Sqlite); //~
}

fn twice(db: &Connection) {
    let _ = Comment::insert().set(Comment::text, "?").set(Comment::text, "!").set(Comment::post_id, 2).execute(db); //~
}

fn generated() {
    let _ = Post::insert().set(Post::title_length, 1).set(Post::title, "!"); //~
}

fn defaults_of_a_table_with_a_required_column(db: &Connection) {
    let _ = Event::insert().default_values().execute(db); //~
}

fn main() {}
