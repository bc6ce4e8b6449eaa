#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(Row)]
struct Written {
    author: String,
    title: String,
}

#[derive(Row)]
struct Activity {
    name: String,
    posts: i64,
    words: i32,
}

fn right_side_of_a_left_join(db: &Connection) {
    let _ = User::select()
        .left_join(Post::on(Post::author_id.eq(User::id)))
        .columns(WrittenColumns {
            author: User::name,
            title: Post::title, //~
        })
        .all(db);
}

fn greatest_of_possibly_no_rows(db: &Connection) {
    let _ = User::select()
        .left_join(Post::on(Post::author_id.eq(User::id)))
        .group_by(User::id)
        .columns(ActivityColumns {
            name: User::name,
            posts: count(Post::id),
            words: max(Post::words), //~
        })
        .all(db);
}

fn other_type(db: &Connection) {
    let _ = Post::select()
        .columns(ActivityColumns {
            name: Post::title,
            posts: Post::words, //~
            words: Post::words,
        })
        .all(db);
}

fn unknown_field(db: &Connection) {
    let _ = Post::select()
        .columns(ActivityColumns {
            name: Post::title,
            posts: Post::id,
            word: Post::words, //~
        })
        .all(db);
}

fn missing_field(db: &Connection) {
    let _ = Post::select().columns(ActivityColumns { name: Post::title, posts: Post::id }).all(db); //~
}

fn main() {}
