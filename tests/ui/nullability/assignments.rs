#[path = "../schema.rs"]
mod schema;

use schema::*;

fn nullable_value(db: &Connection, name: Option<String>) {
    let _ = User::update().set(User::name, name).all_rows().execute(db); //~
}

fn none(db: &Connection) {
    let _ = User::update().set(User::name, None::<String>).all_rows().execute(db); //~
}

fn nullable_expression(db: &Connection) {
    let _ = Post::update().set(Post::title, Post::subtitle).all_rows().execute(db); //~
}

fn inserted(db: &Connection, text: Option<&str>) {
    let _ = Comment::insert().set(Comment::post_id, 1).set(Comment::text, text).execute(db); //~
}

fn upserted(db: &Connection, new: &NewUser, name: Option<&str>) {
    let insert = User::insert().values(new).on_conflict(User::email);
    let _ = insert.update(User::name.set(name)).execute(db); //~
}

fn new_row(name: Option<String>) {
    let _ = NewUser { name, ..NewUser::new("ann@example.com", "Ann") }; //~
}

fn main() {}
