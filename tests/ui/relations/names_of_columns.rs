use orm::prelude::*;

#[derive(Table)] //~
struct User {
    #[column(primary_key)]
    id: i64,
    posts: i64,
}

#[derive(Table)] //~
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::id)]
    author: i64,
}

relations! {
    User { posts: many(Post) }
    Post { author: one(User) }
}

fn main() {}
