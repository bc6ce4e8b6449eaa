use orm::prelude::*;

#[derive(Table)]
struct Seat {
    #[column(primary_key)]
    line: i64,
    #[column(primary_key)]
    number: i64,
    name: String,
}

#[derive(Table)]
#[table(foreign_key(columns(line, name), references = Seat(line, number)))] //~
struct OtherType {
    #[column(primary_key)]
    line: i64,
    name: String,
}

#[derive(Table)]
#[table(foreign_key(columns(line, name), references = Seat(line, name)))] //~
struct NotUnique {
    #[column(primary_key)]
    line: i64,
    name: String,
}

#[derive(Table)]
#[table(foreign_key(columns(line), references = Seat(line, number)))] //~
struct OtherCount {
    #[column(primary_key)]
    line: i64,
}

fn main() {}
