use orm::prelude::*;

#[derive(Table)]
struct NoKey {
    //~
    id: i64,
}

#[derive(Table)]
struct TwoCounters {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(auto_increment)] //~
    number: i64,
}

#[derive(Table)]
struct NullableKey {
    #[column(primary_key)] //~
    id: Option<i64>,
}

#[derive(Table)]
#[table(keyless)] //~
struct KeyedAndKeyless {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
#[table(unique(id))] //~
struct UniqueTwice {
    #[column(primary_key)]
    id: i64,
}

fn main() {}
