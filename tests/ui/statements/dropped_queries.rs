#![deny(unused_must_use)]

#[path = "../schema.rs"]
mod schema;

use schema::*;

fn select() {
    User::select().filter(User::name.eq("Ann")); //~
}

fn insert(new: &NewUser) {
    User::insert().values(new); //~
}

fn insert_many(new: &[NewUser]) {
    User::insert_many(new); //~
}

fn upsert(new: &NewUser) {
    User::insert().values(new).on_conflict(User::email).do_nothing(); //~
}

fn conflict(new: &NewUser) {
    User::insert().values(new).on_conflict(User::email); //~
}

fn update() {
    User::update().set(User::name, "Ann").all_rows(); //~
}

fn delete() {
    User::delete().all_rows(); //~
}

fn returning() {
    User::delete().all_rows().returning(); //~
}

fn dynamic() {
    User::select().dynamic(); //~
}

fn join() {
    Post::on(Post::author_id.eq(User::id)); //~
}

fn main() {}
