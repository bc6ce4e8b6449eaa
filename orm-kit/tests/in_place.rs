//! Tables of SQLite that are changed where they are: rows are not copied, and have to fit.

#[path = "support/project.rs"]
mod project;

use orm::schema::Schema;
use orm_kit::{
    Error,
    apply::{MigrateOptions, migrate},
    generate::GenerateOptions,
    plan::losses,
    prove::Rebuild,
    session::{Row, Session},
    status::State,
};
use project::Project;

/// A schema as it was first.
mod first {
    use orm::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
    pub(crate) enum Kind {
        Plain,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct Item {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[column(default = 1)]
        pub(crate) size: i64,
        pub(crate) kind: Kind,
        pub(crate) part_of: Option<i64>,
    }

    schema! { pub(crate) fn schema() = [Item] }
}

/// The schema later: NULL is allowed, another default, a check, a label more, a reference.
mod later {
    use orm::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
    pub(crate) enum Kind {
        Plain,
        Fancy,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(check(sized = "size > 0"))]
    pub(crate) struct Item {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        pub(crate) name: Option<String>,
        #[column(default = 2)]
        pub(crate) size: i64,
        pub(crate) kind: Kind,
        #[column(references = Item::id)]
        pub(crate) part_of: Option<i64>,
    }

