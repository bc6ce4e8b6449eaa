#[path = "../schema.rs"]
mod schema;

use orm::schema::Schema;
use schema::*;

#[derive(Table)]
#[table(name = "pages", without_rowid)]
pub struct Page {
    #[column(primary_key)]
    pub name: String,
    pub text: String,
}

fn the_first_number_of_a_view() -> Schema {
    schema! { fn schema() = [User] with [view("ones", "select 1").start(1)] } //~
    schema()
}

fn a_policy_that_cycles() -> Schema {
    schema! { fn schema() = [User] with [policy::<User>("own").cycle()] } //~
    schema()
}

fn a_sequence_that_stands_still() -> Schema {
    schema! { fn schema() = [User] with [sequence("numbers").increment(0)] } //~
    schema()
}

fn texts_without_row_ids() -> Schema {
    schema! { fn schema() = [Page] with [full_text("pages_search", (Page::text,))] } //~
    schema()
}

fn main() {}
