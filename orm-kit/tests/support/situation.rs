//! A change of a schema, said by the statements that create it before and after: planned, applied to tables with rows, compared.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use orm_kit::{
    Error,
    backend::{self, Backend},
    prove::{Manner, Proved, prove},
    question::Answers,
    shadow::Shadow,
};

/// The server of the tests.
pub fn postgres() -> String {
    std::env::var("ORM_TEST_POSTGRES")
        .expect("ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one")
}

/// A change of a schema.
#[derive(Debug, Clone)]
pub struct Situation {
    pub name: String,
    pub from: String,
    pub to: String,
    /// The answers, as JSON.
    pub answers: String,
    /// What refers to rows that are gone cannot refer to them again.
    pub is_irreversible: bool,
}

/// The situations of a file: after `== name` the statements before, after `-- to` those after, after `-- answers` the
/// answers, and `-- irreversible` if there is no way back.
pub fn read(text: &str) -> Vec<Situation> {
    let mut situations: Vec<Situation> = Vec::new();
    let mut is_after = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            let (from, to) = (String::new(), String::new());
            situations.push(Situation {
                name: name.to_owned(),
                from,
                to,
                answers: "{}".to_owned(),
                is_irreversible: false,
            });
            is_after = false;
            continue;
        }
        let last = situations.last_mut().expect("a file begins with a name");
        if line == "-- to" {
            is_after = true;
        } else if line == "-- irreversible" {
            last.is_irreversible = true;
        } else if let Some(answers) = line.strip_prefix("-- answers ") {
            answers.clone_into(&mut last.answers);
        } else {
            let target = if is_after { &mut last.to } else { &mut last.from };
            target.push_str(line);
            target.push('\n');
        }
    }
    situations
}

/// The plan of a situation on one database, proved on a shadow of it.
pub fn plan(url: &str, it: &Situation, manner: Manner) -> Result<Proved, Error> {
    let backend: &'static dyn Backend = backend::of(url)?;
    let answers: Answers = serde_json::from_str(&it.answers).expect("the answers are JSON");
    let mut shadow = Shadow::new(backend, url)?;
    let mut read = orm_kit::model::Model::default();
    backend.scratch(shadow.session(), &mut |session| {
        session.run(&it.to)?;
        read = backend.introspect(session)?;
        Ok(())
    })?;
    let to = shadow.normalize(&read).unwrap_or(read);
    shadow.session().run(&it.from)?;
    prove(backend, &mut shadow, &to, &answers, manner)
}

/// Proves situations on a database: their plans lead to the schema, keep rows, and can be taken back.
pub fn check(url: &str, situations: &[Situation], manner: Manner) {
    // Making and dropping databases is waiting for the most part.
    let shares = situations.chunks(situations.len().div_ceil(4).max(1));
    let failures: Vec<String> = std::thread::scope(|scope| {
        let problems =
            |share: &'_ [Situation]| share.iter().filter_map(|it| problem(url, it, manner)).collect::<Vec<_>>();
        let threads: Vec<_> = shares.map(|share| scope.spawn(move || problems(share))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a situation does not panic")).collect()
    });
    let count = situations.len();
    assert!(failures.is_empty(), "{} of {count}:\n\n{}", failures.len(), failures.join("\n\n"));
}

fn problem(url: &str, it: &Situation, manner: Manner) -> Option<String> {
    match plan(url, it, manner) {
        Ok(proved) if !proved.without_rows.is_empty() => {
            Some(format!("{}: no rows in {:?}", it.name, proved.without_rows))
        }
        Ok(proved) if it.is_irreversible => proved.down.is_ok().then(|| format!("{}: can be taken back", it.name)),
        Ok(proved) => {
            let problem = proved.down.err()?;
            Some(format!("{}: cannot be taken back: {problem}\n{}", it.name, proved.up.to_sql()))
        }
        Err(error) => Some(format!("{}: {error}", it.name)),
    }
}
