#[path = "../schema.rs"]
mod schema;

use orm::schema::Schema;
use schema::*;

#[derive(View)]
#[view(as = "select id, title from posts")]
pub struct Title {
    pub id: i64,
    pub title: String,
}

fn not_an_object() -> Schema {
    schema! { fn schema() = [User] with [User] } //~
    schema()
}

fn text_of_a_number() -> Schema {
    schema! { fn schema() = [Post] with [full_text("posts_search", (Post::title, Post::words))] } //~
    schema()
}

fn text_without_a_tuple() -> Schema {
    schema! { fn schema() = [Post] with [full_text("posts_search", Post::title)] } //~
    schema()
}

fn texts_of_two_tables() -> Schema {
    schema! { fn schema() = [Post] with [full_text("posts_search", (Post::title, User::name))] } //~
    schema()
}

fn the_time_of_a_name() -> Schema {
    schema! { fn schema() = [User] with [updated_at(User::name)] } //~
    schema()
}

fn policies_of_a_view() -> Schema {
    schema! { fn schema() = [Post, Title] with [row_security::<Title>()] } //~
    schema()
}

fn main() {}
