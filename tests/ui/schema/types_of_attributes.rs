use orm::prelude::*;

#[derive(Table)]
struct Defaults {
    #[column(primary_key)]
    id: i64,
    #[column(default = "zero")] //~
    number: i32,
    #[column(default = now())] //~
    name: String,
    #[column(default = true)] //~
    yes: i32,
    #[column(default = Role::Member)] //~
    role: String,
    #[column(default = random_uuid())] //~
    token: String,
}

#[derive(Table)]
struct Others {
    #[column(primary_key, auto_increment)] //~
    id: String,
    #[column(length = 5)] //~
    number: i32,
    #[column(precision = 10, scale = 2)] //~
    price: f64,
    #[column(on_update = now())] //~
    changed: i64,
}

#[derive(Clone, Copy, DbEnum)]
enum Role {
    Owner,
    Member,
}

fn main() {}
