#[path = "../schema.rs"]
mod schema;

use schema::*;

fn column_of_another_table(db: &Connection) {
    let _ = Comment::insert().set(Comment::post_id, 1).set(Post::words, 5).execute(db); //~
}

fn value_from_another_table(db: &Connection) {
    let _ = Comment::insert().set(Comment::post_id, Post::id).set(Comment::text, "!").execute(db); //~
}

fn value_from_the_same_table(db: &Connection) {
    let _ = Comment::insert().set(Comment::post_id, 1).set(Comment::text, Comment::text).execute(db); //~
}

fn returning(db: &Connection, new: &NewComment) {
    let _ = Comment::insert().values(new).returning().columns(Post::id).one(db); //~
}

fn returning_of_many(db: &Connection, new: &[NewComment]) {
    let _ = Comment::insert_many(new).returning().columns(Post::id).all(db); //~
}

fn main() {}
