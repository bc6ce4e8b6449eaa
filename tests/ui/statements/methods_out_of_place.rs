#[path = "../schema.rs"]
mod schema;

use schema::*;

fn having_before_group_by(db: &Connection) {
    let _ = User::select().having(count_all().gt(1)).group_by(User::role).columns(User::role).all(db); //~
}

fn join_after_columns(db: &Connection) {
    let _ = User::select().columns(User::name).cross_join::<Post>().all(db); //~
}

fn group_by_after_columns(db: &Connection) {
    let _ = User::select().columns(User::name).group_by(User::name).columns(User::name).all(db); //~
}

fn returning_twice(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).returning().returning().one(db); //~
}

fn rows_of_a_statement_that_gives_none(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).one(db); //~
}

fn limit_on_a_delete(db: &Connection) {
    let _ = User::delete().all_rows().limit(5).execute(db); //~
}

fn order_on_an_update(db: &Connection) {
    let _ = User::update().set(User::name, "Ann").all_rows().order_by(User::name).execute(db); //~
}

fn main() {}
