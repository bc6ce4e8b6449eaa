#[path = "../schema.rs"]
mod schema;

use schema::*;

fn nothing(db: &Connection) {
    let _ = User::select().columns(()).all(db); //~
}

fn value(db: &Connection) {
    let _ = User::select().columns("name").all(db); //~
}

fn assignment(db: &Connection) {
    let _ = User::select().columns(User::name.set("Ann")).all(db); //~
}

fn order(db: &Connection) {
    let _ = User::select().order_by("name").all(db); //~
}

fn query(db: &Connection) {
    let _ = User::select().inner_join(Post::select()).all(db); //~
}

fn value_in_a_tuple(db: &Connection) {
    let _ = User::select()
        .columns((
            User::name,
            "name", //~
        ))
        .all(db);
}

fn main() {}
