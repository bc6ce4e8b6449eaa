//! Compares the sides: what each takes of the processor, how long, in how many instructions and allocations.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

use crate::{
    allocations, callgrind,
    case::{Entry, Run, Side, WARM_UP},
    fixture::{Input, Pools},
};

/// How often both sides are measured, one after the other.
const SAMPLES: usize = 15;
/// How many tasks there are at once, and how many connections for them.
pub const TASKS: usize = 64;
pub const CONNECTIONS: usize = 10;

/// How `orm` compares with the hand-written call: its measure divided by the other's.
#[derive(Debug, Clone, Copy)]
pub struct Ratios {
    /// The time on the processor, of this process.
    pub cpu: f64,
    /// The time until all is done.
    pub elapsed: f64,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    cpu: Duration,
    elapsed: Duration,
}

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
    let pools = runtime.block_on(Pools::open(url, connections))?;
    let input = Arc::new(Input::new());
    let (mut cpu, mut elapsed) = (Vec::new(), Vec::new());
    // The first sample prepares the statements and does not count.
    for sample in 0..=SAMPLES {
        let cost = |side| cost(case, runtime, &pools, &input, Run { side, ..run });
        // Whoever is second finds the server as the first has left it.
        let (ours, theirs) = if sample % 2 == 0 {
            let ours = cost(Side::Orm)?;
            (ours, cost(Side::Hand)?)
        } else {
            let theirs = cost(Side::Hand)?;
            (cost(Side::Orm)?, theirs)
        };
        if sample > 0 {
            cpu.push(ours.cpu.as_secs_f64() / theirs.cpu.as_secs_f64());
            elapsed.push(ours.elapsed.as_secs_f64() / theirs.elapsed.as_secs_f64());
        }
    }
    Ok(Ratios { cpu: median(cpu), elapsed: median(elapsed) })
}

fn cost(case: &Entry, runtime: &Runtime, pools: &Pools, input: &Arc<Input>, run: Run) -> Result<Cost> {
    let (cpu, started) = (on_the_processor(), Instant::now());
    (case.run)(runtime, pools, input, run)?;
    Ok(Cost { cpu: on_the_processor() - cpu, elapsed: started.elapsed() })
}

/// The time all threads of this process had on a processor so far, in the kernel too.
fn on_the_processor() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().expect("the clock began at zero")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The instructions of one run, in this process: twice as many rounds less the rounds, so that setting up cancels out.
pub fn instructions(case: &Entry, side: Side, url: &str) -> Result<f64> {
    let nowhere = Path::new("/dev/null");
    let rounds = case.rounds.min(200);
    let once = count(case, side, rounds, url, nowhere)?;
    let twice = count(case, side, rounds * 2, url, nowhere)?;
    ensure!(twice > once, "{} by {side}: {twice} instructions are not more than {once}", case.name);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok((twice - once) as f64 / rounds as f64)
}

/// The instructions of a process that runs one side of a case this often. Its profile goes to `profile`.
pub fn count(case: &Entry, side: Side, rounds: usize, url: &str, profile: &Path) -> Result<u64> {
    let (side, rounds) = (side.to_string(), rounds.to_string());
    callgrind::count(&["run", case.name, &side, &rounds, url], profile)
        .with_context(|| format!("{} by {side}", case.name))
}

/// How often Rust code allocates in one run of a side.
pub fn allocations(case: &Entry, side: Side, url: &str) -> Result<f64> {
    let runtime = one_thread()?;
    let pools = runtime.block_on(Pools::open(url, 1))?;
    let input = Arc::new(Input::new());
    (case.run)(&runtime, &pools, &input, Run { side, rounds: WARM_UP, tasks: 1 })?;
    let rounds = case.rounds.min(64);
    let (result, count) = allocations::count(|| (case.run)(&runtime, &pools, &input, Run { side, rounds, tasks: 1 }));
    result?;
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    Ok(count as f64 / rounds as f64)
}
