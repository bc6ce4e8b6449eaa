#[path = "../schema.rs"]
mod schema;

use schema::*;

fn group_by(db: &Connection) {
    let _ = User::select().group_by(Post::author_id).columns(count_all()).all(db); //~
}

fn having(db: &Connection) {
    let _ = User::select().group_by(User::id).having(count(Post::id).gt(3)).columns(User::name).all(db); //~
}

fn argument_of_an_aggregate(db: &Connection) {
    let _ = User::select().columns(max(Post::words)).all(db); //~
}

fn selected_from_groups(db: &Connection) {
    let _ = User::select().group_by(User::id).columns(Post::words).all(db); //~
}

fn ordering_groups(db: &Connection) {
    let _ = User::select().group_by(User::id).columns(User::id).order_by(count(Post::id)).all(db); //~
}

fn main() {}
