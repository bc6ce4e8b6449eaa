//! Changes of schemas, each proved on real databases.

#[path = "support/situation.rs"]
mod situation;

use situation::{On, Situation, answered, check, postgres, situation};

const SQLITE: &str = "sqlite::memory:";

fn tables() -> Vec<Situation> {
    use On::{Both, Postgres, Sqlite};
    vec![
        situation(
            "nothing",
            Both,
            "create table a (id integer primary key)",
            "create table a (id integer primary key)",
        ),
        situation("a new table", Both, "", "create table a (id integer primary key, b text)"),
        situation("a table is gone", Both, "create table a (id integer primary key)", ""),
        answered(
            "a table is renamed",
            Both,
            "create table a (id integer primary key)",
            "create table b (id integer primary key)",
            r#"{"renamed": {"b": "a"}}"#,
        ),
        situation(
            "a nullable column",
            Both,
            "create table a (id integer primary key)",
            "create table a (id integer primary key, b text)",
        ),
        situation(
            "a column with a default",
            Both,
            "create table a (id integer primary key)",
            "create table a (id integer primary key, b text not null default 'x')",
        ),
        answered(
            "a required column",
            Both,
            "create table a (id integer primary key)",
            "create table a (id integer primary key, b text not null)",
            r#"{"backfill": {"a.b": "'x'"}}"#,
        ),
        situation(
            "a column is gone",
            Both,
            "create table a (id integer primary key, b text not null)",
            "create table a (id integer primary key)",
        ),
        situation(
            "a unique column is gone",
            Both,
            "create table a (id integer primary key, b text not null unique)",
            "create table a (id integer primary key)",
        ),
        answered(
            "a column is renamed",
            Both,
            "create table a (id integer primary key, b text not null check (b <> ''))",
            "create table a (id integer primary key, c text not null check (c <> ''))",
            r#"{"renamed": {"a.c": "b"}}"#,
        ),
        situation(
            "null is not allowed any more",
            Both,
            "create table a (id integer primary key, b text)",
            "create table a (id integer primary key, b text not null)",
        ),
        situation(
            "null is allowed",
            Both,
            "create table a (id integer primary key, b text not null)",
            "create table a (id integer primary key, b text)",
        ),
        situation(
            "a default",
            Both,
            "create table a (id integer primary key, b integer)",
            "create table a (id integer primary key, b integer default 7)",
        ),
        situation(
            "another type",
            Both,
            "create table a (id integer primary key, b integer)",
            "create table a (id integer primary key, b text)",
        ),
        situation(
            "a unique constraint",
            Both,
            "create table a (id integer primary key, b integer, c text)",
            "create table a (id integer primary key, b integer, c text, constraint u unique (b, c))",
        ),
        situation(
            "a foreign key",
            Both,
            "create table a (id integer primary key); create table b (id integer primary key, a_id integer)",
            "create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id) on delete cascade)",
        ),
        situation(
            "an index",
            Both,
            "create table a (id integer primary key, b integer)",
            "create table a (id integer primary key, b integer); create index i on a (b desc) where b > 0",
        ),
        situation(
            "a check",
            Both,
            "create table a (id integer primary key, b integer)",
            "create table a (id integer primary key, b integer, constraint c check (b > 0))",
        ),
        situation(
            "a check of other text",
            Both,
            "create table a (id integer primary key, b integer, constraint c check (b > 0))",
            "create table a (id integer primary key, b integer, constraint c check (b >= 0))",
        ),
        situation(
            "a stored column",
            Both,
            "create table a (id integer primary key, b integer)",
            "create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored)",
        ),
        situation(
            "two tables in a circle",
            Both,
            "",
            "create table a (id integer primary key, b_id integer); create table b (id integer primary key, a_id integer references a (id)); ",
        ),
        situation(
            "a label is added",
            Postgres,
            "create type e as enum ('a'); create table t (id int primary key, e e not null default 'a')",
            "create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a')",
        ),
        situation(
            "a label is added and used",
            Postgres,
            "create type e as enum ('a'); create table t (id int primary key, e e not null default 'a')",
            "create type e as enum ('b', 'a'); create table t (id int primary key, e e not null default 'b', check (e <> 'b' or id > 0))",
        ),
        situation(
            "a label is removed",
            Postgres,
            "create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a', check (e = 'a')); create index i on t (id) where e = 'a'",
            "create type e as enum ('a'); create table t (id int primary key, e e not null default 'a', check (e = 'a')); create index i on t (id) where e = 'a'",
        ),
        situation(
            "autoincrement",
            Sqlite,
            "create table a (id integer primary key, b)",
            "create table a (id integer primary key autoincrement, b text) strict",
        ),
        situation(
            "views and triggers stay",
            Sqlite,
            "create table a (id integer primary key, b text); create view v as select b from a; create trigger t after insert on a begin update a set b = 'y' where id = new.id; end",
            "create table a (id integer primary key, b text not null)",
        ),
    ]
}

#[test]
fn sqlite() {
    check(SQLITE, &tables());
}

#[test]
fn on_postgres() {
    check(&postgres(), &tables());
}
