use orm::prelude::*;

struct NotATable;

schema! { fn schema() = [NotATable] } //~

alias!(Some Name); //~

fn main() {}
