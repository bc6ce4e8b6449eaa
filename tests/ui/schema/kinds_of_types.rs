use orm::prelude::*;

#[derive(Table)]
struct Tuple(i64); //~

#[derive(Table)]
struct Unit; //~

#[derive(Table)]
enum Enum {
    //~
    A,
}

#[derive(Table)]
struct Generic<T> {
    //~
    #[column(primary_key)]
    id: T,
}

#[derive(Table)]
union Union {
    //~
    a: i64,
}

#[derive(Table)]
struct Borrowed<'a> {
    //~
    #[column(primary_key)]
    id: i64,
    name: &'a str,
}

fn main() {}
