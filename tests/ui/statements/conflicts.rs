#[path = "../schema.rs"]
mod schema;

use schema::*;

fn not_unique(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).on_conflict(User::name).do_nothing().execute(db); //~
}

fn not_unique_together(db: &Connection, new: &NewMembership) {
    let target = (Membership::user_id, Membership::seat);
    let _ = Membership::insert().values(new).on_conflict(target).do_nothing().execute(db); //~
}

fn part_of_a_key(db: &Connection, new: &[NewMembership]) {
    let _ = Membership::insert_many(new).on_conflict(Membership::user_id).do_nothing().execute(db); //~
}

fn empty_update(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).on_conflict(User::email).update(()).execute(db); //~
}

fn no_answer(db: &Connection, new: &NewUser) {
    let _ = User::insert().values(new).on_conflict(User::email).execute(db); //~
}

fn not_an_assignment(db: &Connection, new: &[NewUser]) {
    let _ = User::insert_many(new).on_conflict(User::email).update("Ann").execute(db); //~
}

fn primary_key(db: &Connection, new: &NewUser) {
    let insert = User::insert().values(new).on_conflict(User::email);
    let _ = insert.update(User::id.set_to_excluded()).execute(db); //~
}

fn generated_column(db: &Connection, new: &NewPost) {
    let insert = Post::insert().values(new).on_conflict(Post::id);
    let _ = insert.update((Post::words.set(1), Post::title_length.set(2))).execute(db); //~
}

fn main() {}
