#[path = "../scoped_schema.rs"]
mod schema;

use schema::*;

fn wrong_type(db: &Connection) {
    let _ = Task::select().scope("x").all(db); //~
}

fn wrong_type_of_an_update(db: &Connection) {
    let _ = Task::update().set(Task::title, "x").all_rows().scope(1).execute(db); //~
}

fn one_of_two(db: &Connection) {
    let _ = Part::select().scope(1).all(db); //~
}

fn two_for_one(db: &Connection, tenant: Uuid) {
    let _ = Task::delete().scope((tenant, 1)).all_rows().execute(db); //~
}

fn none(db: &Connection, tenant: Option<Uuid>) {
    let _ = Task::select().scope(tenant).all(db); //~
}

fn table_without_scope(db: &Connection, tenant: Uuid) {
    let _ = Tenant::select().scope(tenant).all(db); //~
}

fn update_of_a_table_without_scope(db: &Connection, tenant: Uuid) {
    let _ = Tenant::update().set(Tenant::name, "x").scope(tenant).all_rows().execute(db); //~
}

fn twice(db: &Connection, tenant: Uuid) {
    let _ = Task::select().scope(tenant).scope(tenant).all(db); //~
}

fn scoped_and_not(db: &Connection, tenant: Uuid) {
    let _ = Task::select().unscoped().scope(tenant).all(db); //~
}

fn update_twice(db: &Connection, tenant: Uuid) {
    let _ = Task::update().set(Task::title, "x").scope(tenant).unscoped().all_rows().execute(db); //~
}

fn delete_twice(db: &Connection, tenant: Uuid) {
    let _ = Task::delete().scope(tenant).scope(tenant).all_rows().execute(db); //~
}

fn main() {}
