#[path = "../schema.rs"]
mod schema;

use schema::*;

fn filter(db: &Connection) {
    let _ = User::select().filter(count_all().gt(1)).all(db); //~
}

fn join(db: &Connection) {
    let _ = User::select().left_join(Post::on(count_all().gt(1))).all(db); //~
}

fn nested(db: &Connection) {
    let _ = Post::select().columns(max(sum(Post::words))).all(db); //~
}

fn filter_of_an_update(db: &Connection) {
    let _ = Post::update().set(Post::words, 1).filter(max(Post::words).gt(1)).execute(db); //~
}

fn filter_of_a_delete(db: &Connection) {
    let _ = Post::delete().filter(max(Post::words).gt(1)).execute(db); //~
}

fn dynamic_filter(db: &Connection) {
    let _ = Post::select().dynamic().filter(max(Post::words).gt(1)).all(db); //~
}

fn main() {}
