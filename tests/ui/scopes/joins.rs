#[path = "../scoped_schema.rs"]
mod schema;

use schema::*;

fn nothing_said(db: &Connection) {
    let _ = Task::select().inner_join(Step::on(Step::task_id.eq(Task::id))).all(db); //~
}

fn joined_to_a_table_without_scope(db: &Connection) {
    let _ = Tenant::select().left_join(Task::on(Task::tenant_id.eq(Tenant::id))).all(db); //~
}

fn two_joined_to_a_table_without_scope(db: &Connection) {
    let tasks = Tenant::select().left_join(Task::on(Task::tenant_id.eq(Tenant::id)));
    let _ = tasks.left_join(Step::on(Step::task_id.eq(Task::id))).all(db); //~
}

fn cross_join(db: &Connection) {
    let _ = Tenant::select().cross_join::<Step>().count(db); //~
}

fn another_type(db: &Connection, tenant: Uuid) {
    let _ = Task::select().scope(tenant).inner_join(Depot::on(Depot::id.eq(Task::id))).all(db); //~
}

fn another_number_of_columns(db: &Connection) {
    let _ = Depot::select().scope(1).inner_join(Part::on(Part::id.eq(Depot::id))).all(db); //~
}

fn said_after_the_join(db: &Connection, tenant: Uuid) {
    let _ = Task::select().inner_join(Step::on(Step::task_id.eq(Task::id))).scope(tenant).all(db); //~
}

fn unscoped_after_the_join(db: &Connection) {
    let _ = Task::select().inner_join(Step::on(Step::task_id.eq(Task::id))).unscoped().all(db); //~
}

fn deleted_after_the_join(db: &Connection, tenant: Uuid) {
    let _ = Task::select().scope(tenant).inner_join(Step::on(Step::task_id.eq(Task::id))).with_deleted().all(db); //~
}

fn main() {}
