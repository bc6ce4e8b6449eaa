#[path = "../schema.rs"]
mod schema;

use schema::*;

fn set(db: &Connection) {
    let _ = Comment::update().set(Comment::post_id, count_all()).all_rows().execute(db); //~
}

fn values(db: &Connection) {
    let _ = Comment::insert().set(Comment::post_id, count_all()).set(Comment::text, "!").execute(db); //~
}

fn returning(db: &Connection) {
    let _ = Post::delete().all_rows().returning().columns(count_all()).all(db); //~
}

fn upsert(db: &Connection, new: &NewComment) {
    let insert = Comment::insert().values(new).on_conflict(Comment::id);
    let _ = insert.update(Comment::post_id.set(count_all())).execute(db); //~
}

fn filter_of_an_upsert(db: &Connection, new: &NewPost) {
    let upsert = Post::insert().values(new).on_conflict(Post::id).update(Post::words.set(1));
    let _ = upsert.filter(count_all().gt(1)).execute(db); //~
}

fn main() {}
