//! From the Rust schema to a database: generated, applied, looked at, taken back.

#[path = "support/project.rs"]
mod project;

use std::{fs, time::Duration};

use orm_kit::{
    Error,
    apply::{MigrateOptions, RollbackOptions, rollback},
    check::check,
    generate::GenerateOptions,
    push::{PushOptions, push},
    status::State,
};
use project::{Project, each_database};

/// A schema as it was first.
mod first {
    use orm::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
    #[db_enum(name = "user_role")]
    pub(crate) enum Role {
        Owner,
        Member,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct User {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        #[column(unique, length = 40)]
        pub(crate) email: String,
        pub(crate) name: Option<String>,
        #[column(default = Role::Member)]
        pub(crate) role: Role,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(index(user_id, title desc), check(has_title = "length(title) > 0"))]
    pub(crate) struct Post {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        #[column(references = User::id, on_delete = cascade)]
        pub(crate) user_id: i64,
        pub(crate) title: String,
    }

    schema! { pub(crate) fn schema() = [User, Post] }
}

/// The schema later: a renamed column, one that is required, one that takes no NULL, one label more.
mod later {
    use orm::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
    #[db_enum(name = "user_role")]
    pub(crate) enum Role {
        Owner,
        Member,
        Guest,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct User {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        #[column(unique, length = 60, renamed_from = "email")]
        pub(crate) address: String,
        pub(crate) name: String,
        #[column(default = Role::Guest)]
        pub(crate) role: Role,
        pub(crate) age: i32,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(index(user_id, title desc), check(has_title = "length(title) > 0"))]
    pub(crate) struct Post {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        #[column(references = User::id, on_delete = cascade)]
        pub(crate) user_id: i64,
        pub(crate) title: String,
    }

