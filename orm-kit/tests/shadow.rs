//! Shadows of PostgreSQL: databases that are given for them, and users who may not create databases.

#[path = "support/project.rs"]
mod project;

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use orm_kit::{
    Error,
    check::check,
    generate::{GenerateOptions, generate},
    push::{PushOptions, push},
    shadow::{Place, Shadow},
    status::drift,
};
use project::Project;

mod notes {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(index(text))]
    pub(crate) struct Note {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        #[column(check = "length(text) > 1")]
        pub(crate) text: String,
    }

    schema! { pub(crate) fn schema() = [Note] }
}

/// One of each kind of object that a database can have.
const OBJECTS: &str = "create extension pg_trgm; create extension hstore; create schema other; create table other.t (id int); \
    create type mood as enum ('fine'); create type pair as (a int, b text); create type span as range (subtype = int); \
    create domain short as text check (length(value) < 9); create sequence numbers; \
    create table parent (id int primary key, at pair, name text) partition by range (id); \
    create table child partition of parent for values from (0) to (10); create view names as select name from parent; \
    create materialized view ids as select id from parent; create statistics about on id, name from parent; \
    create function one() returns int language sql as 'select 1'; create procedure nothing() language sql as 'select 1'; \
    create aggregate last(text) (sfunc = textcat, stype = text); create operator === (leftarg = int, rightarg = int, procedure = int4eq); \
    create function told() returns event_trigger language plpgsql as 'begin end'; \
    create event trigger tell on ddl_command_end execute function told(); create publication all_of_it for table parent; \
    create foreign data wrapper nobody; create server nowhere foreign data wrapper nobody; \
    create foreign table far (id int) server nowhere; create collation bytes from \"C\"; \
    create text search configuration words (copy = simple)";

/// What the catalogs have that they do not have in a new database, but for what belongs to an extension.
const CONTENT: &str = "select relname::text from pg_class where oid >= 16384 and relnamespace not in (99, 11) \
    union all select nspname from pg_namespace where oid >= 16384 and nspname not like 'pg_temp%' and nspname not like 'pg_toast%' \
    union all select typname from pg_type where oid >= 16384 union all select proname from pg_proc where oid >= 16384 \
    union all select oprname from pg_operator where oid >= 16384 union all select extname from pg_extension where oid >= 16384 \
    union all select evtname from pg_event_trigger union all select pubname from pg_publication \
    union all select srvname from pg_foreign_server union all select fdwname from pg_foreign_data_wrapper \
    union all select collname from pg_collation where oid >= 16384 union all select cfgname from pg_ts_config where oid >= 16384";

fn none() -> Vec<Vec<Option<String>>> {
    Vec::new()
}

#[test]
fn a_given_database_is_empty_afterwards() -> Result<(), Error> {
    let (project, given) = (Project::postgres(), Project::postgres());
    let place = || Place::In(&given.url);
    let generate =
        || generate(project.backend, place(), &notes::schema(), &project.folder, &GenerateOptions::default());
    assert!(generate()?.folder.is_some());
    project.write(notes::schema(), OBJECTS)?;
    assert_eq!(generate()?.folder, None);
    assert_eq!(given.rows(CONTENT), none());
    project.migrate()?;
    let checked = check(project.backend, place(), Some(&notes::schema()), &project.folder, false)?;
    assert_eq!(checked.errors, Vec::<String>::new());
    project.run("alter table notes add column more int");
    let drifted = drift(project.backend, &mut *project.session(), place(), &project.migrations())?;
    assert_eq!(drifted.as_deref(), Some("notes: add column more integer"));
    assert_eq!(given.rows(CONTENT), none());
    Ok(())
}

#[test]
fn a_push_tries_in_a_given_database() -> Result<(), Error> {
    let (project, given) = (Project::postgres(), Project::postgres());
    let options = PushOptions { shadow_url: Some(given.url.clone()), ..PushOptions::default() };
    assert_eq!(push(project.backend, &project.url, &notes::schema(), &options)?.changes.len(), 1);
    assert_eq!(push(project.backend, &project.url, &notes::schema(), &options)?.changes.len(), 0);
    assert_eq!(given.rows(CONTENT), none());
    Ok(())
}

