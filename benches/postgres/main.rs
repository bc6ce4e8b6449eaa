//! What queries on PostgreSQL cost the client, against the hand-written call of `tokio-postgres` on a pool of
//! `deadpool-postgres`. See `benches/README.md`.
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
mod measure;
mod report;
mod schema;
#[path = "../support/tree.rs"]
mod tree;

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};

use crate::{
    case::{Entry, Run, Side},
    fixture::{Fixture, Input, Pools},
};

fn main() -> ExitCode {
    // Cargo adds `--bench` when it is asked for measurements; without it only the cases themselves are tested.
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    arguments.retain(|argument| !argument.starts_with("--"));
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["run", case, side, rounds, tasks, url] => run(case, side, rounds, tasks, url).map(|()| true),
        ["profile", case, side] => with_fixture(|url| profile(case, side, 1, url)).map(|()| true),
        ["profile", case, side, "together"] => {
            with_fixture(|url| profile(case, side, measure::TASKS, url)).map(|()| true)
        }
        _ if !is_bench => with_fixture(test).map(|()| true),
        _ => with_fixture(|url| measure(&words, url)),
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

/// Does something with the URL of a database, which is dropped afterwards.
fn with_fixture<T>(work: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    let runtime = measure::one_thread()?;
    let fixture = runtime.block_on(Fixture::new())?;
    let result = fixture.url().and_then(|url| work(&url));
    runtime.block_on(fixture.remove())?;
    result
}

/// Prints the table of the cases whose name contains one of these words, or of all. Gives whether they meet their bars.
fn measure(words: &[&str], url: &str) -> Result<bool> {
    let chosen = |case: &Entry| words.is_empty() || words.iter().any(|word| case.name.contains(word));
    let chosen: Vec<Entry> = cases::all().into_iter().filter(chosen).collect();
    if chosen.is_empty() {
        bail!("no case has a name like {words:?}; there are {}", names());
    }
    callgrind::check()?;
    let mut rows = Vec::new();
    for case in &chosen {
        eprintln!("measuring {}", case.name);
        rows.push(report::Row::measure(case, url)?);
    }
    print!("{}", report::table(&rows));
    Ok(rows.iter().all(report::Row::is_ok))
}

/// Runs every case a few times, to see that both sides do the same.
fn test(url: &str) -> Result<()> {
    let runtime = measure::one_thread()?;
    let pools = runtime.block_on(Pools::open(url, 1))?;
    for case in cases::all() {
        (case.compare)(&runtime, &pools, &Input::new()).with_context(|| case.name)?;
    }
    Ok(())
}

/// Writes a profile of one side of a case.
fn profile(case: &str, side: &str, tasks: usize, url: &str) -> Result<()> {
    let (case, side): (_, Side) = (find(case)?, side.parse()?);
    callgrind::check()?;
    let file = format!("callgrind.out.{}-{side}", case.name);
    measure::count(&case, Run { side, rounds: case.rounds, tasks }, url, Path::new(&file))?;
    println!("the profile is in {file}; read it with `callgrind_annotate {file}`");
    Ok(())
}

/// Runs one side of a case on one thread, for another process that counts.
fn run(case: &str, side: &str, rounds: &str, tasks: &str, url: &str) -> Result<()> {
    let (case, side) = (find(case)?, side.parse()?);
    let (rounds, tasks) = (case.warm_up + rounds.parse::<usize>()?, tasks.parse()?);
    let runtime = measure::one_thread()?;
    let connections = if tasks == 1 { 1 } else { measure::CONNECTIONS };
    let pools = runtime.block_on(Pools::open(url, connections))?;
    (case.run)(&runtime, &pools, &Arc::new(Input::new()), Run { side, rounds, tasks })
}

fn find(name: &str) -> Result<Entry> {
    cases::all().into_iter().find(|case| case.name == name).with_context(|| format!("no case `{name}`: {}", names()))
}

fn names() -> String {
    cases::all().iter().map(|case| case.name).collect::<Vec<_>>().join(", ")
}
