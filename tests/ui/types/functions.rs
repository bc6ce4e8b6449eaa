#[path = "../schema.rs"]
mod schema;

use schema::*;

fn sum_of_text(db: &Connection) {
    let _ = User::select().columns(sum(User::name)).all(db); //~
}

fn average_of_text(db: &Connection) {
    let _ = User::select().columns(avg(User::name)).all(db); //~
}

fn like_on_numbers(db: &Connection) {
    let _ = User::select().filter(User::age.like("1%")).all(db); //~
}

fn contains_on_enums(db: &Connection) {
    let _ = User::select().filter(User::role.contains("own")).all(db); //~
}

fn lower_case_of_a_number(db: &Connection) {
    let _ = User::select().columns(User::age.lower()).all(db); //~
}

fn absolute_text(db: &Connection) {
    let _ = User::select().columns(User::name.abs()).all(db); //~
}

fn main() {}
