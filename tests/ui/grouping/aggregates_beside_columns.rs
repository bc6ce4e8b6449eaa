#[path = "../schema.rs"]
mod schema;

use schema::*;

fn tuple(db: &Connection) {
    let _ = User::select().columns((User::name, count_all())).all(db); //~
}

fn one_expression(db: &Connection) {
    let _ = Post::select().columns(sum(Post::words) + Post::id).all(db); //~
}

fn argument_of_a_function(db: &Connection) {
    let _ = Post::select().columns(coalesce(max(Post::words), Post::words)).all(db); //~
}

fn order(db: &Connection) {
    let _ = User::select().columns(count_all()).order_by(User::name).all(db); //~
}

fn order_before_columns(db: &Connection) {
    let _ = User::select().order_by(User::name).columns(count_all()).all(db); //~
}

fn order_of_whole_rows(db: &Connection) {
    let _ = User::select().order_by(count_all()).all(db); //~
}

fn main() {}
