//! What the asynchronous pool costs beside the blocking connection, and what it would cost to leave its statements to
//! other threads.

use std::{
    fmt::Write,
    path::Path,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Result, bail};
use orm::{Error, prelude::*, sqlite};
use tokio::{
    runtime::{Builder, Handle},
    task,
};

use crate::{
    callgrind,
    clock::{Cost, Ratios},
    fixture::{Fixture, Input},
    schema::{Measurement, User},
};

/// How often all ways are measured, one after the other.
const SAMPLES: usize = 15;

/// What is run.
#[derive(Debug, Clone, Copy)]
enum Work {
    Find,
    Hundred,
    All,
    Insert,
}

/// Where it is run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// On a blocking connection.
    Blocking,
    /// On a pool: on the thread of the task.
    Inline,
    /// On a pool, in [`task::block_in_place`].
    InPlace,
    /// On a pool, by `on_worker`, which is [`task::spawn_blocking`].
    Worker,
}

impl Work {
    const ALL: [Self; 4] = [Self::Find, Self::Hundred, Self::All, Self::Insert];

    fn title(self) -> &'static str {
        match self {
            Self::Find => "find by integer key",
            Self::Hundred => "100 rows",
            Self::All => "10,000 rows",
            Self::Insert => "insert of one row",
        }
    }

    fn rounds(self) -> usize {
        match self {
            Self::Find => 1_000,
            Self::Hundred => 200,
            Self::All => 4,
            Self::Insert => 500,
        }
    }

    /// Runs it on a blocking connection, and gives how many rows there were.
    fn run(self, db: &sqlite::Connection, input: &Input, round: usize) -> Result<usize, Error> {
        let first = input.range(round, 100);
        match self {
            Self::Find => User::find(input.key(round)).one(db).map(|_| 1),
            Self::Hundred => {
                let users = User::select().filter(User::id.ge(first)).order_by(User::id).limit(100).all(db)?;
                Ok(users.len())
            }
            Self::All => Ok(User::select().all(db)?.len()),
            Self::Insert => Measurement::insert().values(&input.measurements[round % 100]).execute(db).map(|_| 1),
        }
    }

    /// Like [`run`](Self::run), but on a pool.
    async fn run_async(self, db: &sqlite::Pool, input: &Input, round: usize) -> Result<usize, Error> {
        let first = input.range(round, 100);
        match self {
            Self::Find => User::find(input.key(round)).one(db).await.map(|_| 1),
            Self::Hundred => {
                let users = User::select().filter(User::id.ge(first)).order_by(User::id).limit(100).all(db).await?;
                Ok(users.len())
            }
            Self::All => Ok(User::select().all(db).await?.len()),
            Self::Insert => Measurement::insert().values(&input.measurements[round % 100]).execute(db).await.map(|_| 1),
        }
    }
}

impl FromStr for Work {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|work| format!("{work:?}") == name) {
            Some(work) => Ok(work),
            None => bail!("`{name}` is no work of the pool"),
        }
    }
}

impl FromStr for Way {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "Blocking" => Ok(Self::Blocking),
            "Inline" => Ok(Self::Inline),
            _ => bail!("`{name}` is no way to run something on one thread"),
        }
    }
}

/// Everything something can be run on.
#[derive(Clone)]
struct Databases {
    pool: sqlite::Pool,
    connection: Arc<Mutex<sqlite::Connection>>,
    input: Arc<Input>,
}

impl Databases {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            pool: sqlite::Pool::open(path)?,
            connection: Arc::new(Mutex::new(sqlite::Connection::open(path)?)),
            input: Arc::new(Input::new()),
        })
    }

    fn blocking(&self, work: Work, round: usize) -> Result<usize, Error> {
        work.run(&self.connection.lock().unwrap_or_else(PoisonError::into_inner), &self.input, round)
    }

    async fn run(self, work: Work, way: Way, rounds: usize) -> Result<(), Error> {
        for round in 0..rounds {
            match way {
                Way::Blocking => self.blocking(work, round)?,
                Way::Inline => work.run_async(&self.pool, &self.input, round).await?,
                Way::InPlace => {
                    task::block_in_place(|| Handle::current().block_on(work.run_async(&self.pool, &self.input, round)))?
                }
                Way::Worker => {
                    let input = Arc::clone(&self.input);
                    self.pool.on_worker(move |db| work.run(db, &input, round)).await?
                }
            };
        }
        Ok(())
    }
}

/// Prints the table.
pub fn measure(fixture: &Fixture) -> Result<()> {
    callgrind::check()?;
    let mut table = String::from(
        "| statement | pool to blocking connection: instructions | `block_in_place` to inline: time | CPU | \
         `spawn_blocking` to inline: time | CPU |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for work in Work::ALL {
        eprintln!("measuring {}", work.title());
        let instructions = instructions(work, Way::Inline, fixture)? / instructions(work, Way::Blocking, fixture)?;
        let [in_place, worker] = ratios(work, fixture)?;
        let _ = writeln!(
            table,
            "| {} | {instructions:.3} | {:.2} | {:.2} | {:.2} | {:.2} |",
            work.title(),
            in_place.elapsed,
            in_place.cpu,
            worker.elapsed,
            worker.cpu,
        );
    }
    print!("{table}");
    Ok(())
}

/// The costs of handing statements to other threads, divided by those of running them inline.
fn ratios(work: Work, fixture: &Fixture) -> Result<[Ratios; 2]> {
    let file = fixture.copy()?;
    let databases = Databases::open(file.path())?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut samples = [Vec::new(), Vec::new()];
    // The first sample prepares the statements and does not count.
    for sample in 0..=SAMPLES {
        let cost = |way| -> Result<Cost> {
            // In a task, as the code of a server is: on the main thread, nothing would need to be handed over.
            let task = databases.clone().run(work, way, work.rounds());
            let (result, cost) = Cost::of(|| runtime.block_on(runtime.spawn(task)));
            result??;
            Ok(cost)
        };
        let inline = cost(Way::Inline)?;
        for (samples, way) in samples.iter_mut().zip([Way::InPlace, Way::Worker]) {
            let cost = cost(way)?;
            if sample > 0 {
                samples.push(cost.over(inline));
            }
        }
    }
    Ok(samples.map(|samples| Ratios::median(&samples)))
}

/// The instructions of one round: those of twice as many less those of the rounds, so that setting up cancels out.
#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn instructions(work: Work, way: Way, fixture: &Fixture) -> Result<f64> {
    let count = |rounds: usize| {
        let file = fixture.copy()?;
        let (work, way, rounds) = (format!("{work:?}"), format!("{way:?}"), rounds.to_string());
        let path = file.path().to_string_lossy();
        callgrind::count(&["run-pool", &work, &way, &rounds, &path], Path::new("/dev/null"))
    };
    Ok((count(work.rounds() * 2)? - count(work.rounds())?) as f64 / work.rounds() as f64)
}

/// Runs something on one thread, for another process that counts.
pub fn run(work: &str, way: &str, rounds: &str, database: &str) -> Result<()> {
    let (work, way, rounds) = (work.parse()?, way.parse()?, rounds.parse()?);
    let databases = Databases::open(Path::new(database))?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(databases.run(work, way, rounds))?)
}
