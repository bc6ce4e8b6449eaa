#[path = "../schema.rs"]
mod schema;

use schema::*;

fn json(db: &Connection) {
    let _ = Post::select().filter(Post::tags.eq(Json(vec![]))).all(db); //~
}

fn json_list(db: &Connection) {
    let _ = Post::select().filter(Post::tags.in_list([Json(vec![])])).all(db); //~
}

fn order_of_an_enum(db: &Connection) {
    let _ = User::select().filter(User::role.gt(Role::Owner)).all(db); //~
}

fn greatest_json(db: &Connection) {
    let _ = Post::select().columns(max(Post::tags)).all(db); //~
}

fn smallest_boolean(db: &Connection) {
    let _ = Post::select().columns(min(Post::published)).all(db); //~
}

fn main() {}
