//! Random schemas with random rows: the plan from one to another leads there, keeps what it should, and can be taken back.
//!
//! `ORM_KIT_CASES` says how many pairs are tried on each database.

#[path = "support/random_schema.rs"]
mod random_schema;

use std::{
    cell::RefCell,
    sync::atomic::{AtomicUsize, Ordering},
};

use orm_kit::{
    backend::{self, Backend},
    ddl,
    diff::diff,
    model::Model,
    prove::{Manner, Rebuild, prove},
    question::{Answers, Question},
    session::{Row, Session},
    shadow::Shadow,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use random_schema::{RandomSchema, schema};

fn cases(usual: u32) -> u32 {
    std::env::var("ORM_KIT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

/// The answers a person would give to whom nothing is renamed.
fn answers(questions: &[Question], answers: &mut Answers, is_sqlite: bool) {
    for question in questions {
        match question {
            Question::Renamed { of, .. } => drop(answers.renamed.insert(of.clone(), None)),
            Question::Backfill { of } => {
                // Each row has a key of its own.
                let key = if is_sqlite { "rowid" } else { "(ctid::text::point)[1]" };
                let value = if of.ends_with(".id") { key } else { "7" };
                answers.backfill.insert(of.clone(), value.to_owned());
            }
        }
    }
}

fn rows(session: &mut dyn Session, sql: &str) -> Result<Vec<Row>, TestCaseError> {
    let mut rows = session.rows(sql).map_err(|error| TestCaseError::fail(error.to_string()))?;
    rows.sort();
    Ok(rows)
}

/// The rows of columns that are in both schemas with the same type, of all tables, with the hidden row ids of SQLite.
fn kept(session: &mut dyn Session, this: &Model, other: &Model, is_sqlite: bool) -> Result<Vec<Row>, TestCaseError> {
    let mut all = Vec::new();
    for table in &this.tables {
        let Some(same) = other.table(&table.name) else { continue };
        let mut columns: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.generated.is_none())
            .filter(|column| {
                same.column(&column.name).is_some_and(|it| it.sql_type == column.sql_type && it.generated.is_none())
            })
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        columns.sort();
        let has_alias = |table: &orm_kit::model::Table| table.key().len() == 1;
        if is_sqlite && has_alias(table) == has_alias(same) {
            columns.push("rowid".to_owned());
        }
        if !columns.is_empty() {
            all.extend(rows(session, &format!("select {} from \"{}\"", columns.join(", "), table.name))?);
        }
    }
    Ok(all)
}

/// How many plans edited a table where it is.
static EDITED: AtomicUsize = AtomicUsize::new(0);

/// A shadow for many pairs: to make a database of PostgreSQL takes longer than everything that is done with it.
struct Place<'u> {
    backend: &'static dyn Backend,
    url: &'u str,
    shadow: Option<Shadow>,
    /// How many pairs are tried before the next one: a catalog grows with all that was ever in it.
    left: u32,
}

impl Place<'_> {
    fn empty(&mut self) -> Result<&mut Shadow, orm_kit::Error> {
        self.left = self.left.checked_sub(1).unwrap_or(50);
        let is_new = self.left == 50 || self.url.starts_with("sqlite:");
        match self.shadow.take().filter(|_| !is_new) {
            None => Ok(self.shadow.insert(Shadow::new(self.backend, self.url)?)),
            Some(shadow) => {
                let shadow = self.shadow.insert(shadow);
                let clear =
                    "drop schema if exists orm_scratch cascade; drop schema public cascade; create schema public";
                shadow.session().run(&format!("rollback; {clear}; set search_path = public"))?;
                Ok(shadow)
            }
        }
    }
}

fn pair(place: &mut Place<'_>, from: &RandomSchema, to: &RandomSchema, rebuild: Rebuild) -> Result<(), TestCaseError> {
    let failed = |error: orm_kit::Error| TestCaseError::fail(error.to_string());
    let backend = place.backend;
    let is_sqlite = place.url.starts_with("sqlite:");
    let shadow = place.empty().map_err(failed)?;
    let target = shadow.normalize(&to.model(is_sqlite)).map_err(failed)?;
    let source = shadow.normalize(&from.model(is_sqlite)).map_err(failed)?;
    shadow.session().run(&ddl::create_all(&source, backend.dialect()).join(";\n")).map_err(failed)?;
    shadow.session().run(&from.rows().join(";\n")).map_err(failed)?;
    let before = kept(shadow.session(), &source, &target, is_sqlite)?;
    let mut given = Answers::default();
    // Questions come up before anything is done, but for renames, of which there are none.
    let proved = loop {
        match prove(backend, shadow, &target, &given, Manner { rebuild, ..Manner::default() }) {
            Err(orm_kit::Error::Questions { questions }) => answers(&questions, &mut given, is_sqlite),
            result => break result.map_err(failed)?,
        }
    };
    if proved.up.to_sql().contains("update sqlite_schema") {
        EDITED.fetch_add(1, Ordering::Relaxed);
    }
    let reached = shadow.introspect().map_err(failed)?;
    let is_back = proved.down.is_err();
    if !is_back {
        prop_assert_eq!(diff(&reached, &target, backend), vec![]);
        let after = kept(shadow.session(), &target, &source, is_sqlite)?;
        // The proof added rows of its own, and took the migration back and forth; what there was is still there.
        for row in &before {
            prop_assert!(after.contains(row), "{row:?} is gone: {after:?}\n{}", proved.up.to_sql());
        }
    }
    prop_assert_eq!(diff(&target, &target, backend), vec![]);
    Ok(())
}

fn run(url: &str, usual: u32) {
    let config = Config { cases: cases(usual), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    // Every other pair differs in constraints and defaults only, which SQLite changes where they are if it is asked to.
    let pairs = (schema(), schema(), any::<bool>(), any::<bool>());
    let backend = backend::of(url).expect("a URL of a database");
    let place = RefCell::new(Place { backend, url, shadow: None, left: 0 });
    let result = runner.run(&pairs, |(from, to, is_similar, is_in_place)| {
        let to = if is_similar { from.constrained_as(&to) } else { to };
        pair(&mut place.borrow_mut(), &from, &to, if is_in_place { Rebuild::InPlace } else { Rebuild::Copy })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn sqlite() {
    run("sqlite::memory:", 200);
    assert!(EDITED.load(Ordering::Relaxed) > 0, "no table was changed where it is");
}

#[test]
fn postgres() {
    let url = std::env::var("ORM_TEST_POSTGRES")
        .expect("ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one");
    run(&url, 15);
}
