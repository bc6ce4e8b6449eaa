use orm::prelude::*;

#[derive(Table)]
struct SameColumn {
    #[column(primary_key)]
    id: i64,
    #[column(name = "ID")] //~
    number: i64,
}

#[derive(Table)]
#[table(name = "")] //~
struct Unnamed {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
struct Method {
    #[column(primary_key)]
    id: i64,
    update: i64, //~
}

#[derive(Table)]
struct Nul {
    #[column(primary_key, name = "i\0d")] //~
    id: i64,
}

#[derive(Table)]
struct Long {
    #[column(primary_key)]
    a_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps: i64, //~
}

#[derive(Table)]
#[table(
    check(positive = "a > 0"),
    check(positive = "b > 0") //~
)]
struct SameConstraint {
    #[column(primary_key)]
    a: i64,
    b: i64,
}

fn main() {}