    schema! { pub(crate) fn schema() = [User, Post] }
}

const ANSWERS: &str = r#"{"backfill": {"users.age": "18"}}"#;

/// A project whose database has the first schema and rows.
fn applied(project: &Project) -> Result<(), Error> {
    project.generate(first::schema())?;
    project.migrate()?;
    project.run("insert into users (email, name) values ('ann@example.com', 'Ann'), ('bob@example.com', 'Bob')");
    project.run("insert into posts (user_id, title) values (1, 'One'), (2, 'Two')");
    Ok(())
}

fn texts(rows: Vec<Vec<Option<String>>>) -> Vec<String> {
    rows.into_iter().map(|row| row.into_iter().map(|it| it.unwrap_or_default()).collect::<Vec<_>>().join(" ")).collect()
}

each_database! {
    /// The whole way, with rows that stay.
    fn there_and_back(project) {
        applied(&project)?;
        assert_eq!(project.generate(first::schema())?.folder, None);
        project.answer(later::schema(), ANSWERS)?;
        assert!(project.status().is_pending());
        assert_eq!(project.migrate()?.applied.len(), 1);
        let users = project.rows("select id, address, name, role, age from users order by id");
        assert_eq!(texts(users), ["1 ann@example.com Ann member 18", "2 bob@example.com Bob member 18"]);
        assert_eq!(texts(project.rows("select id, user_id, title from posts order by id")), ["1 1 One", "2 2 Two"]);
        project.run("insert into users (address, name, age) values ('eve@example.com', 'Eve', 3)");
        assert_eq!(texts(project.rows("select id, role from users where age = 3")), ["3 guest"]);
        assert_eq!(project.drift(), None);
        assert_eq!(project.generate(later::schema())?.folder, None);

        project.run("update users set role = 'member'");
        let error = project.rollback(&[]).expect_err("the column is full");
        assert_eq!((error.exit_code(), error.to_string().contains("--allow users.age")), (5, true), "{error}");
        let mut allow = orm_kit::plan::losses(&project.migrations()[1].down);
        allow.dedup();
        project.rollback(&allow.iter().map(String::as_str).collect::<Vec<_>>())?;
        let users = project.rows("select id, email, name, role from users order by id");
        assert_eq!(texts(users)[0], "1 ann@example.com Ann member");
        assert_eq!(project.drift(), None);
        assert_eq!(project.migrate()?.applied.len(), 1);
    }

    fn a_column_nobody_said_anything_of(project) {
        applied(&project)?;
        let error = project.generate(later::schema()).expect_err("there is no value for `age`");
        assert_eq!(error.exit_code(), 4);
        assert_eq!(error.to_string(), "a question has no answer:\n  `users.age` takes no NULL and has no default: which value do rows that exist get?");
        assert_eq!(project.migrations().len(), 1);
    }

    fn nothing_of_a_migration_that_fails(project) {
        applied(&project)?;
        project.run("update users set name = null where id = 2");
        project.answer(later::schema(), ANSWERS)?;
        let before = project.rows("select * from users order by id");
        assert!(matches!(project.migrate(), Err(Error::Statement { .. })));
        assert_eq!(project.rows("select * from users order by id"), before);
        assert_eq!(project.drift(), None);
        project.run("update users set name = 'Bob' where id = 2");
        assert_eq!(project.migrate()?.applied.len(), 1);
    }

    fn an_edited_migration(project) {
        applied(&project)?;
        let file = project.folder.join(&project.migrations()[0].id).join("up.sql");
        let text = fs::read_to_string(&file).expect("it was written");
        fs::write(&file, text.replace('\n', "\r\n")).expect("it can be written");
        assert_eq!(project.migrate()?.warnings, Vec::<String>::new());
        fs::write(&file, format!("-- more\n{text}")).expect("it can be written");
        assert_eq!(project.migrate()?.warnings.len(), 1);
        assert_eq!(project.migrate()?.warnings.len(), 0);
        fs::write(&file, format!("{text}; select 1")).expect("it can be written");
        let error = project.migrate().expect_err("the statements are others");
        let expected = format!("`{}/up.sql` was edited after it was applied", project.migrations()[0].id);
        assert!(error.to_string().starts_with(&expected), "{error}");
        fs::remove_dir_all(file.parent().expect("a folder")).expect("it can be removed");
        let error = project.migrate().expect_err("it is gone");
        assert!(error.to_string().contains("is not among the migrations"), "{error}");
        assert_eq!(project.status().problems.len(), 1);
    }

    fn a_view_that_drifts(project) {
        applied(&project)?;
        project.run("create view names as select name from users");
        assert_eq!(project.drift().as_deref(), Some("create view names"));
    }

    /// A dump that was restored has views that the server printed once more.
    fn a_view_that_was_printed_again(project) {
        applied(&project)?;
        project.generate_with(first::schema(), GenerateOptions { custom: true, ..GenerateOptions::default() })?;
        let custom = project.migrations().pop().expect("it was just written");
        let text = "create view picked as select name from users where email in ('a', 'b')";
        fs::write(project.folder.join(&custom.id).join("up.sql"), text).expect("it can be written");
        project.migrate()?;
        let definition = if project.url.starts_with("postgres") {
            format!("create view picked as {}", texts(project.rows("select pg_get_viewdef('picked'::regclass)")).remove(0))
        } else {
            text.replace(" from", "  from")
        };
        project.run(&format!("drop view picked; {definition}"));
        assert_eq!(project.drift(), None);
        project.run(&format!("drop view picked; {}", definition.replace("'b'", "'c'")));
        assert_eq!(project.drift().as_deref(), Some("change view picked"));
    }

    /// By their text, and not by their names only.
    fn what_is_not_a_table_drifts(project) {
        applied(&project)?;
        let is_postgres = project.url.starts_with("postgres");
        let trigger = |column: &str| if is_postgres {
            format!("create trigger seen after update of {column} on users for each row execute function seen()")
        } else {
            format!("create trigger seen after update of {column} on users begin delete from posts where id < 0; end")
        };
        let function = |value: &str| if is_postgres {
            format!("create or replace function seen() returns trigger language plpgsql as $$ begin return {value}; end $$;")
        } else {
            String::new()
        };
        project.generate_with(first::schema(), GenerateOptions { custom: true, ..GenerateOptions::default() })?;
        let custom = project.migrations().pop().expect("it was just written");
        let text = format!("{} {}; create view names as select name from users;", function("new"), trigger("name"));
        fs::write(project.folder.join(&custom.id).join("up.sql"), text).expect("it can be written");
        project.migrate()?;
        assert_eq!(project.drift(), None);
        let on = if is_postgres { " on users" } else { "" };
        project.run(&format!("drop trigger seen{on}; {}", trigger("email")));
        assert_eq!(project.drift().as_deref(), Some("change trigger seen of users"));
        project.run(&format!("drop trigger seen{on}; {}; drop view names; create view names as select email as name from users", trigger("name")));
        assert_eq!(project.drift().as_deref(), Some("change view names"));
        project.run("drop view names");
        assert_eq!(project.drift().as_deref(), Some("drop view names"));
        project.run(&format!("create view names as select name from users; {}", function("null")));
        assert_eq!(project.drift().as_deref(), is_postgres.then_some("change function seen()"));
    }

    fn what_drifts(project) {
        applied(&project)?;
        project.run("create index by_name on users (name)");
        project.run("alter table users add column extra text");
        let drift = project.drift().expect("a column and an index are new");
        assert_eq!(drift, "users: add column extra text\nusers: create index by_name");
    }

    fn losing_needs_a_name(project) {
        applied(&project)?;
        project.answer(later::schema(), ANSWERS)?;
        project.migrate()?;
        let generated = project.answer(first::schema(), r#"{"renamed": {"users.email": "address"}}"#)?;
        assert!(generated.loses.contains(&"users.age".to_owned()), "{:?}", generated.loses);
        let error = project.migrate().expect_err("ages are lost");
        assert_eq!(error.exit_code(), 5);
        project.migrate_with(&MigrateOptions { allow: generated.loses, ..MigrateOptions::default() })?;
        assert_eq!(project.drift(), None);
    }

    /// Nothing is said to be taken back that was not.
    fn a_way_back_that_nobody_wrote(project) {
        applied(&project)?;
        project.generate_with(first::schema(), GenerateOptions { custom: true, ..GenerateOptions::default() })?;
        let custom = project.migrations().pop().expect("it was just written");
        let write = |name: &str, text: &str| {
            fs::write(project.folder.join(&custom.id).join(name), text).expect("it can be written");
        };
        write("up.sql", "update users set name = 'Eve'");
        project.migrate()?;
        let refused = |project: &Project, reason: &str| {
            let error = project.rollback(&[]).expect_err("nothing takes it back");
            assert_eq!(error.exit_code(), 5, "{error}");
            assert_eq!(error.to_string(), format!("`{}` cannot be taken back: {reason}", custom.id));
            assert!(!project.status().is_pending());
        };
        refused(&project, "nobody said how; what takes it back stands here instead of this line");
        write("down.sql", "-- What takes it back.\n");
        refused(&project, "its `down.sql` has no statements");
        write("down.sql", "update users set name = 'Bob'");
        assert_eq!(project.rollback(&[])?.applied.len(), 1);
        // What does nothing is taken back by nothing.
        write("up.sql", "-- nothing");
        write("down.sql", "-- nothing");
        project.migrate()?;
        assert_eq!(project.rollback(&[])?.applied, [custom.id]);
    }

    fn what_was_made_by_hand_stays(project) {
        applied(&project)?;
        project.generate_with(first::schema(), GenerateOptions { custom: true, name: Some("by hand".to_owned()), ..GenerateOptions::default() })?;
        let custom = project.migrations().pop().expect("it was just written");
        let text = "create index by_hand on users (lower(name)); create table notes (id integer primary key); create view names as select name from users;";
        fs::write(project.folder.join(&custom.id).join("up.sql"), text).expect("it can be written");
        project.migrate()?;
        assert_eq!(project.generate(first::schema())?.folder, None);
        project.answer(later::schema(), ANSWERS)?;
        project.migrate()?;
        assert_eq!(texts(project.rows("select name from names order by name")), ["Ann", "Bob"]);
        let names: Vec<String> = project.status().tables.into_iter().map(|table| table.name).collect();
        assert!(names.contains(&"notes".to_owned()), "{names:?}");
        let checked = check(project.backend, &project.url, Some(&later::schema()), &project.folder, false)?;
        assert_eq!(checked.errors, Vec::<String>::new());
        assert_eq!(project.drift(), None);
    }

    /// What would end the transaction of a migration, or was not meant to be left out, is refused while nothing has run.
    fn a_text_that_cannot_be_run(project) {
        applied(&project)?;
        project.write(first::schema(), "create table fine (id integer primary key)")?;
        let id = project.write(first::schema(), "select 1")?;
        let is_refused = |text: &str, problem: &str| {
            project.rewrite(&id, text);
            let error = project.migrate().expect_err("it is refused").to_string();
            assert_eq!(error, format!("`{id}/up.sql` was not run: {problem}"), "{text}");
            assert_eq!(project.status().migrations.iter().filter(|it| it.state == State::Pending).count(), 2);
            assert_eq!(project.drift(), None, "{text}");
        };
        for statement in ["begin", "start transaction", "commit", "END", "rollback", "abort", "begin immediate"] {
            let problem = format!("`{statement}` begins or ends a transaction, and a migration is one already: remove the statement");
            is_refused(&format!("create table half (id integer);\n-- now\n{statement} ;\ncreate nonsense"), &problem);
        }
        is_refused("\n/* create table half (id integer);", "the comment that begins in line 2 has no end");
        is_refused("create table half (id integer);\nselect 'a;", "the text in quotes that begins in line 2 has no end");
        project.rewrite(&id, "create table whole (id integer); savepoint s; insert into whole values (1); rollback to s");
        assert_eq!(project.migrate()?.applied.len(), 2);
        assert_eq!(texts(project.rows("select count(*) from whole")), ["0"]);

        let down = project.folder.join(&id).join("down.sql");
        fs::write(down, "drop table whole; commit; create nonsense").expect("it can be written");
        let error = project.rollback(&[]).expect_err("it is refused").to_string();
        assert!(error.starts_with(&format!("`{id}/down.sql` was not run: `commit` begins or ends")), "{error}");
        assert_eq!(texts(project.rows("select count(*) from whole")), ["0"]);
    }

    fn waiting_for_ever(project) {
        let wait = Duration::from_secs(u64::MAX);
        project.generate(first::schema())?;
        assert_eq!(project.migrate_with(&MigrateOptions { wait, ..MigrateOptions::default() })?.applied.len(), 1);
        let allow = vec!["users".to_owned(), "posts".to_owned()];
        let options = RollbackOptions { wait, allow, ..RollbackOptions::default() };
        assert_eq!(rollback(project.backend, &mut *project.session(), &project.migrations(), &options)?.applied.len(), 1);
    }

    fn pushed(project) {
        let options = PushOptions::default();
        let push = |schema, options: &PushOptions| push(project.backend, &project.url, &schema, options);
        assert_eq!(push(first::schema(), &options)?.changes.len(), if project.url.starts_with("sqlite") { 2 } else { 3 });
        project.run("insert into users (email, name) values ('ann@example.com', 'Ann')");
        assert_eq!(push(first::schema(), &options)?.changes, Vec::<String>::new());
        assert_eq!(push(later::schema(), &options).expect_err("a value is missing").exit_code(), 4);
        let options = PushOptions { answers: serde_json::from_str(ANSWERS).expect("JSON"), ..options };
        push(later::schema(), &options)?;
        assert_eq!(texts(project.rows("select address, age from users")), ["ann@example.com 18"]);
        assert_eq!(push(later::schema(), &options)?.changes, Vec::<String>::new());
    }

    fn a_schema_that_is_too_small(project) {
        applied(&project)?;
        assert_eq!(project.generate(orm::schema::Schema::new(&[])).expect_err("it is empty").to_string(), "the schema has no tables");
        let only_users = || orm::schema::Schema::new(const { &[<first::User as orm::Table>::DEF] });
        let error = project.generate(only_users()).expect_err("half of the tables are gone");
        assert_eq!((error.exit_code(), project.migrations().len()), (5, 1), "{error}");
        let options = GenerateOptions { allow: vec!["posts".to_owned()], ..GenerateOptions::default() };
        assert_eq!(project.generate_with(only_users(), options)?.loses, ["posts"]);
    }
}

/// A push that is only looked at makes no file.
#[test]
fn a_push_to_nowhere() -> Result<(), Error> {
    let project = Project::sqlite();
    let path = project.url.strip_prefix("sqlite:").expect("it is SQLite").to_owned();
    let error =
        push(project.backend, &project.url, &first::schema(), &PushOptions { dry_run: true, ..Default::default() });
    assert_eq!(error.expect_err("it is not there").to_string(), format!("there is no database `{path}`"));
    assert!(!std::path::Path::new(&path).exists());
    push(project.backend, &project.url, &first::schema(), &PushOptions::default())?;
    Ok(())
}

/// The plan that leads from one table of SQLite to another.
fn sqlite_plan(from: &str, to: &str, answers: &str) -> orm_kit::plan::Plan {
    let backend = orm_kit::backend::of("sqlite::memory:").expect("a URL of SQLite");
    let shadow = || orm_kit::shadow::Shadow::new(backend, "sqlite::memory:").expect("there is memory");
    let (mut before, mut after) = (shadow(), shadow());
    before.session().run(from).expect("it is empty");
    after.session().run(to).expect("it is empty");
    let to = after.introspect().expect("it can be read");
    let answers = serde_json::from_str(answers).expect("the answers are JSON");
    orm_kit::prove::prove(backend, &mut before, &to, &answers, Default::default()).expect("it is planned").up
}

/// An answer of long ago is about the day on which NULL was refused.
#[test]
fn a_column_that_stays_nullable_is_not_filled() {
    let plan = |from: &str, to: &str| {
        let from = format!("create table t (id integer primary key, a text {from}, b text)");
        let to = format!("create table t (id integer primary key, a text {to}, b text not null)");
        sqlite_plan(&from, &to, r#"{"backfill": {"t.a": "'x'", "t.b": "'y'"}}"#).to_sql()
    };
    let copied = |sql: &str| sql.contains("select \"id\", \"a\", coalesce(\"b\", 'y') from \"t\"");
    for (from, to) in [("", ""), ("not null", ""), ("not null", "not null")] {
        let sql = plan(from, to);
        assert!(copied(&sql), "{sql}");
    }
    let sql = plan("", "not null");
    assert!(sql.contains("coalesce(\"a\", 'x'), coalesce(\"b\", 'y')"), "{sql}");
}

/// What SQLite would do to values without a word is said.
#[test]
fn a_loss_without_a_word() {
    let losses = |from: &'static str, to: &'static str| {
        let table =
            |(column, options): (&str, &str)| format!("create table t (id integer primary key, a {column}) {options}");
        let split = |text: &'static str| text.split_once('/').unwrap_or((text, ""));
        sqlite_plan(&table(split(from)), &table(split(to)), "{}").losses()
    };
    let lossy = [
        ("varchar(10)", "integer"),
        ("text", "numeric"),
        ("text", "real"),
        ("integer", "real"),
        ("integer", "double precision"),
        ("real", "integer"),
        ("blob", "integer"),
        ("text", "any"),
        ("text/strict", "integer/strict"),
        ("integer/strict", "real/strict"),
    ];
    for (from, to) in lossy {
        assert_eq!(losses(from, to), ["t.a"], "{from} to {to}");
    }
    let kept = [
        ("text", "varchar(10)"),
        ("integer", "bigint"),
        ("integer", "numeric"),
        ("integer", "text"),
        ("real", "text"),
        ("text", "blob"),
        ("text/strict", "any/strict"),
        ("real", "double precision"),
    ];
    for (from, to) in kept {
        assert_eq!(losses(from, to), Vec::<String>::new(), "{from} to {to}");
    }
}

const PARENTS: &str = "create table parents (id integer primary key); insert into parents values (1);
create table children (parent integer references parents (id) on delete cascade); insert into children values (1)";
const REBUILD: &str =
    "create table made (id integer primary key, name text); insert into made (id) select id from parents;
drop table parents; alter table made rename to parents";

/// However foreign keys are turned off on SQLite, a table is made anew without the rows that refer to it.
#[test]
fn spellings_of_foreign_keys_off() -> Result<(), Error> {
    for pragma in [
        "pragma foreign_keys = off; pragma foreign_keys = on",
        "\u{feff}PRAGMA foreign_keys = OFF",
        "pragma main.foreign_keys = off",
        "pragma \"foreign_keys\"(0)",
        "/* /* */ pragma [main] . foreign_keys = 'no'",
    ] {
        let project = Project::sqlite();
        project.write(first::schema(), PARENTS)?;
        project.write(first::schema(), &format!("{pragma};\n{REBUILD}"))?;
        assert_eq!(project.migrate()?.applied.len(), 2);
        assert_eq!(
            texts(project.rows("select parent, name from children join parents on id = parent")),
            ["1 "],
            "{pragma}"
        );
    }
    Ok(())
}

/// Statements that cannot run in a transaction run one by one, where foreign keys would be checked.
#[test]
fn foreign_keys_off_and_no_transaction() -> Result<(), Error> {
    let project = Project::sqlite();
    project.write(first::schema(), PARENTS)?;
    project.migrate()?;
    let id = project.write(first::schema(), &format!("pragma foreign_keys = off; {REBUILD}; vacuum"))?;
    let error = project.migrate().expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        format!(
            "`{id}/up.sql` was not run: `pragma foreign_keys = off` is for a whole transaction, and `vacuum` cannot run in one: \
             move one of them to a migration of its own"
        )
    );
    assert_eq!(texts(project.rows("select * from children")), ["1"]);
    assert_eq!(project.status().migrations[1].state, State::Pending);
    Ok(())
}
