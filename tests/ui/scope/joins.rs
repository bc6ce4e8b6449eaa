#[path = "../schema.rs"]
mod schema;

use schema::*;

fn joined_later(db: &Connection) {
    let _ = User::select()
        .inner_join(Comment::on(Comment::post_id.eq(Post::id))) //~
        .inner_join(Post::on(Post::author_id.eq(User::id)))
        .all(db);
}

fn never_joined(db: &Connection) {
    let _ = User::select().left_join(Post::on(Post::author_id.eq(Membership::user_id))).all(db); //~
}

fn the_same_table_twice(db: &Connection) {
    let _ = Employee::select().left_join(Employee::on(Employee::manager_id.eq(Employee::id))).all(db); //~
}

fn the_same_table_twice_crosswise(db: &Connection) {
    let _ = User::select().cross_join::<Post>().cross_join::<User>().all(db); //~
}

fn the_same_alias_twice(db: &Connection) {
    let manager = Employee::alias::<Manager>();
    let _ = Employee::select()
        .left_join(manager.on(manager.id.eq(Employee::manager_id)))
        .left_join(manager.on(manager.id.eq(Employee::manager_id))) //~
        .all(db);
}

fn main() {}
