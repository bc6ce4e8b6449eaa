use orm::prelude::*;

#[derive(Row)]
struct Tuple(i64); //~

#[derive(Row)]
enum Enum {
    //~
    A,
}

#[derive(Row)]
struct Generic<T> {
    //~
    a: T,
}

fn main() {}
