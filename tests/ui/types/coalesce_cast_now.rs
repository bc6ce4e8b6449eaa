#[path = "../schema.rs"]
mod schema;

use schema::*;

fn other_type(db: &Connection) {
    let _ = User::select().columns(coalesce(User::age, "none")).all(db); //~
}

fn narrower_type(db: &Connection) {
    let _ = Post::select().columns(Post::id.cast::<i32>()).all(db); //~
}

fn text_to_number(db: &Connection) {
    let _ = Post::select().columns(Post::title.cast::<i64>()).all(db); //~
}

fn time_as_text(db: &Connection) {
    let _ = User::select().filter(User::name.eq(now())).all(db); //~
}

fn main() {}
