use orm::prelude::*;

#[derive(Table)]
#[table(index(emial))] //~
struct Index {
    #[column(primary_key)]
    id: i64,
    email: String,
}

#[derive(Table)]
#[table(unique(id, nmae))] //~
struct Unique {
    #[column(primary_key)]
    id: i64,
    name: String,
}

#[derive(Table)]
#[table(foreign_key(columns(usr_id), references = Index(id)))] //~
struct ForeignKey {
    #[column(primary_key)]
    id: i64,
    user_id: i64,
}

fn main() {}
