//! Databases as Rust source: pulled, compiled, pushed to an empty database, and compared with what they were.
//!
//! The schemas are in `schemas/`. `ORM_PULL_SCHEMAS` names a folder of others, with the folders `postgres` and `sqlite` in it: what
//! does not come back from these is printed, and fails nothing.

#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/pulled.rs"]
mod pulled;

use std::{
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use orm_kit::{
    backend,
    pull::{Lost, Pulled, pull},
};
use pulled::{Database, Program, Sample};

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas");

/// Writes to the output of the test run, where `println!` would be shown for failed tests only.
fn report(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What is different in a database that was made of the source pulled from another.
fn differences(program: &Program, sample: &Sample) -> Vec<String> {
    let mut found = Vec::new();
    let changes = program.push(&sample.name, sample.database.url(), true);
    match changes {
        Ok(changes) => {
            found.extend(changes.into_iter().map(|change| format!("push would change the original: {change}")))
        }
        Err(error) => found.push(format!("push would fail on the original: {error}")),
    }
    let copy = Database::empty(sample.database.url());
    // Sequences and domains are none of the schema's, but its tables may need them.
    let needed = |lost: &&Lost| lost.what.starts_with("the sequence") || lost.what.starts_with("the domain");
    sample.pulled.lost.iter().filter(needed).filter_map(|lost| lost.sql.as_deref()).for_each(|sql| copy.run(sql));
    if let Err(error) = program.push(&sample.name, copy.url(), false) {
        found.push(format!("push to an empty database failed: {error}"));
        return found;
    }
    match program.push(&sample.name, copy.url(), true) {
        Ok(changes) => found.extend(changes.into_iter().map(|change| format!("push would change the copy: {change}"))),
        Err(error) => found.push(format!("push would fail on the copy: {error}")),
    }
    let (before, after) = (oracle::describe(&sample.database), oracle::describe(&copy));
    found.extend(before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}")));
    found.extend(after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}")));
    found
}

/// Schemas that use every managed object come back as they were.
#[test]
fn schemas_come_back() {
    let own = Sample::read(Path::new(SCHEMAS));
    assert_eq!(own.len(), 2);
    let others =
        std::env::var_os("ORM_PULL_SCHEMAS").map(|folder| Sample::read(Path::new(&folder))).unwrap_or_default();
    let program = Program::compile(own.iter().chain(&others));
    let mut problems = Vec::new();
    for sample in &own {
        assert_eq!(sample.pulled.lost, [], "{}", sample.name);
        problems.extend(differences(&program, sample).into_iter().map(|it| format!("{}: {it}", sample.name)));
    }
    for sample in &others {
        report(&format!("\n{}: {} tables, {} relations", sample.name, sample.pulled.tables, sample.pulled.relations));
        sample.pulled.lost.iter().for_each(|lost| report(&format!("  lost: {lost}")));
        differences(&program, sample).iter().for_each(|difference| report(&format!("  {difference}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn of_sqlite(sql: &str) -> Pulled {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let url = format!("sqlite:{}", folder.path().join("app.db").display());
    let backend = backend::of(&url).expect("a URL of SQLite");
    backend.open(&url).and_then(|mut session| session.run(sql)).expect("the statements are valid");
    pull(backend, &url).expect("the database can be read")
}

/// The source reads as if a person had written it.
#[test]
fn source_of_sqlite() {
    let sql = std::fs::read_to_string(Path::new(SCHEMAS).join("sqlite/shop.sql")).expect("the schema is there");
    insta::assert_snapshot!(of_sqlite(&sql).source);
}

#[test]
fn source_of_postgres() {
    let sql = std::fs::read_to_string(Path::new(SCHEMAS).join("postgres/shop.sql")).expect("the schema is there");
    let database = Database::empty(&pulled::postgres());
    database.run(&sql);
    insta::assert_snapshot!(database.pull().source);
}

/// What source cannot say is told in the report, and in the source where it belongs.
#[test]
fn what_is_lost_is_told() {
    let pulled = of_sqlite(
        "create table users (name text primary key, age integer not null on conflict ignore, any any);
         create table posts (id integer primary key, author integer references users (name), writer text references gone (x));
         create view adults as select * from users where age >= 18;
         create trigger t after insert on users begin select 1; end;",
    );
    let told: Vec<String> = pulled.lost.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
    insta::assert_snapshot!(pulled.source);
}

#[test]
fn what_is_lost_of_postgres_is_told() {
    let database = Database::empty(&pulled::postgres());
    database.run(
        "create extension if not exists citext;
         create sequence numbers start 7;
         create domain year as integer check (value > 1900);
         create type point_of_time as (at timestamptz, zone text);
         create type span as range (subtype = float8);
         create type unused as enum ('a', '');
         create table events (
             id integer primary key default nextval('numbers'), happened year, at point_of_time, words tsvector, name citext,
             during tstzrange, place text, plain char(3)[],
             constraint \"one at a time\" exclude using gist (during with &&),
             constraint late unique nulls not distinct (place) deferrable,
             constraint \"odd name\" check (place <> '')
         );
         create index words on events using gin (words) with (fastupdate = off);
         create index names on events (name nulls first) include (place);
         create table sales (id integer, day date) partition by range (day);
         create table sales_2024 partition of sales for values from ('2024-01-01') to ('2025-01-01');
         create unlogged table cache (key text constraint cache_key primary key, value text);
         alter table cache enable row level security;
         create view recent as select * from events;
         create materialized view counted as select count(*) from events;
         create function one() returns integer language sql as 'select 1';
         create policy readers on cache for select using (true);
         create rule nothing as on delete to cache do instead nothing;
         create statistics likely (dependencies) on happened, place from events;
         create schema elsewhere; create table elsewhere.things (id integer);",
    );
    let pulled = database.pull();
    let told: Vec<String> = pulled.lost.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
    insta::assert_snapshot!(pulled.source);
}

/// Who may do what, which triggers do nothing, and what is said of things beside tables: told with the statements that do it.
#[test]
fn what_belongs_to_others_is_told() {
    let role = format!("orm_kit_pull_{}", std::process::id());
    let [database, copy] = [(); 2].map(|()| Database::empty(&pulled::postgres()));
    database.run(&format!("create role {role}"));
    for database in [&database, &copy] {
        database.run(
            "create table notes (id integer primary key, text text, constraint named check (id > 0));
             create index by_text on notes (text);
             create view texts as select text from notes;
             create function one(a integer, b text) returns integer language sql as 'select 1';
             create function told() returns trigger language plpgsql as 'begin return new; end';
             create trigger asleep before insert on notes for each row execute function told();
             create trigger always before insert on notes for each row execute function told();
             create trigger usual before insert on notes for each row execute function told();
             create type mood as enum ('fine'); create table _orm_migrations (id integer);
             comment on table notes is 'of the table'; comment on column notes.id is 'of the column'",
        );
    }
    let before = copy.pull().lost;
    database.run(&format!(
        "alter table notes disable trigger asleep;
         alter table notes enable always trigger always;
         grant select, insert on notes to {role}; grant update (text), select (id) on notes to {role}; grant select on notes to public;
         grant execute on function one to {role}; grant create on schema public to {role}; grant select on _orm_migrations to {role};
         comment on constraint named on notes is 'it''s one'; comment on trigger usual on notes is 'b'; comment on index by_text is 'c';
         comment on view texts is 'd'; comment on column texts.text is 'e'; comment on function one is 'f'; comment on type mood is 'g'"
    ));
    let pulled = database.pull();
    let told = pulled.lost.iter().filter(|lost| !before.contains(lost));
    let told: Vec<String> = told
        .map(|lost| {
            let sql = lost.sql.clone().unwrap_or_default();
            copy.run(&sql);
            format!("{lost}\n    {sql}").replace(&role, "somebody")
        })
        .collect();
    assert_eq!(copy.pull().lost, pulled.lost);
    drop(copy);
    database.run(&format!("drop owned by {role}; drop role {role}"));
    insta::assert_snapshot!(told.join("\n"));
}

/// Five hundred tables, each with a key to another one.
fn many_tables() -> String {
    let table = |at: usize| {
        format!(
            "create table things_{at} (id integer primary key, name varchar(40) not null default 'x', size integer not null, \
             price numeric(10, 2), made_at timestamp, other_id integer references things_{} (id) on delete cascade, \
             constraint things_{at}_size_check check (size > 0), unique (name, size));\n\
             create index things_{at}_price on things_{at} (price desc, lower(name)) where size > 1;\n",
            at / 2
        )
    };
    (0..500).map(table).collect()
}

fn in_time(database: &Database) {
    database.run(&format!("begin; {} commit;", many_tables()));
    let start = Instant::now();
    let pulled = database.pull();
    let taken = start.elapsed();
    assert_eq!((pulled.tables, pulled.relations), (500, 1000));
    report(&format!("pulling 500 tables of {}: {taken:.2?}", database.url().split(':').next().unwrap_or_default()));
    // Twice as much as it may be, since other tests run at the same time.
    assert!(taken < Duration::from_secs(4), "{taken:?}");
}

#[test]
fn many_tables_of_sqlite() {
    in_time(&Database::empty("sqlite:"));
}

#[test]
fn many_tables_of_postgres() {
    in_time(&Database::empty(&pulled::postgres()));
}

/// The output of `orm-kit pull` with these arguments, and its exit code.
fn command(url: &str, arguments: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orm-kit"));
    let output = command.args(["pull", "--url", url]).args(arguments).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

#[test]
fn the_command() {
    let database = Database::empty("sqlite:");
    let (_, error, code) = command(database.url(), &[]);
    assert!(error.starts_with("error: there is no database `") && code == Some(1), "{error}");
    database.run("vacuum");
    let (_, error, code) = command(database.url(), &[]);
    assert_eq!((error.as_str(), code), ("error: the database has no tables\n", Some(1)));

    database.run("create table users (id integer primary key, name any)");
    let (source, report, code) = command(database.url(), &[]);
    assert_eq!((source, code), (database.pull().source, Some(0)));
    assert!(report.contains("users.name: values of any type"), "{report}");

    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let (out, file) = (folder.path().join("src"), folder.path().join("src/schema.rs"));
    let out = out.to_str().expect("the path is text");
    let (words, _, code) = command(database.url(), &["--out", out]);
    assert!(words.contains("1 table and 0 relations") && code == Some(0), "{words}");
    assert_eq!(std::fs::read_to_string(&file).ok(), Some(database.pull().source));

    // What a person has changed is not written over.
    std::fs::write(&file, "// mine").expect("the file can be written");
    let (_, error, code) = command(database.url(), &["--out", out]);
    assert!(error.contains("--overwrite") && code == Some(5), "{error}");
    assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), Some("// mine"));
    let (json, _, code) = command(database.url(), &["--out", out, "--overwrite", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!((&json["tables"], &json["lost"][0]["at"], code), (&1.into(), &"users.name".into(), Some(0)));
    assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), json["source"].as_str());

    let (help, _, code) = command(database.url(), &["--help"]);
    assert!(help.contains("Example:") && code == Some(0), "{help}");
}
