use orm::prelude::*;

#[derive(Table)]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
}

#[derive(Table)]
struct OtherType {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::id)] //~
    user_id: String,
}

#[derive(Table)]
struct NotUnique {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::name)] //~
    user_name: String,
}

#[derive(Table)]
struct Missing {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::nmae)] //~
    user_id: i64,
}

#[derive(Table)]
struct NotNull {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::id, on_delete = set_null)] //~
    user_id: i64,
}

#[derive(Table)]
struct NoForeignKey {
    #[column(primary_key)]
    id: i64,
    #[column(on_delete = cascade)] //~
    user_id: i64,
}

fn main() {}
