use orm::prelude::*;

struct Address {
    street: String,
}

enum Role {
    Owner,
}

#[derive(Table)]
struct User {
    #[column(primary_key)]
    id: i64,
    address: Address,                 //~
    role: Role,                       //~
    places: Vec<Address>,             //~
    squares: Vec<Vec<i32>>,           //~
    nickname: Option<Option<String>>, //~
    size: u64,                        //~
}

fn main() {}
