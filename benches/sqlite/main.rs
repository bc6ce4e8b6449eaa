//! What queries on SQLite cost, in instructions, against the hand-written `rusqlite` call. See `benches/README.md`.
#![allow(missing_docs, unreachable_pub, reason = "a program, not a library")]

#[path = "../support/allocations.rs"]
mod allocations;
#[path = "../support/callgrind.rs"]
mod callgrind;
mod case;
mod cases;
#[path = "../support/clock.rs"]
mod clock;
mod fixture;
mod instructions;
mod pool;
mod report;
mod schema;
#[path = "../support/tree.rs"]
mod tree;

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::{case::Entry, fixture::Fixture};

fn main() -> ExitCode {
    // Cargo adds `--bench` when it is asked for measurements; without it only the cases themselves are tested.
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    arguments.retain(|argument| !argument.starts_with("--"));
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["run", case, side, rounds, database] => run(case, side, rounds, database).map(|()| true),
        ["run-pool", work, way, rounds, database] => pool::run(work, way, rounds, database).map(|()| true),
        ["pool"] if is_bench => Fixture::new().and_then(|fixture| pool::measure(&fixture)).map(|()| true),
        ["profile", case, side] => profile(case, side).map(|()| true),
        _ if !is_bench => test().map(|()| true),
        _ => measure(&words),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the table of the cases whose name contains one of these words, or of all. Gives whether they meet their bars.
fn measure(words: &[&str]) -> Result<bool> {
    let chosen = |case: &Entry| words.is_empty() || words.iter().any(|word| case.name.contains(word));
    let chosen: Vec<Entry> = cases::all().into_iter().filter(chosen).collect();
    if chosen.is_empty() {
        bail!("no case has a name like {words:?}; there are {}", names());
    }
    callgrind::check()?;
    let fixture = Fixture::new()?;
    let mut rows = Vec::new();
    for case in &chosen {
        eprintln!("measuring {}", case.name);
        rows.push(report::Row::measure(case, &fixture)?);
    }
    print!("{}", report::table(&rows));
    Ok(rows.iter().all(report::Row::is_ok))
}

/// Runs every case a few times, to see that both sides do the same, and that a statement which nobody watches allocates
/// nothing beside its rows and values.
fn test() -> Result<()> {
    let fixture = Fixture::new()?;
    for case in cases::all() {
        (case.compare)(&fixture).with_context(|| case.name)?;
        let beside = (case.allocations)(&fixture).with_context(|| case.name)?.beside;
        ensure!(beside <= 0.0, "{} allocates {beside} times beside its rows and values", case.name);
    }
    Ok(())
}

/// Writes a profile of one side of a case.
fn profile(case: &str, side: &str) -> Result<()> {
    let (case, side) = (find(case)?, side.parse()?);
    callgrind::check()?;
    let file = format!("callgrind.out.{}-{side}", case.name);
    instructions::count(&case, side, case.rounds, &Fixture::new()?, Path::new(&file))?;
    println!("the profile is in {file}; read it with `callgrind_annotate {file}`");
    Ok(())
}

/// Runs one side of a case, for another process that counts.
fn run(case: &str, side: &str, rounds: &str, database: &str) -> Result<()> {
    (find(case)?.run)(side.parse()?, rounds.parse()?, Path::new(database))
}

fn find(name: &str) -> Result<Entry> {
    cases::all().into_iter().find(|case| case.name == name).with_context(|| format!("no case `{name}`: {}", names()))
}

fn names() -> String {
    cases::all().iter().map(|case| case.name).collect::<Vec<_>>().join(", ")
}
