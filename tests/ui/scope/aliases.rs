#[path = "../schema.rs"]
mod schema;

use schema::*;

fn column_of_the_table(db: &Connection) {
    let manager = Employee::alias::<Manager>();
    let _ = manager.select().filter(Employee::name.eq("Ann")).all(db); //~
}

fn column_of_another_alias(db: &Connection) {
    let manager = Employee::alias::<Manager>();
    let director = Employee::alias::<Director>();
    let _ = manager.select().columns(director.name).all(db); //~
}

fn column_of_an_alias_that_is_not_joined(db: &Connection) {
    let manager = Employee::alias::<Manager>();
    let _ = Employee::select().order_by(manager.name).all(db); //~
}

fn main() {}
