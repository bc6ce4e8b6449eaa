//! Changes that keep nobody waiting, on PostgreSQL.

#[path = "support/situation.rs"]
mod situation;

use orm_kit::prove::{Locking, Manner};
use situation::{Situation, plan, postgres};

fn check(from: &str, to: &str, expected: &[&str]) {
    let situation = Situation {
        name: String::new(),
        from: format!("create table u (id int primary key); create table t (id int primary key, {from}"),
        to: format!("create table u (id int primary key); create table t (id int primary key, {to}"),
        answers: "{}".to_owned(),
        is_irreversible: false,
    };
    let proved = plan(&postgres(), &situation, Manner { locking: Locking::Online, ..Manner::default() })
        .unwrap_or_else(|error| panic!("{error}"));
    let statements: Vec<&str> = proved.up.steps.iter().map(|step| step.sql.as_str()).collect();
    assert_eq!(statements, expected);
    assert!(proved.down.is_ok(), "{:?}", proved.down);
}

#[test]
fn an_index() {
    check(
        "a int)",
        "a int); create unique index i on t (a) where a > 0",
        &[
            r#"drop index concurrently if exists "i""#,
            r#"create unique index concurrently "i" on "t" ("a") where a > 0"#,
        ],
    );
}

#[test]
fn an_index_goes() {
    check("a int); create index i on t (a)", "a int)", &[r#"drop index concurrently if exists "i""#]);
}

#[test]
fn a_foreign_key() {
    check(
        "a int)",
        "a int, constraint f foreign key (a) references u (id))",
        &[
            r#"alter table "t" add constraint "f" foreign key ("a") references "u" ("id") not valid"#,
            r#"alter table "t" validate constraint "f""#,
        ],
    );
}

#[test]
fn a_check() {
    check(
        "a int)",
        "a int, constraint c check (a > 0))",
        &[
            r#"alter table "t" add constraint "c" check (a > 0) not valid"#,
            r#"alter table "t" validate constraint "c""#,
        ],
    );
}

#[test]
fn a_unique_constraint() {
    check(
        "a int)",
        "a int, constraint q unique (a) deferrable)",
        &[
            r#"drop index concurrently if exists "q""#,
            r#"create unique index concurrently "q" on "t" ("a")"#,
            r#"alter table "t" add constraint "q" unique using index "q" deferrable"#,
        ],
    );
}

#[test]
fn no_null() {
    check(
        "a int)",
        "a int not null)",
        &[
            r#"alter table "t" add constraint "t_a_not_null" check ("a" is not null) not valid"#,
            r#"alter table "t" validate constraint "t_a_not_null""#,
            r#"alter table "t" alter column "a" set not null"#,
            r#"alter table "t" drop constraint "t_a_not_null""#,
        ],
    );
}
