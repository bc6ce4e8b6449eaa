#[path = "../schema.rs"]
mod schema;

use schema::*;

fn aggregate(db: &Connection) {
    let _ = User::select().group_by(count_all()).columns(count_all()).all(db); //~
}

fn value(db: &Connection) {
    let _ = User::select().group_by("role").columns(count_all()).all(db); //~
}

fn expression(db: &Connection) {
    let _ = User::select().group_by(User::name.lower()).columns(count_all()).all(db); //~
}

fn one_of_several(db: &Connection) {
    let _ = User::select().group_by((User::role, User::name.lower())).columns(count_all()).all(db); //~
}

fn twice(db: &Connection) {
    let _ = User::select().group_by(User::role).group_by(User::name).columns(count_all()).all(db); //~
}

fn main() {}