    schema! { pub(crate) fn schema() = [Item] }
}

fn generate(project: &Project, schema: Schema) -> Result<String, Error> {
    let options = GenerateOptions { rebuild: Rebuild::InPlace, ..GenerateOptions::default() };
    Ok(project.generate_with(schema, options)?.up)
}

/// A database with the first schema and a migration to the later one.
fn project(rows: usize) -> Result<Project, Error> {
    let project = Project::sqlite();
    generate(&project, first::schema())?;
    project.migrate()?;
    project.run(&format!(
        "with recursive n (n) as (select 1 union all select n + 1 from n where n < {rows}) \
         insert into items (name, kind, part_of) select 'item ' || n, 'plain', nullif(n - 1, 0) from n"
    ));
    let up = generate(&project, later::schema())?;
    assert!(up.contains("update sqlite_schema") && !up.contains("insert into \"__orm_new"), "{up}");
    Ok(project)
}

fn number(session: &mut dyn Session, sql: &str) -> usize {
    session.value(sql).expect("the query is valid").and_then(|it| it.parse().ok()).expect("it is a number")
}

fn schema_of(project: &Project) -> Vec<Row> {
    project.rows("select name, rootpage, sql from sqlite_schema where name not like '\\_orm%' escape '\\' order by 1")
}

#[test]
fn rows_are_not_copied() -> Result<(), Error> {
    let project = project(100_000)?;
    let place = "select rootpage from sqlite_schema where name = 'items'";
    let mut session = project.session();
    let before = (number(&mut *session, place), number(&mut *session, "pragma page_count"));
    let changes = number(&mut *session, "select total_changes()");
    migrate(project.backend, &mut *session, &project.migrations(), &MigrateOptions::default())?;
    let changes = number(&mut *session, "select total_changes()") - changes;
    assert!(changes < 20, "{changes} rows were written");
    assert_eq!(number(&mut *session, place), before.0);
    let grown = number(&mut *session, "pragma page_count") - before.1;
    assert!(grown < 4, "the file has {grown} pages more");
    assert_eq!(session.value("pragma writable_schema")?.as_deref(), Some("0"));

    session.run("insert into items (kind) values ('fancy')")?;
    assert_eq!(number(&mut *session, "select size from items where kind = 'fancy'"), 2);
    for refused in ["(size, kind) values (0, 'plain')", "(kind, part_of) values ('plain', 999999)"] {
        session.run(&format!("insert into items {refused}")).expect_err("it does not fit the schema");
    }
    assert_eq!(project.drift(), None);
    Ok(())
}

/// Which statement would put in a row that does not fit, and what is said then.
#[test]
fn rows_that_do_not_fit() -> Result<(), Error> {
    let cases = [
        ("update items set size = 0 where id = 7", "a row of `items` does not meet the check `sized`"),
        (
            "pragma foreign_keys = off; update items set part_of = 99 where id = 7",
            "a row of `items` would refer by `part_of` to a row of `items` that does not exist",
        ),
        ("alter table items add column extra text", "`items` is not what this migration was written for"),
    ];
    for (spoil, expected) in cases {
        let project = project(10)?;
        project.run(spoil);
        let before = schema_of(&project);
        let mut session = project.session();
        let result = migrate(project.backend, &mut *session, &project.migrations(), &MigrateOptions::default());
        let error = result.expect_err("a row does not fit").to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(schema_of(&project), before);
        assert_eq!(project.status().migrations[1].state, State::Pending);
        // The connection is as it was.
        assert_eq!(session.value("pragma writable_schema")?.as_deref(), Some("0"));
        session.run("insert into items (name, size, kind) values ('small', 0, 'plain')")?;

        // Without the transaction, and going on after an error, as the shell of SQLite does.
        let up = project.migrations()[1].up.clone();
        let mut session = project.session();
        let failed = orm_kit::sql::statements(&up).into_iter().filter(|sql| session.run(sql).is_err()).count();
        assert_eq!((failed, schema_of(&project)), (1, before));
    }
    Ok(())
}

#[test]
fn a_file_that_is_run_by_another_program() -> Result<(), Error> {
    let project = project(10)?;
    let backend = project.backend;
    project.run(&project.migrations()[1].up);
    let by_hand = backend.introspect(&mut *project.session())?;
    assert_eq!(by_hand.tables, project.migrations()[1].snapshot.model.tables);
    assert_eq!(project.rows("pragma integrity_check"), [[Some("ok".to_owned())]]);
    Ok(())
}

/// Others that have the database open, and have read its schema, see what it is now.
#[test]
fn connections_that_were_open_before() -> Result<(), Error> {
    let project = project(10)?;
    let mut other = project.session();
    let insert = "insert into items (name, size, kind) values (null, 5, 'fancy')";
    other.run(insert).expect_err("a name is asked for");
    project.migrate()?;
    other.run(insert)?;
    let error = other.run("insert into items (size, kind) values (-1, 'plain')").expect_err("the check is there");
    assert!(error.to_string().contains("sized"), "{error}");
    Ok(())
}

/// A migration by hand that edits the schema as SQLite's documentation shows it, which reads it again only after the commit.
#[test]
fn an_edit_by_hand_is_looked_at() -> Result<(), Error> {
    for text in ["create table t (a, b not null", "create table t (a, b not null)"] {
        let project = Project::sqlite();
        project.run("create table t (a, b); insert into t values (1, null)");
        let up = format!(
            "pragma writable_schema = on; update sqlite_schema set sql = '{text}' where name = 't'; pragma writable_schema = off"
        );
        // Tried on a shadow without the table, it changes nothing; here it would.
        project.write(first::schema(), &up)?;
        project.migrate().expect_err("the text is broken, or a row does not fit");
        let stored = project.rows("select sql from sqlite_schema where name = 't'");
        assert_eq!(stored, [[Some("CREATE TABLE t (a, b)".to_owned())]]);
        assert_eq!(project.rows("select a from t"), [[Some("1".to_owned())]]);
    }
    Ok(())
}

#[test]
fn a_statement_after_it_fails() -> Result<(), Error> {
    let project = project(10)?;
    let before = schema_of(&project);
    let migration = project.migrations().pop().expect("it was just written");
    project.rewrite(
        &migration.id,
        &format!("{};\ninsert into nowhere values (1)", migration.up.trim_end().trim_end_matches(';')),
    );
    let mut session = project.session();
    migrate(project.backend, &mut *session, &project.migrations(), &MigrateOptions::default()).expect_err("it fails");
    assert_eq!(schema_of(&project), before);
    session.run("insert into items (name, kind) values (null, 'plain')").expect_err("all is as it was");
    session.run("insert into items (name, size, kind) values ('small', 0, 'plain')")?;
    Ok(())
}

/// What was taken back is applied again, whatever its text was before.
#[test]
fn back_and_forth() -> Result<(), Error> {
    let project = project(10)?;
    let (schema, rows) = (schema_of(&project), project.rows("select * from items"));
    for _ in 0..2 {
        project.migrate()?;
        assert_ne!(schema_of(&project), schema);
        let down = project.migrations()[1].down.clone();
        assert_eq!(losses(&down), Vec::<String>::new());
        project.rollback(&[])?;
        assert_eq!((schema_of(&project), project.rows("select * from items")), (schema.clone(), rows.clone()));
    }
    project.migrate()?;
    project.run("insert into items (name, kind) values (null, 'plain')");
    let error = project.rollback(&[]).expect_err("a row has no name").to_string();
    assert!(error.contains("`items.name` is NULL in a row"), "{error}");
    Ok(())
}

/// A row that is older than a column reads as the column's default, so that one is not changed in place.
#[test]
fn rows_older_than_a_column() -> Result<(), Error> {
    let project = Project::sqlite();
    let custom = |up: &str| project.write(first::schema(), up);
    custom("create table t (\n    id integer primary key,\n    a text\n)")?;
    project.migrate()?;
    project.run("insert into t values (1, 'old')");
    custom("alter table t add column b integer default 5")?;
    project.migrate()?;
    let mut shadow = orm_kit::shadow::Shadow::new(project.backend, &project.url)?;
    for migration in project.migrations() {
        shadow.session().run(&migration.up)?;
    }
    let mut to = shadow.introspect()?;
    to.tables[0].columns[2].default = Some("6".to_owned());
    let manner = orm_kit::prove::Manner { rebuild: Rebuild::InPlace, ..Default::default() };
    let proved = orm_kit::prove::prove(project.backend, &mut shadow, &to, &Default::default(), manner)?;
    custom(&proved.up.to_sql())?;
    project.migrate()?;
    project.run("insert into t (id) values (2)");
    let row = |values: [&str; 2]| values.map(|value| Some(value.to_owned())).to_vec();
    assert_eq!(project.rows("select id, b from t"), [row(["1", "5"]), row(["2", "6"])]);
    Ok(())
}

/// A reference to nothing is none that could be put back without a copy, and one to what is no key cannot be put back at all.
#[test]
fn references_that_never_worked() -> Result<(), Error> {
    let backend = orm_kit::backend::of("sqlite::memory:")?;
    for (reference, is_in_place) in [("nowhere (x)", false), ("p (x)", true)] {
        let mut shadow = orm_kit::shadow::Shadow::new(backend, "sqlite::memory:")?;
        let tables = "create table p (id integer primary key, x integer); \
            create table a (id integer primary key, x integer references";
        shadow.session().run(&format!("{tables} {reference})"))?;
        let mut to = shadow.introspect()?;
        to.tables[1].foreign_keys.clear();
        let manner = orm_kit::prove::Manner { rebuild: Rebuild::InPlace, ..Default::default() };
        let proved = orm_kit::prove::prove(backend, &mut shadow, &to, &Default::default(), manner)?;
        let up = proved.up.to_sql();
        assert_eq!((up.contains("update sqlite_schema"), proved.down.is_err()), (is_in_place, is_in_place), "{up}");
    }
    Ok(())
}
