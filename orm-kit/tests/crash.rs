//! Processes that migrate and are killed, and processes that migrate at the same time.

#[path = "support/project.rs"]
mod project;

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use orm_kit::{
    Error,
    apply::{MigrateOptions, Migrated},
    session::Session,
    status::State,
};
use project::{Project, each_database};

/// How many processes are killed on each database.
fn kills() -> u64 {
    std::env::var("ORM_KIT_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(6)
}

mod tables {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct Item {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        pub(crate) name: String,
    }

    schema! { pub(crate) fn schema() = [Item] }
}

/// A project of several migrations, each of several statements that take a while. None can be applied twice.
fn slow(project: &Project) -> Result<(), Error> {
    project.generate(tables::schema())?;
    for number in 0..4 {
        project.generate_with(
            tables::schema(),
            orm_kit::generate::GenerateOptions {
                custom: true,
                name: Some(format!("step {number}")),
                ..Default::default()
            },
        )?;
        let id = project.migrations().pop().expect("it was just written").id;
        let statements: Vec<String> = (0..15)
            .flat_map(|at| {
                let table = format!("t{number}_{at}");
                [
                    format!("create table {table} (id integer primary key, n integer)"),
                    format!("insert into {table} select 1, count(*) from items"),
                ]
            })
            .collect();
        fs::write(project.folder.join(id).join("up.sql"), statements.join(";\n")).expect("it can be written");
    }
    Ok(())
}

/// A process that migrates: the program that `cargo install orm-kit` installs.
fn migrator(project: &Project) -> Child {
    Command::new(env!("CARGO_BIN_EXE_orm-kit"))
        .args(["migrate", "--json", "--url", &project.url, "--migrations"])
        .arg(&project.folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program is built")
}

/// Every migration is applied whole or not at all.
fn is_whole(project: &Project) {
    let status = project.status();
    let is_there = |table: &str| status.tables.iter().any(|it| it.name == table);
    for (number, migration) in status.migrations.iter().skip(1).enumerate() {
        let tables = (0..15).filter(|at| is_there(&format!("t{number}_{at}"))).count();
        let expected = if migration.state == State::Applied { 15 } else { 0 };
        assert_eq!(tables, expected, "tables of {}", migration.id);
    }
}

/// The tables that the migrations made are gone again, and so is the history.
fn empty(project: &Project) {
    for table in project.status().tables {
        project.run(&format!("drop table {}", table.name));
    }
    project.run("drop table if exists _orm_migrations");
}

each_database! {
    fn killed_at_any_time(project) {
        slow(&project)?;
        let began = Instant::now();
        migrator(&project).wait_with_output().expect("it can be waited for");
        assert!(!project.status().is_pending());
        let whole = began.elapsed();
        for kill in 0..kills() {
            empty(&project);
            let mut child = migrator(&project);
            thread::sleep(whole.mul_f64(kill as f64 / kills() as f64));
            child.kill().expect("it is ours");
            child.wait().expect("it can be waited for");
            // The server may be busy with what the process sent last.
            let deadline = Instant::now() + Duration::from_secs(10);
            loop {
                let output = migrator(&project).wait_with_output().expect("it can be waited for");
                if output.status.success() {
                    break;
                }
                assert!(Instant::now() < deadline, "{}", String::from_utf8_lossy(&output.stdout));
            }
            is_whole(&project);
            assert!(!project.status().is_pending());
        }
    }

    fn killed_and_looked_at(project) {
        slow(&project)?;
        for kill in 0..kills() {
            let mut child = migrator(&project);
            thread::sleep(Duration::from_millis(5 + kill * 7));
            child.kill().expect("it is ours");
            child.wait().expect("it can be waited for");
            // What was sent is carried out or not, but it ends.
            thread::sleep(Duration::from_millis(200));
            is_whole(&project);
        }
        project.migrate()?;
        is_whole(&project);
    }

    fn eight_at_once(project) {
        slow(&project)?;
        let children: Vec<Child> = (0..8).map(|_| migrator(&project)).collect();
        let mut applied = Vec::new();
        for child in children {
            let output = child.wait_with_output().expect("it can be waited for");
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{text}");
            let result: serde_json::Value = serde_json::from_str(&text).expect("it was asked for JSON");
            let ids = result["applied"].as_array().expect("a list").iter();
            applied.extend(ids.map(|id| id.as_str().expect("a name").to_owned()));
        }
        applied.sort();
        let all: Vec<String> = project.migrations().into_iter().map(|it| it.id).collect();
        assert_eq!(applied, all);
        is_whole(&project);
    }

    /// Where there is no transaction for all of a migration, each statement still runs once.
    fn eight_at_once_statement_by_statement(project) {
        project.generate(tables::schema())?;
        project.migrate()?;
        let inserts: Vec<String> = (0..20).map(|at| format!("insert into items (name) values ('{at}')")).collect();
        let id = project.write(tables::schema(), &format!("vacuum; {}; vacuum", inserts.join(";")))?;
        let children: Vec<Child> = (0..8).map(|_| migrator(&project)).collect();
        let mut applied = Vec::new();
        for child in children {
            let output = child.wait_with_output().expect("it can be waited for");
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{text}");
            let result: serde_json::Value = serde_json::from_str(&text).expect("it was asked for JSON");
            applied.extend(result["applied"].as_array().expect("a list").clone());
        }
        assert_eq!(applied, [id]);
        assert_eq!(project.rows("select count(*), count(distinct name) from items"), [[Some("20".to_owned()), Some("20".to_owned())]]);
    }

    /// What was done in part, corrected and done is as if it had been right from the start.
    fn corrected_and_continued(project) {
        let text = "vacuum; create table a (id integer primary key); insert into nowhere values (1)";
        project.write(tables::schema(), text)?;
        project.migrate().expect_err("there is no such table");
        let id = project.migrations()[0].id.clone();
        project.rewrite(&id, &text.replace("nowhere", "a"));
        assert_eq!(project.migrate()?.applied, [id]);
        assert_eq!(project.migrate()?, Migrated::default());
        assert_eq!(project.status().problems, Vec::<String>::new());
    }

    /// One that hangs is waited for as long as was said.
    fn one_that_hangs(project) {
        slow(&project)?;
        let mut other = project.session();
        hang(&project, &mut *other);
        let options = MigrateOptions { wait: Duration::from_millis(300), ..MigrateOptions::default() };
        let error = project.migrate_with(&options).expect_err("another process has the lock");
        if project.url.starts_with("postgres") {
            let process = other.value("select pg_backend_pid()")?.expect("every session has a process");
            assert!(error.to_string().contains(&format!("(server process {process})")), "{error}");
        } else {
            assert!(error.to_string().contains("database is locked"), "{error}");
        }
        drop(other);
        assert_eq!(project.migrate()?.applied.len(), 5);
    }
}

/// Takes what a migrator takes, and keeps it.
fn hang(project: &Project, session: &mut dyn Session) {
    if project.url.starts_with("sqlite") {
        session.run("begin immediate").expect("nobody writes");
    } else {
        project.backend.lock(session, Duration::ZERO).expect("nobody migrates");
    }
}

/// The shadow databases that a process made and that are still there.
fn shadows_of(project: &Project, process: u32) -> Vec<Vec<Option<String>>> {
    project.rows(&format!("select datname from pg_database where starts_with(datname, 'orm_shadow_{process}_')"))
}

/// A process that is killed leaves its shadow behind, and the next one that makes a shadow drops it.
#[test]
fn shadows_of_killed_processes() -> Result<(), Error> {
    let project = Project::postgres();
    project.write(tables::schema(), &"select pg_sleep(0.05);".repeat(200))?;
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orm-kit"));
        command.args(["check", "--url", &project.url, "--migrations"]).arg(&project.folder);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program is built")
    };
    let mut killed = Vec::new();
    let mut child = check();
    let deadline = Instant::now() + Duration::from_secs(10);
    while shadows_of(&project, child.id()).is_empty() {
        assert!(Instant::now() < deadline, "no shadow was made");
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it is ours");
    assert_eq!(shadows_of(&project, child.id()).len(), 1);
    killed.push(child);
    // Also while the database is being made.
    for kill in 0..kills() {
        let mut child = check();
        thread::sleep(Duration::from_millis(5 + kill * 11));
        child.kill().expect("it is ours");
        killed.push(child);
    }
    for child in &mut killed {
        child.wait().expect("it can be waited for");
    }
    project.run("create database orm_shadow_0_of_somebody");
    let deadline = Instant::now() + Duration::from_secs(20);
    // The server finishes what was asked of it before it sees that nobody waits for the answer.
    while killed.iter().any(|child| !shadows_of(&project, child.id()).is_empty()) {
        assert!(Instant::now() < deadline, "shadows are left: {:?}", shadows_of(&project, killed[0].id()));
        drop(orm_kit::shadow::Shadow::new(project.backend, &project.url)?);
    }
    // What only has such a name was made by somebody else.
    assert_eq!(shadows_of(&project, 0).len(), 1);
    project.run("drop database orm_shadow_0_of_somebody");
    Ok(())
}

/// An index that is built concurrently and fails stays behind; the next run drops it, and goes on where the last one ended.
#[test]
fn what_is_not_a_transaction_goes_on() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(tables::schema())?;
    project.migrate()?;
    project.run("insert into items (name) values ('a'), ('a')");
    project
        .generate_with(tables::schema(), orm_kit::generate::GenerateOptions { custom: true, ..Default::default() })?;
    let id = project.migrations().pop().expect("it was just written").id;
    let text = "create table before (id int);\ncreate unique index concurrently by_name on items (name);\ncreate table after (id int);";
    fs::write(project.folder.join(&id).join("up.sql"), text).expect("it can be written");
    let error = project.migrate().expect_err("a name is there twice");
    assert!(error.to_string().contains("could not create unique index"), "{error}");
    assert_eq!(project.status().migrations[1].state, State::Partial);
    let error = project.migrate().expect_err("it still is");
    assert!(error.to_string().contains("could not create unique index"), "{error}");

    project.run("update items set name = 'b' where id = 2");
    let edited = text.replace("before (id int)", "before (id bigint)");
    fs::write(project.folder.join(&id).join("up.sql"), edited).expect("it can be written");
    let error = project.migrate().expect_err("what is done was edited");
    assert!(error.to_string().contains("was applied in part"), "{error}");
    fs::write(project.folder.join(&id).join("up.sql"), text).expect("it can be written");
    assert_eq!(project.migrate()?.applied, [id]);
    let valid = project.rows("select indisvalid from pg_index where indexrelid = 'by_name'::regclass");
    assert_eq!(valid, [[Some("t".to_owned())]]);
    Ok(())
}

/// A table that somebody reads is waited for in small bites, so that others can read it meanwhile.
#[test]
fn a_table_in_use() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(tables::schema())?;
    project.migrate()?;
    let custom = orm_kit::generate::GenerateOptions { custom: true, ..Default::default() };
    project.generate_with(tables::schema(), custom)?;
    let id = project.migrations().pop().expect("it was just written").id;
    fs::write(project.folder.join(&id).join("up.sql"), "alter table items add column size int")
        .expect("it can be written");
    let mut reader = project.session();
    reader.run("begin; select * from items")?;
    let began = Instant::now();
    thread::scope(|scope| {
        let migrating = scope.spawn(|| project.migrate());
        thread::sleep(Duration::from_secs(3));
        // Not behind the migration for longer than its patience lasts.
        let mut other = project.session();
        other.run("set statement_timeout = '10s'; select * from items")?;
        reader.run("commit")?;
        assert_eq!(migrating.join().expect("it does not panic")?.applied, [id]);
        Ok(())
    })
    .map(|()| assert!(began.elapsed() > Duration::from_secs(3)))
}

