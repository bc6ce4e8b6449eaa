//! Changes of schemas, each proved on real databases: planned, applied to tables with rows, compared, taken back, applied again.
//!
//! What is changed is what other tools' tests change; the files say it in SQL.

#[path = "support/situation.rs"]
mod situation;

use situation::{Situation, check, postgres, read};

const SQLITE: &str = "sqlite::memory:";

macro_rules! files {
    ($($name:ident: $($database:ident),*;)*) => {$(
        mod $name {
            use super::*;

            const TEXT: &str = include_str!(concat!("situations/", stringify!($name), ".sql"));
            $(files!(@ $database);)*
        }
    )*};
    (@ sqlite) => {
        #[test]
        fn on_sqlite() {
            check(SQLITE, &read(TEXT));
        }
    };
    (@ postgres) => {
        #[test]
        fn on_postgres() {
            check(&super::postgres(), &read(TEXT));
        }
    };
}

files! {
    tables: sqlite, postgres;
    columns: sqlite, postgres;
    constraints: sqlite, postgres;
    sqlite: sqlite;
    postgres: postgres;
}

/// Every type of a column becomes every other that its values fit.
fn conversions(types: &[&str]) -> Vec<Situation> {
    let table = |sql_type: &str| {
        format!(
            "create table t (id integer primary key, a {sql_type} not null default '1', b {sql_type}); create index i on t (b)"
        )
    };
    let pairs = types.iter().flat_map(|from| types.iter().map(move |to| (from, to))).filter(|(from, to)| from != to);
    let situation = |(from, to): (&&str, &&str)| Situation {
        name: format!("{from} becomes {to}"),
        from: table(from),
        to: table(to),
        answers: "{}".to_owned(),
        is_irreversible: false,
    };
    pairs.map(situation).collect()
}

#[test]
fn types_on_postgres() {
    let types = ["smallint", "bigint", "numeric(10, 2)", "double precision", "text", "varchar(20)"];
    check(&postgres(), &conversions(&types));
}

#[test]
fn types_on_sqlite() {
    check(SQLITE, &conversions(&["integer", "bigint", "text", "varchar(10)", "numeric", "any", "boolean"]));
}
