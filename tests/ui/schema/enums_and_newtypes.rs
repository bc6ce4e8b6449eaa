use orm::prelude::*;

#[derive(DbEnum)]
enum WithData {
    A(i64), //~
}

#[derive(DbEnum)]
struct Struct {
    //~
    a: i64,
}

#[derive(DbEnum)]
enum SameLabel {
    A,
    #[db_enum(name = "a")] //~
    B,
}

#[derive(DbType)]
struct TwoFields(i64, i64); //~

#[derive(DbType)]
enum Enum {
    //~
    A,
}

fn main() {}
