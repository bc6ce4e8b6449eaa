#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User { posts: many(Post) }
}

#[derive(Row)]
#[row(of = Post)]
struct Title {
    title: String,
}

#[derive(Row)]
struct Of {
    #[row(relation = User::posts)] //~
    posts: Vec<Title>,
    #[row(column = User::name)] //~
    called: String,
}

#[derive(Row)]
#[row(of = User)]
struct Fields {
    #[row(filter = Post::published)] //~
    posts: Vec<Title>,
    #[row(limit = 1)] //~
    name: String,
    #[row(relation = User::posts, column = User::name)] //~
    both: Vec<Title>,
    #[row(relation = User::posts, sort = Post::id)] //~
    sorted: Vec<Title>,
    #[row(of = Post)] //~
    age: Option<i32>,
    #[row(relation)] //~
    empty: Vec<Title>,
}

#[derive(Row)]
#[row(of = User, relation = User::posts)] //~
struct Struct {
    name: String,
}

#[derive(Row)]
#[row(of)] //~
struct Nothing {
    name: String,
}

fn main() {}
