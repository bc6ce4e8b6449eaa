use orm::prelude::*;

#[derive(View)]
#[view(name = "no_query")]
struct NoQuery { //~
    a: i64,
}

#[derive(View)]
#[view(as = "select 1 as a", sqlite = "select 2 as a")] //~
struct TwoQueries {
    a: i64,
}

#[derive(View)]
#[view(as = " ")] //~
struct EmptyQuery {
    a: i64,
}

#[derive(View)]
#[view(as = 5)] //~
struct MalformedQuery {
    a: i64,
}

#[derive(View)]
#[view(as = "select 1 as a", materialised)] //~
struct Misspelt {
    a: i64,
}

#[derive(View)]
#[view(as = "select 1 as a", index(a))] //~
struct Indexed {
    a: i64,
}

#[derive(View)]
#[view(as = "select 1 as a", keyless)] //~
struct Keyless {
    a: i64,
}

#[derive(View)]
#[view(as = "select 1 as a, 2 as b, 3 as c, 4 as d")]
struct OfTables {
    #[column(default = 5)] //~
    a: i64,
    #[column(references = OfTables::a)] //~
    b: i64,
    #[column(unique)] //~
    c: i64,
    #[column(auto_increment, primary_key)] //~
    d: i64,
}

#[derive(View)]
#[view(as = "select 1 as a")]
struct NullableKey {
    #[column(primary_key)] //~
    a: Option<i64>,
}

#[derive(View)]
#[column(name = "x")] //~
#[view(as = "select 1 as a")]
struct WrongPlaces {
    #[view(materialized)] //~
    a: i64,
}

#[derive(View)]
#[view(as = "select 1 as a")]
enum NoStruct { //~
    A,
}

fn main() {}
