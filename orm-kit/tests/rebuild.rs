//! Tables of SQLite that are made anew, among everything that may hang on them: references that delete along, trees, circles, triggers,
//! views, full-text indexes, numbers that were given, hidden row ids, and what the migrations know nothing of.
//!
//! `ORM_KIT_REBUILDS` says how many databases are tried.

#[path = "support/project.rs"]
mod project;

use std::fs;

use orm_kit::{
    backend::Backend,
    diff::diff,
    generate::GenerateOptions,
    model::{Column, Model},
    prove::{Manner, Rebuild},
    session::{Row, Session},
};
use project::Project;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

const SCHEMA: &str = "
create table people (
    id integer primary key autoincrement,
    name text collate nocase,
    boss integer references people (id) on delete cascade,
    team integer references teams (id) on delete set null
);
create table teams (
    id integer primary key,
    title text not null unique,
    head integer references people (id) on delete cascade deferrable initially deferred
);
create table notes (text text, person integer references people (id) on delete cascade);
create table tags (word text not null, person integer not null references people (id), primary key (word, person)) without rowid;
create table log (what text);
create index people_name on people (name) where name is not null;
create view names as select name, id from people;
create view heads as select n.name from names n join teams t on t.head = n.id;
create trigger named after update of name on people begin insert into log values ('named ' || new.name); end;
create trigger logged after insert on log when new.what = 'tidy' begin delete from notes where text = 'gone'; end;
create trigger team_named instead of update on names begin update people set name = new.name where id = new.id; end;
create virtual table found using fts5 (text, content='notes', content_rowid='rowid');
";

/// What no migration made.
const BY_HAND: &str = "
create index by_hand on people (boss);
create trigger by_hand_too after delete on notes begin insert into log values ('note'); end;
";

/// Everything that is stored, with the hidden numbers of rows.
fn contents(session: &mut dyn Session) -> Vec<Vec<Row>> {
    let queries = [
        "select id, name, boss, team from people order by id",
        "select id, title, head from teams order by id",
        "select rowid, text, person from notes order by rowid",
        "select word, person from tags order by word, person",
        "select rowid, what from log order by rowid",
        "select name, id from names order by id",
        "select name from heads order by name",
        "select rowid from found where found match 'milk' order by rowid",
        "select name, seq from sqlite_sequence where name not like '\\_orm%' escape '\\' order by name",
        "select type, name, tbl_name from sqlite_schema where type in ('view', 'trigger') or name like 'by_hand%' order by 1, 2",
    ];
    queries.iter().map(|sql| session.rows(sql).unwrap_or_else(|error| panic!("{error}"))).collect()
}

/// Rows with gaps, whose last number was given to a row that is gone.
fn fill(session: &mut dyn Session, people: usize, gaps: &[usize]) {
    let mut statements = vec!["pragma foreign_keys = off".to_owned()];
    for id in 1..=people {
        let boss = if id == 1 { "null".to_owned() } else { (id / 2).to_string() };
        let team = 1 + id % 2;
        statements.push(format!("insert into people values ({id}, 'P{id}', {boss}, {team})"));
        let text = if id % 2 == 0 { "milk" } else { "bread" };
        statements.push(format!("insert into notes (rowid, text, person) values ({}, '{text}', {id})", id * 3));
        statements.push(format!("insert into tags values ('t{}', {id})", id % 3));
    }
    statements.push("insert into teams values (1, 'one', 1), (2, 'two', 1)".to_owned());
    statements.push(format!("insert into people (id, name) values ({}, 'last')", people + 100));
    statements.push(format!("delete from people where id = {}", people + 100));
    statements.push("pragma foreign_keys = on".to_owned());
    statements.extend(gaps.iter().map(|gap| format!("delete from notes where rowid = {}", gap * 3)));
    statements.push("insert into found (found) values ('rebuild')".to_owned());
    session.run(&statements.join(";\n")).unwrap_or_else(|error| panic!("{error}"));
}

/// A change that needs a table made anew.
#[derive(Debug, Clone, Copy)]
enum Alteration {
    Required(usize),
    Default(usize),
    Computed(usize),
    Check(usize),
    Type(usize),
    Unnumbered,
    Reference,
}

const TABLES: [(&str, &str); 4] = [("people", "name"), ("teams", "title"), ("notes", "text"), ("tags", "word")];

fn alter(model: &mut Model, alteration: Alteration) {
    let at = |at: usize| TABLES[at % TABLES.len()];
    let find = |model: &'_ mut Model, name: &str| -> usize {
        model.tables.iter().position(|table| table.name == name).expect("the schema has it")
    };
    match alteration {
        Alteration::Required(table) | Alteration::Default(table) | Alteration::Type(table) => {
            let (name, column) = at(table);
            let at = find(model, name);
            let columns = &mut model.tables[at].columns;
            let column = columns.iter_mut().find(|it| it.name == column).expect("the table has it");
            match alteration {
                Alteration::Required(_) => column.nullable = false,
                Alteration::Default(_) => column.default = Some("'none'".to_owned()),
                _ => column.sql_type = "varchar(40)".to_owned(),
            }
        }
        Alteration::Computed(table) => {
            let (name, column) = at(table);
            let at = find(model, name);
            model.tables[at].columns.push(Column {
                name: "loud".to_owned(),
                sql_type: "text".to_owned(),
                nullable: true,
                generated: Some(orm_kit::model::Generated {
                    expression: format!("upper({column})"),
                    storage: orm_kit::model::GeneratedStorage::Stored,
                }),
                ..Column::default()
            });
        }
        Alteration::Check(table) => {
            let (name, column) = at(table);
            let at = find(model, name);
            let condition = format!("length({column}) < 1000");
            model.tables[at].checks.push(orm_kit::model::Check { name: Some("short".to_owned()), condition });
        }
        Alteration::Unnumbered => {
            let at = find(model, "teams");
            model.tables[at].columns[0].identity = Some(orm_kit::model::Identity::ByDefault);
        }
        Alteration::Reference => {
            let at = find(model, "tags");
            model.tables[at].foreign_keys[0].on_delete = orm_kit::model::ForeignKeyAction::Cascade;
        }
    }
}

