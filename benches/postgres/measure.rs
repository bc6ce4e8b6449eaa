//! Compares the sides: what each takes of the processor, how long, in how many instructions and allocations.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use tokio::runtime::{Builder, Runtime};

use crate::{
    allocations, callgrind,
    case::{Entry, Run, Side},
    clock::{Cost, Ratios},
    fixture::{Input, Pools},
};

/// How often both sides are measured, one after the other.
const SAMPLES: usize = 15;
/// How many tasks there are at once, and how many connections for them.
pub const TASKS: usize = 64;
pub const CONNECTIONS: usize = 10;

/// A runtime like that of a program with little to do.
pub fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A runtime like that of a server.
pub fn many_threads() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// One after the other, on one connection.
pub fn alone(case: &Entry, url: &str) -> Result<Ratios> {
    let runtime = one_thread()?;
    ratios(case, &runtime, url, 1, Run { side: Side::Orm, rounds: case.rounds, tasks: 1 })
}

/// In many tasks at once, with fewer connections than tasks.
pub fn together(case: &Entry, url: &str) -> Result<Ratios> {
    let runtime = many_threads()?;
    let rounds = case.rounds.max(TASKS).next_multiple_of(TASKS);
    ratios(case, &runtime, url, CONNECTIONS, Run { side: Side::Orm, rounds, tasks: TASKS })
}

fn ratios(case: &Entry, runtime: &Runtime, url: &str, connections: usize, run: Run) -> Result<Ratios> {
    let input = Arc::new(Input::new());
    let mut samples = Vec::new();
    for sample in 0..SAMPLES {
        // Whether the server's process for a connection happens to share a processor with the client makes more of a
        // difference than anything that is measured, so each sample has connections of its own.
        let pools = runtime.block_on(Pools::open(url, connections))?;
        for side in [Side::Orm, Side::Hand] {
            (case.run)(runtime, &pools, &input, Run { side, rounds: case.warm_up.max(run.tasks), ..run })?;
        }
        let cost = |side| {
            let (result, cost) = Cost::of(|| (case.run)(runtime, &pools, &input, Run { side, ..run }));
            result.map(|()| cost)
        };
        // Whoever is second finds the server as the first has left it.
        let (ours, theirs) = if sample % 2 == 0 {
            let ours = cost(Side::Orm)?;
            (ours, cost(Side::Hand)?)
        } else {
            let theirs = cost(Side::Hand)?;
            (cost(Side::Orm)?, theirs)
        };
        samples.push(ours.over(theirs));
    }
    Ok(Ratios::median(&samples))
}

/// The instructions of `orm` divided by those of the other side, in this many tasks on one thread.
pub fn instructions(case: &Entry, tasks: usize, url: &str) -> Result<f64> {
    let rounds = if tasks == 1 { case.rounds.min(200) } else { case.rounds.max(tasks) };
    let of = |side| instructions_of(case, Run { side, rounds, tasks }, url);
    Ok(of(Side::Orm)? / of(Side::Hand)?)
}

/// The instructions of one round: those of twice as many less those of the rounds, so that setting up cancels out.
fn instructions_of(case: &Entry, run: Run, url: &str) -> Result<f64> {
    let nowhere = Path::new("/dev/null");
    let once = count(case, run, url, nowhere)?;
    let twice = count(case, Run { rounds: run.rounds * 2, ..run }, url, nowhere)?;
    ensure!(twice > once, "{} by {}: {twice} instructions are not more than {once}", case.name, run.side);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok((twice - once) as f64 / run.rounds as f64)
}

/// The instructions of a process that runs one side of a case. Its profile goes to `profile`.
pub fn count(case: &Entry, run: Run, url: &str, profile: &Path) -> Result<u64> {
    let (side, rounds, tasks) = (run.side.to_string(), run.rounds.to_string(), run.tasks.to_string());
    callgrind::count(&["run", case.name, &side, &rounds, &tasks, url], profile)
        .with_context(|| format!("{} by {side}", case.name))
}

/// How often Rust code allocates in one run of a side.
pub fn allocations(case: &Entry, side: Side, url: &str) -> Result<f64> {
    let runtime = one_thread()?;
    let pools = runtime.block_on(Pools::open(url, 1))?;
    let input = Arc::new(Input::new());
    (case.run)(&runtime, &pools, &input, Run { side, rounds: case.warm_up, tasks: 1 })?;
    let rounds = case.rounds.min(64);
    let (result, count) = allocations::count(|| (case.run)(&runtime, &pools, &input, Run { side, rounds, tasks: 1 }));
    result?;
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    Ok(count as f64 / rounds as f64)
}
