#[path = "../schema.rs"]
mod schema;

use schema::*;

fn excluded_in_a_select(db: &Connection) {
    let _ = User::select().filter(User::name.eq(User::name.excluded())).all(db); //~
}

fn excluded_in_an_update(db: &Connection) {
    let _ = User::update().set(User::name, User::name.excluded()).all_rows().execute(db); //~
}

fn column_of_another_table(db: &Connection, new: &NewUser) {
    let insert = User::insert().values(new).on_conflict(User::email);
    let _ = insert.update(Post::title.set("!")).execute(db); //~
}

fn value_from_another_table(db: &Connection, new: &[NewUser]) {
    let insert = User::insert_many(new).on_conflict(User::email);
    let _ = insert.update(User::name.set(Post::title)).execute(db); //~
}

fn filter(db: &Connection, new: &NewUser) {
    let upsert = User::insert().values(new).on_conflict(User::email).update(User::name.set_to_excluded());
    let _ = upsert.filter(Post::words.gt(1)).execute(db); //~
}

fn target_of_another_table(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).on_conflict(Post::id).do_nothing().execute(db); //~
}

fn main() {}