fn alterations() -> impl Strategy<Value = Vec<Alteration>> {
    let one = prop_oneof![
        (0..4_usize).prop_map(Alteration::Required),
        (0..4_usize).prop_map(Alteration::Default),
        (0..4_usize).prop_map(Alteration::Computed),
        (0..4_usize).prop_map(Alteration::Check),
        (0..4_usize).prop_map(Alteration::Type),
        Just(Alteration::Unnumbered),
        Just(Alteration::Reference),
    ];
    prop::collection::vec(one, 1..6)
}

/// Writes the migrations by the library, and applies them as the command does: to a file that has rows by then.
fn rebuilt(people: usize, gaps: &[usize], alterations: &[Alteration], manner: Manner) -> Result<(), TestCaseError> {
    let failed = |error: orm_kit::Error| TestCaseError::fail(error.to_string());
    let project = Project::sqlite();
    let backend: &'static dyn Backend = project.backend;
    let custom = || GenerateOptions { custom: true, ..GenerateOptions::default() };
    let nothing = orm::schema::Schema::new(&[]);
    project.generate_with(nothing, custom()).map_err(failed)?;
    let first = project.migrations().pop().expect("it was just written").id;
    fs::write(project.folder.join(first).join("up.sql"), SCHEMA).expect("it can be written");
    project.migrate().map_err(failed)?;
    fill(&mut *project.session(), people, gaps);
    project.run(BY_HAND);

    let mut shadow = orm_kit::shadow::Shadow::new(backend, &project.url).map_err(failed)?;
    shadow.session().run(SCHEMA).map_err(failed)?;
    let mut target = shadow.introspect().map_err(failed)?;
    for (at, alteration) in alterations.iter().enumerate() {
        // Two of the same kind would add the same again.
        let is_new = |other: &Alteration| format!("{other:?}") != format!("{alteration:?}");
        if alterations[..at].iter().all(is_new) {
            alter(&mut target, *alteration);
        }
    }
    let answers = orm_kit::question::Answers::default();
    let proved = orm_kit::prove::prove(backend, &mut shadow, &target, &answers, manner).map_err(failed)?;
    project.generate_with(nothing, custom()).map_err(failed)?;
    let second = project.migrations().pop().expect("it was just written").id;
    fs::write(project.folder.join(&second).join("up.sql"), proved.up.to_sql()).expect("it can be written");
    let down = proved.down.map_err(TestCaseError::fail)?.to_sql();
    fs::write(project.folder.join(&second).join("down.sql"), &down).expect("it can be written");

    let mut before = contents(&mut *project.session());
    project.migrate().map_err(failed)?;
    let mut after = contents(&mut *project.session());
    if alterations.iter().any(|it| matches!(it, Alteration::Unnumbered)) {
        // Numbers of a further table are kept from now on.
        for all in [&mut before, &mut after] {
            all[8].retain(|row| row[0].as_deref() != Some("teams"));
        }
    }
    prop_assert_eq!(&after, &before, "{}", proved.up.to_sql());
    let reached = backend.introspect(&mut *project.session()).map_err(failed)?;
    let rest = diff(&reached, &target, backend);
    let by_hand = ["people: drop index by_hand", "drop trigger by_hand_too of notes"];
    prop_assert_eq!(rest.iter().map(ToString::to_string).collect::<Vec<_>>(), by_hand);
    let allow = orm_kit::plan::losses(&down);
    project.rollback(&allow.iter().map(String::as_str).collect::<Vec<_>>()).map_err(failed)?;
    let back = contents(&mut *project.session());
    prop_assert_eq!(&back[..8], &before[..8]);

    // Everything still works: numbers go on, triggers fire, references delete along.
    project.run("insert into people (name) values ('new'); update people set name = 'newer' where name = 'new'; delete from people where name = 'newer'");
    let last = project.rows("select seq from sqlite_sequence where name = 'people'");
    prop_assert_eq!(last, [[Some((people + 101).to_string())]]);
    prop_assert_eq!(project.rows("select count(*) from log where what = 'named newer'"), [[Some("1".to_owned())]]);
    project.run("insert into found (found, rank) values ('integrity-check', 1)");
    Ok(())
}

#[test]
fn rows_stay_whatever_is_made_anew() {
    let cases = std::env::var("ORM_KIT_REBUILDS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let input = (1..12_usize, prop::collection::vec(1..12_usize, 0..4), alterations(), any::<bool>());
    let result = runner.run(&input, |(people, gaps, alterations, is_in_place)| {
        let rebuild = if is_in_place { Rebuild::InPlace } else { Rebuild::Copy };
        rebuilt(people, &gaps, &alterations, Manner { rebuild, ..Manner::default() })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
