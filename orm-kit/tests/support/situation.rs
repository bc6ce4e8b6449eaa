//! A change of a schema, said by the statements that create it before and after: planned, applied to tables with rows, compared.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use orm_kit::{
    Error,
    backend::{self, Backend},
    prove::{Locking, Proved, prove},
    question::Answers,
    shadow::Shadow,
};

/// The server of the tests.
pub fn postgres() -> String {
    std::env::var("ORM_TEST_POSTGRES")
        .expect("ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one")
}

/// The kinds of databases a situation is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Both,
    Postgres,
    Sqlite,
}

/// A change of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    pub name: &'static str,
    pub on: On,
    pub from: &'static str,
    pub to: &'static str,
    /// The answers, as JSON.
    pub answers: &'static str,
}

pub fn situation(name: &'static str, on: On, from: &'static str, to: &'static str) -> Situation {
    Situation { name, on, from, to, answers: "{}" }
}

pub fn answered(name: &'static str, on: On, from: &'static str, to: &'static str, answers: &'static str) -> Situation {
    Situation { name, on, from, to, answers }
}

/// The plan of a situation on one database, proved on a shadow of it.
pub fn plan(url: &str, from: &str, to: &str, answers: &str) -> Result<Proved, Error> {
    let backend: &'static dyn Backend = backend::of(url)?;
    let answers: Answers = serde_json::from_str(answers).expect("the answers are JSON");
    let mut shadow = Shadow::new(backend, url)?;
    let mut read = orm_kit::model::Model::default();
    backend.scratch(shadow.session(), &mut |session| {
        session.run(to)?;
        read = backend.introspect(session)?;
        Ok(())
    })?;
    shadow.session().run(from)?;
    prove(backend, &mut shadow, &read, &answers, Locking::Transaction)
}

/// Proves situations on the databases they are of: their plans lead to the schema, keep rows, and can be taken back.
pub fn check(url: &str, situations: &[Situation]) {
    let this = if url.starts_with("sqlite:") { On::Sqlite } else { On::Postgres };
    let chosen: Vec<&Situation> = situations.iter().filter(|it| it.on == On::Both || it.on == this).collect();
    // Making and dropping databases is waiting for the most part.
    let shares = chosen.chunks(chosen.len().div_ceil(4).max(1));
    let failures: Vec<String> = std::thread::scope(|scope| {
        let share = |share: &'_ [&'_ Situation]| share.iter().filter_map(|it| problem(url, it)).collect::<Vec<_>>();
        let threads: Vec<_> = shares.map(|chunk| scope.spawn(move || share(chunk))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a situation does not panic")).collect()
    });
    assert!(failures.is_empty(), "{} of them:\n\n{}", failures.len(), failures.join("\n\n"));
}

fn problem(url: &str, it: &Situation) -> Option<String> {
    match plan(url, it.from, it.to, it.answers) {
        Ok(proved) if !proved.without_rows.is_empty() => {
            Some(format!("{}: no rows in {:?}", it.name, proved.without_rows))
        }
        Ok(proved) => {
            let problem = proved.down.err()?;
            Some(format!("{}: cannot be taken back: {problem}\n{}", it.name, proved.up.to_sql()))
        }
        Err(error) => Some(format!("{}: {error}", it.name)),
    }
}
