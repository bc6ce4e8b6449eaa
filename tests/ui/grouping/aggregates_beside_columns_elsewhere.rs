#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(Row)]
struct Total {
    name: String,
    posts: i64,
}

fn projection(db: &Connection) {
    let _ = User::select().columns(TotalColumns { name: User::name, posts: count_all() }).all(db); //~
}

fn tuple_in_a_tuple(db: &Connection) {
    let _ = User::select().columns((User::email, (User::name, count_all()))).all(db); //~
}

fn dynamic_order(db: &Connection) {
    let _ = User::select().columns(count_all()).dynamic().order_by(User::name).all(db); //~
}

fn comparison(db: &Connection) {
    let _ = User::select().columns(max(User::age).gt(User::age)).all(db); //~
}

fn main() {}
