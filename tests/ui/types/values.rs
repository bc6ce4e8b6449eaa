#[path = "../schema.rs"]
mod schema;

use schema::*;

fn inserted(db: &Connection) {
    let _ = Comment::insert().set(Comment::post_id, "1").set(Comment::text, "!").execute(db); //~
}

fn updated(db: &Connection) {
    let _ = User::update().set(User::name, 5).all_rows().execute(db); //~
}

fn of_a_wider_type(db: &Connection, age: i64) {
    let _ = User::update().set(User::age, age).all_rows().execute(db); //~
}

fn upserted(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).on_conflict(User::email).update(User::name.set(5)).execute(db); //~
}

fn from_a_column(db: &Connection) {
    let _ = Post::update().set(Post::title, Post::words).all_rows().execute(db); //~
}

fn new_row() {
    let _ = NewUser { age: Some("18"), ..NewUser::new("ann@example.com", "Ann") }; //~
}

fn model_of_another_table(db: &Connection, new: &NewUser) {
    let _ = Comment::insert().values(new).execute(db); //~
}

fn rows_of_another_table(db: &Connection, new: &[NewUser]) {
    let _ = Comment::insert_many(new).execute(db); //~
}

fn main() {}
