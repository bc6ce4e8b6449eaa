#[path = "../schema.rs"]
mod schema;

use schema::*;

fn update(db: &Connection) {
    let _ = User::update().set(User::name, "Ann").filter(User::age + 1).execute(db); //~
}

fn delete(db: &Connection) {
    let _ = User::delete().filter(User::name).execute(db); //~
}

fn dynamic(db: &Connection) {
    let _ = User::select().dynamic().filter(User::age).all(db); //~
}

fn many(db: &Connection) {
    let _ = User::select().filter(all([User::age, User::age])).all(db); //~
}

fn absent(db: &Connection) {
    let _ = User::select().filter(Some(User::age)).all(db); //~
}

fn upsert(db: &Connection, new: &NewUser) {
    let upsert = User::insert().values(new).on_conflict(User::email).update(User::name.set_to_excluded());
    let _ = upsert.filter(User::age).execute(db); //~
}

fn alias(db: &Connection) {
    let manager = Employee::alias::<Manager>();
    let _ = Employee::select().left_join(manager.on(manager.id)).all(db); //~
}

fn main() {}
