#[path = "../schema.rs"]
mod schema;

use schema::*;

fn count(db: &Connection) {
    let _ = User::select().filter(Post::published.eq(true)).count(db); //~
}

fn exists(db: &Connection) {
    let _ = User::select().filter(Post::published.eq(true)).exists(db); //~
}

fn stream(db: &Connection) {
    let _ = User::select().filter(Post::published.eq(true)).stream(db); //~
}

fn to_sql() {
    let _ = User::select().filter(Post::published.eq(true)).to_sql(orm::sqlite::Sqlite); //~
}

fn dynamic_filter(db: &Connection) {
    let _ = User::select().dynamic().filter(Post::published.eq(true)).all(db); //~
}

fn dynamic_order(db: &Connection) {
    let _ = User::select().dynamic().order_by(Post::title).all(db); //~
}

fn find(db: &Connection, id: Uuid) {
    let _ = User::find(id).columns(Post::title).one(db); //~
}

fn main() {}
