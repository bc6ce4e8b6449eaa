use orm::prelude::*;

#[derive(Table)]
struct Post {
    #[column(primary_key)]
    id: i64,
    #[column(references = Usr::id)] //~
    author_id: i64,
}

fn main() {}
