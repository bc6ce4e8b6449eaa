#[path = "../schema.rs"]
mod schema;

use schema::*;

fn selected(db: &Connection) {
    let _ = User::select().group_by(User::role).columns(User::name).all(db); //~
}

fn having(db: &Connection) {
    let _ = User::select().group_by(User::role).having(User::name.eq("Ann")).columns(User::role).all(db); //~
}

fn order(db: &Connection) {
    let _ = User::select().group_by(User::role).columns(User::role).order_by(User::name).all(db); //~
}

fn half_of_a_key(db: &Connection) {
    let _ = Membership::select().group_by(Membership::user_id).columns(Membership::rank).all(db); //~
}

fn whole_row(db: &Connection) {
    let _ = User::select().group_by(User::role).all(db); //~
}

fn in_a_tuple(db: &Connection) {
    let _ = User::select()
        .group_by(User::role)
        .columns((
            User::role,
            User::name, //~
        ))
        .all(db);
}

fn of_another_table(db: &Connection) {
    let _ = User::select()
        .inner_join(Post::on(Post::author_id.eq(User::id)))
        .group_by(User::id)
        .columns(Post::title) //~
        .all(db);
}

fn in_an_expression(db: &Connection) {
    let _ = User::select().group_by(User::role).columns(User::name.lower().concat("!")).all(db); //~
}

fn main() {}
