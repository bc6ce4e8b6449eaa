#[path = "../schema.rs"]
mod schema;

use schema::*;

fn select_list(db: &Connection) {
    let _ = User::select().columns(Post::title).all(db); //~
}

fn filter(db: &Connection) {
    let _ = User::select().filter(Post::published.eq(true)).all(db); //~
}

fn one_half_of_a_filter(db: &Connection) {
    let _ = User::select().filter(User::age.gt(18).and(Post::words.gt(5))).all(db); //~
}

fn order_by(db: &Connection) {
    let _ = User::select().order_by(Post::title.desc()).all(db); //~
}

fn in_a_tuple(db: &Connection) {
    let _ = User::select()
        .columns((
            User::name,
            Post::title, //~
        ))
        .all(db);
}

fn one_key_of_an_order(db: &Connection) {
    let _ = User::select()
        .order_by((
            User::name,
            Post::title, //~
        ))
        .all(db);
}

fn main() {}
