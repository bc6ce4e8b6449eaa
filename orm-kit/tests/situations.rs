//! Changes of schemas, each proved on real databases: planned, applied to tables with rows, compared, taken back, applied again.
//!
//! What is changed is what other tools' tests change; the files say it in SQL.

#[path = "support/situation.rs"]
mod situation;

use orm_kit::prove::{Manner, Rebuild};
use situation::{Situation, check, plan, postgres, read};

const SQLITE: &str = "sqlite::memory:";
const IN_PLACE: Manner = Manner { locking: orm_kit::prove::Locking::Transaction, rebuild: Rebuild::InPlace };

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
            check(SQLITE, &read(TEXT), Manner::default());
        }

        #[test]
        fn in_place_on_sqlite() {
            check(SQLITE, &read(TEXT), IN_PLACE);
        }
    };
    (@ postgres) => {
        #[test]
        fn on_postgres() {
            check(&super::postgres(), &read(TEXT), Manner::default());
        }
    };
}

files! {
    tables: sqlite, postgres;
    columns: sqlite, postgres;
    constraints: sqlite, postgres;
    sqlite: sqlite;
    in_place: sqlite;
    postgres: postgres;
    changes: postgres;
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
    check(&postgres(), &conversions(&types), Manner::default());
}

#[test]
fn types_on_sqlite() {
    check(
        SQLITE,
        &conversions(&["integer", "bigint", "text", "varchar(10)", "numeric", "any", "boolean"]),
        Manner::default(),
    );
}

/// What needs no copy is done without one, up and down.
#[test]
fn rows_stay_where_they_are() {
    for it in read(include_str!("situations/in_place.sql")) {
        let is_in_place = |sql: &str| sql.contains("update sqlite_schema") && !sql.contains("__orm_new_");
        let proved = plan(SQLITE, &it, IN_PLACE).unwrap_or_else(|error| panic!("{}: {error:?}", it.name));
        assert!(is_in_place(&proved.up.to_sql()), "{}:\n{}", it.name, proved.up.to_sql());
        let down = proved.down.map(|down| down.to_sql());
        assert!(it.is_irreversible || down.as_ref().is_ok_and(|down| is_in_place(down)), "{}: {down:?}", it.name);
    }
}
