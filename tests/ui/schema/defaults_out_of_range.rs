use orm::prelude::*;

#[derive(Table)]
struct Defaults {
    #[column(primary_key)]
    id: i64,
    #[column(default = 300)] //~
    small: i8,
}

fn main() {}
