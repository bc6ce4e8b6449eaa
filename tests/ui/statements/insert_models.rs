#[path = "../schema.rs"]
mod schema;

use schema::*;

fn missing_field() {
    let _ = NewComment { text: "!".to_owned() }; //~
}

fn missing_argument() {
    let _ = NewComment::new(1); //~
}

fn generated_field() {
    let _ = NewPost { title_length: 5, ..NewPost::new(Uuid::nil(), "!", 1, true, Json(vec![])) }; //~
}

fn row_instead_of_the_model(db: &Connection, user: &User) {
    let _ = User::insert().values(user).execute(db); //~
}

fn one_row_for_many(db: &Connection, new: &NewUser) {
    let _ = User::insert_many(new).execute(db); //~
}

fn values_after_set(db: &Connection, new: &NewUser) {
    let _ = User::insert().set(User::name, "Ann").values(new).execute(db); //~
}

fn main() {}