/// Nothing is dropped in a database that is not known to be a shadow.
#[test]
fn a_database_that_is_not_empty() {
    let given = Project::postgres();
    for (sql, what) in [
        ("create table a (id int); create table b (id int)", "table public.a, and 1 more"),
        ("drop table a, b; create schema _orm_shadow; create type t as enum ()", "type public.t"),
        ("drop type t; create publication p", "publication p"),
        ("drop publication p; create schema s", "schema s"),
    ] {
        given.run(sql);
        let before = given.rows(CONTENT);
        let error = Shadow::new(given.backend, Place::In(&given.url)).err().expect("it is not empty");
        assert_eq!(error.to_string(), format!("the database that was given for shadows is not empty: it has {what}"));
        assert_eq!(error.exit_code(), 5);
        assert_eq!(given.rows(CONTENT), before);
    }
}

/// Extensions are often there because only somebody else may create them.
#[test]
fn extensions_that_were_there_stay() -> Result<(), Error> {
    let given = Project::postgres();
    given.run("create extension pg_trgm");
    for _ in 0..2 {
        let mut shadow = Shadow::new(given.backend, Place::In(&given.url))?;
        shadow.session().run("create extension hstore; create table t (id int)")?;
        drop(shadow);
        let extensions = given.rows("select extname from pg_extension where extname <> 'plpgsql'");
        assert_eq!(extensions, [[Some("pg_trgm".to_owned())]]);
        assert_eq!(given.rows("select to_regclass('t')"), [[None]]);
    }
    Ok(())
}

#[test]
fn a_given_database_after_its_process_was_killed() -> Result<(), Error> {
    let (project, given) = (Project::postgres(), Project::postgres());
    project.write(notes::schema(), "create table a (id int)")?;
    project.write(notes::schema(), &"select pg_sleep(0.05);".repeat(100))?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_orm-kit"))
        .args(["check", "--migrations"])
        .arg(&project.folder)
        .env("ORM_SHADOW_URL", &given.url)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program is built");
    let deadline = Instant::now() + Duration::from_secs(10);
    while given.rows("select to_regclass('a')") == [[None]] {
        assert!(Instant::now() < deadline, "the migrations were not replayed");
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it is ours");
    child.wait().expect("it can be waited for");
    assert_ne!(given.rows(CONTENT), none());
    Shadow::new(given.backend, Place::In(&given.url))?.session().run("create table a (id int)")?;
    assert_eq!(given.rows(CONTENT), none());
    Ok(())
}

/// Who may not create databases is told what to do, and can do it.
#[test]
fn a_user_who_may_not_create_databases() -> Result<(), Error> {
    let (project, given) = (Project::postgres(), Project::postgres());
    let role = format!("orm_kit_limited_{}", std::process::id());
    let database = given.url.rsplit('/').next().expect("the URL ends with a database");
    given.run(&format!("create role {role} login password 'hidden'; alter database {database} owner to {role}"));
    let as_role = |url: &str| {
        let (_, place) = url.split_once('@').expect("the server of the tests has a user");
        format!("postgres://{role}:hidden@{place}")
    };
    let (url, shadow) = (as_role(&project.url), as_role(&given.url));
    let error = Shadow::new(project.backend, &url).err().expect("it may not").to_string();
    let start = "making a shadow database: permission denied to create database; `alter role … createdb` allows it";
    assert!(error.starts_with(start) && error.contains("--shadow-url"), "{error}");
    assert!(!error.contains("hidden"), "{error}");
    let options = GenerateOptions::default();
    let generated = generate(project.backend, Place::In(&shadow), &notes::schema(), &project.folder, &options)?;
    assert!(generated.folder.is_some());
    assert_eq!(given.rows(CONTENT), none());
    given.run(&format!("alter database {database} owner to current_user; drop role {role}"));
    Ok(())
}

#[test]
fn a_database_of_another_kind() {
    let sqlite = Project::sqlite();
    let error = Shadow::new(sqlite.backend, Place::In("sqlite::memory:")).err().expect("it is in memory anyway");
    assert!(error.to_string().contains("in memory"), "{error}");
    let postgres = Project::postgres();
    let error = Shadow::new(postgres.backend, Place::In("sqlite::memory:")).err().expect("it is no PostgreSQL");
    assert!(error.to_string().contains("begins with `postgres://`"), "{error}");
}
