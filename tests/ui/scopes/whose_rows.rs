#[path = "../scoped_schema.rs"]
mod schema;

use orm::sqlite::Sqlite;
use schema::*;

fn all(db: &Connection) {
    let _ = Task::select().all(db); //~
}

fn one(db: &Connection) {
    let _ = Task::find(1).one(db); //~
}

fn optional(db: &Connection) {
    let _ = Task::select().filter(Task::id.eq(1)).optional(db); //~
}

fn first(db: &Connection) {
    let _ = Task::select().order_by(Task::id).first(db); //~
}

fn stream(db: &Connection) {
    let _ = Task::select().columns(Task::title).stream(db); //~
}

fn explain(db: &Connection) {
    let _ = Task::select().explain(db); //~
}

fn counting(db: &Connection) {
    let _ = Task::select().count(db); //~
}

fn exists(db: &Connection) {
    let _ = Task::select().exists(db); //~
}

fn to_sql() {
    let _ = Task::select().to_sql(Sqlite); //~
}

fn dynamic() {
    let _ = Task::select().dynamic(); //~
}

fn expression_beside_rows() {
    let _ = Task::select().extra("next", Task::id + 1); //~
}

fn grouped(db: &Connection) {
    let _ = Task::select().group_by(Task::title).columns((Task::title, count_all())).all(db); //~
}

fn deleted_rows_too(db: &Connection) {
    let _ = Task::select().with_deleted().all(db); //~
}

fn alias(db: &Connection) {
    let _ = Task::alias::<Other>().select().all(db); //~
}

fn several_columns(db: &Connection) {
    let _ = Part::select().all(db); //~
}

fn update(db: &Connection) {
    let _ = Task::update().set(Task::title, "x").all_rows().execute(db); //~
}

fn update_with_returning(db: &Connection) {
    let _ = Task::update().set(Task::title, "x").all_rows().returning().all(db); //~
}

fn update_of_a_version(db: &Connection) {
    let _ = Task::update().set(Task::title, "x").filter(Task::id.eq(1)).version(1).execute(db); //~
}

fn update_to_sql() {
    let _ = Task::update().set(Task::title, "x").all_rows().to_sql(Sqlite); //~
}

fn delete(db: &Connection) {
    let _ = Task::delete().filter(Task::id.eq(1)).execute(db); //~
}

fn delete_with_returning(db: &Connection) {
    let _ = Task::delete().filter(Task::id.eq(1)).returning().all(db); //~
}

fn hard_delete(db: &Connection) {
    let _ = Task::hard_delete().filter(Task::id.eq(1)).execute(db); //~
}

fn delete_to_sql() {
    let _ = Step::delete().all_rows().to_sql(Sqlite); //~
}

fn insert(db: &Connection) {
    let _ = Step::insert().set(Step::id, 1).set(Step::task_id, 1).execute(db); //~
}

fn main() {}