/// An index in another schema is found there when a run goes on.
#[test]
fn indexes_of_other_schemas() -> Result<(), Error> {
    let project = Project::postgres();
    project.run("create schema s; create table s.t (name text); insert into s.t values ('a'), ('a'); create index old on s.t (name)");
    project.write(
        tables::schema(),
        "create unique index concurrently by_name on s.t (name); drop index concurrently s.old",
    )?;
    let error = project.migrate().expect_err("a name is there twice");
    assert!(error.to_string().contains("could not create unique index"), "{error}");
    project.run("delete from s.t");
    let mut reader = project.session();
    reader.run("begin; lock table only s.t in share update exclusive mode")?;
    let options = MigrateOptions { wait: Duration::ZERO, ..MigrateOptions::default() };
    project.migrate_with(&options).expect_err("the table is locked");
    reader.run("commit")?;
    project.migrate()?;
    let indexes = "select relname, indisvalid from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = 's.t'::regclass";
    assert_eq!(project.rows(indexes), [[Some("by_name".to_owned()), Some("t".to_owned())]]);

    let id = project.write(tables::schema(), "drop index concurrently s.by_name")?;
    reader.run("begin; lock table only s.t in share update exclusive mode")?;
    project.migrate_with(&options).expect_err("the table is locked");
    reader.run("commit")?;
    assert_eq!(project.migrate()?.applied, [id]);
    assert_eq!(project.rows(indexes), Vec::<Vec<Option<String>>>::new());
    Ok(())
}

/// An index that is built concurrently waits for transactions, and is tried again if one takes longer than the patience of a lock.
#[test]
fn an_index_that_waits() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(tables::schema())?;
    project.migrate()?;
    let id = project.write(tables::schema(), "create index concurrently by_name on items (name)")?;
    let mut writer = project.session();
    writer.run("begin; insert into items (name) values ('a')")?;
    thread::scope(|scope| {
        let migrating = scope.spawn(|| project.migrate());
        thread::sleep(Duration::from_secs(3));
        writer.run("commit")?;
        assert_eq!(migrating.join().expect("it does not panic")?.applied, [id]);
        Ok::<(), Error>(())
    })?;
    let valid = project.rows("select indisvalid from pg_index where indexrelid = 'by_name'::regclass");
    assert_eq!(valid, [[Some("t".to_owned())]]);
    Ok(())
}
