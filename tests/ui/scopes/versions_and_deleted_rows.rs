#[path = "../scoped_schema.rs"]
mod schema;

use schema::*;

fn set_a_version(db: &Connection) {
    let _ = Task::update().unscoped().set(Task::version, 5).all_rows().execute(db); //~
}

fn changes_have_no_version() {
    let _ = TaskChanges { version: Some(5), ..TaskChanges::default() }; //~
}

fn upsert_of_a_version(db: &Connection, tenant: Uuid) {
    let insert = Task::insert().set(Task::id, 1).set(Task::tenant_id, tenant).set(Task::title, "x");
    let _ = insert.on_conflict(Task::id).update(Task::version.set(5)).execute(db); //~
}

fn version_of_another_type(db: &Connection) {
    let _ = Task::update().unscoped().set(Task::title, "x").all_rows().version("1").execute(db); //~
}

fn version_of_a_table_without(db: &Connection) {
    let _ = Tenant::update().set(Tenant::name, "x").all_rows().version(1).execute(db); //~
}

fn delete_of_a_version_without(db: &Connection) {
    let _ = Tenant::delete().all_rows().version(1).execute(db); //~
}

fn version_twice(db: &Connection) {
    let _ = Task::delete().unscoped().all_rows().version(1).version(1).execute(db); //~
}

fn hard_delete_of_a_table_without_deleted_rows(db: &Connection) {
    let _ = Tenant::hard_delete().all_rows().execute(db); //~
}

fn update_of_deleted_rows_that_are_not_kept(db: &Connection) {
    let _ = Tenant::update().set(Tenant::name, "x").with_deleted().all_rows().execute(db); //~
}

fn delete_without_a_filter(db: &Connection) {
    let _ = Task::delete().unscoped().execute(db); //~
}

fn main() {}
