#[path = "../schema.rs"]
mod schema;

use schema::*;

fn column(db: &Connection) {
    let _ = User::select().filter(User::age).all(db); //~
}

fn value(db: &Connection) {
    let _ = User::select().filter(true).all(db); //~
}

fn operand_of_and(db: &Connection) {
    let _ = User::select().filter(User::age.gt(18).and(User::name)).all(db); //~
}

fn negated(db: &Connection) {
    let _ = User::select().filter(not(User::name)).all(db); //~
}

fn having(db: &Connection) {
    let _ = User::select().group_by(User::role).having(count_all()).columns(User::role).all(db); //~
}

fn join(db: &Connection) {
    let _ = User::select().left_join(Post::on(Post::author_id)).all(db); //~
}

fn main() {}
