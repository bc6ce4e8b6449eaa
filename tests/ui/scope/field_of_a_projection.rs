#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(Row)]
struct Titled {
    name: String,
    title: String,
}

fn field(db: &Connection) {
    let _ = User::select()
        .columns(TitledColumns {
            name: User::name,
            title: Post::title, //~
        })
        .all(db);
}

fn main() {}
