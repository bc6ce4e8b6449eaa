#[path = "../schema.rs"]
mod schema;

use schema::*;

fn update(db: &Connection) {
    let _ = User::update().set(User::name, "Ann").execute(db); //~
}

fn update_with_returning(db: &Connection) {
    let _ = User::update().set(User::name, "Ann").returning().all(db); //~
}

fn update_with_changes(db: &Connection, changes: &UserChanges) {
    let _ = User::update().changes(changes).execute(db); //~
}

fn delete(db: &Connection) {
    let _ = User::delete().execute(db); //~
}

fn delete_with_returning(db: &Connection) {
    let _ = User::delete().returning().all(db); //~
}

fn to_sql() {
    let _ = User::delete().to_sql(orm::sqlite::Sqlite); //~
}

fn main() {}
