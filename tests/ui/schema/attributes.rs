use orm::prelude::*;

#[derive(Table)]
struct Unknown {
    #[column(primary_key)]
    id: i64,
    #[column(lenght = 255)] //~
    name: String,
}

#[derive(Table)]
#[table(colour = "red")] //~
struct UnknownOnTheStruct {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
#[table(length = 5)] //~
struct WrongPlace {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
#[column(name = "x")] //~
struct ColumnOnTheStruct {
    #[column(primary_key)]
    id: i64,
    #[column(unique(a, b))] //~
    a: i64,
}

#[derive(Table)]
struct Malformed {
    #[column(primary_key)]
    id: i64,
    #[column(length = "255")] //~
    name: String,
    #[column(length = 1, length = 2)] //~
    title: String,
}

fn main() {}
