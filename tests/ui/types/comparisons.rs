#[path = "../schema.rs"]
mod schema;

use schema::*;

fn number_with_text(db: &Connection) {
    let _ = User::select().filter(User::age.eq("18")).all(db); //~
}

fn text_with_number(db: &Connection) {
    let _ = User::select().filter(User::name.gt(18)).all(db); //~
}

fn columns_of_different_types(db: &Connection) {
    let _ = User::select().inner_join(Post::on(Post::id.eq(User::id))).all(db); //~
}

fn keys_of_different_tables(db: &Connection) {
    let _ = Group::select().filter(Group::id.eq(Group::badge_id)).all(db); //~
}

fn newtype_with_its_content(db: &Connection) {
    let _ = Group::select().filter(Group::id.eq(5)).all(db); //~
}

fn enum_with_text(db: &Connection) {
    let _ = User::select().filter(User::role.ne("owner")).all(db); //~
}

fn main() {}
