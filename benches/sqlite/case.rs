//! One thing to measure, done by `orm` and by hand.

use std::{fmt, hint::black_box, path::Path, str::FromStr};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    allocations,
    clock::{Cost, Ratios},
    fixture::{self, Fixture, Input},
};

/// How often the time on the processor is measured, both sides one after the other.
const SAMPLES: usize = 15;

/// Something to measure.
pub trait Case {
    /// Its name on the command line.
    const NAME: &'static str;
    /// What it does.
    const TITLE: &'static str;
    /// The greatest ratio of instructions, ours to theirs.
    const BAR: f64;
    /// How often it runs in a measurement.
    const ROUNDS: usize;
    /// How often each side runs before it is measured.
    const WARM_UP: usize = 16;
    /// How many allocations the bound values need, those of the rows aside.
    const FOR_VALUES: u64 = 0;
    /// What both sides give.
    type Output: Rebuild + PartialEq + fmt::Debug;

    /// With `orm`.
    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Self::Output, orm::Error>;
    /// By hand.
    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<Self::Output>;
}

/// Something that can be put together again, with the allocations that takes.
pub trait Rebuild {
    /// Puts it together as a driver does that does not know how many rows there are.
    #[must_use]
    fn rebuild(&self) -> Self;
}

impl Rebuild for u64 {
    fn rebuild(&self) -> Self {
        *self
    }
}

impl<T: Clone> Rebuild for Vec<T> {
    fn rebuild(&self) -> Self {
        let mut rows = Self::new();
        for row in self {
            rows.push(row.clone());
        }
        rows
    }
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Orm,
    Rusqlite,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Orm => "orm",
            Self::Rusqlite => "rusqlite",
        })
    }
}

impl FromStr for Side {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "orm" => Ok(Self::Orm),
            "rusqlite" => Ok(Self::Rusqlite),
            _ => bail!("`{name}` is no side: `orm` or `rusqlite`"),
        }
    }
}

/// A case without its type.
pub struct Entry {
    pub name: &'static str,
    pub title: &'static str,
    pub bar: f64,
    pub rounds: usize,
    /// Runs one side this often, after warming up.
    pub run: fn(Side, usize, &Path) -> Result<()>,
    /// What both sides take of the processor, one divided by the other.
    pub cpu: fn(&Fixture) -> Result<f64>,
    /// Checks that both sides give the same.
    pub compare: fn(&Fixture) -> Result<()>,
    /// Counts allocations.
    pub allocations: fn(&Fixture) -> Result<Allocations>,
}

/// Allocations of Rust code and preparations of statements, for each time a case runs.
#[derive(Debug, Clone, Copy)]
pub struct Allocations {
    pub orm: f64,
    pub rusqlite: f64,
    /// What `orm` allocates beside the rows and the values it binds.
    pub beside: f64,
    /// How often SQLite prepared a statement of `orm` again, in all runs.
    pub reprepares: u64,
}

impl Entry {
    pub fn of<C: Case>() -> Self {
        Self {
            name: C::NAME,
            title: C::TITLE,
            bar: C::BAR,
            rounds: C::ROUNDS,
            run: run::<C>,
            cpu: cpu::<C>,
            compare: compare::<C>,
            allocations: count::<C>,
        }
    }
}

fn run<C: Case>(side: Side, rounds: usize, database: &Path) -> Result<()> {
    let input = Input::new();
    match side {
        Side::Orm => {
            let db = fixture::open_orm(database)?;
            for round in 0..C::WARM_UP + rounds {
                black_box(C::orm(&db, &input, round)?);
            }
        }
        Side::Rusqlite => {
            let db = fixture::open_rusqlite(database)?;
            for round in 0..C::WARM_UP + rounds {
                black_box(C::rusqlite(&db, &input, round)?);
            }
        }
    }
    Ok(())
}

fn cpu<C: Case>(fixture: &Fixture) -> Result<f64> {
    let input = Input::new();
    let (ours, theirs) = (fixture.copy()?, fixture.copy()?);
    let orm = fixture::open_orm(ours.path())?;
    let rusqlite = fixture::open_rusqlite(theirs.path())?;
    let mut samples = Vec::new();
    // The first sample warms up.
    for sample in 0..=SAMPLES {
        let rounds = || sample * C::ROUNDS..(sample + 1) * C::ROUNDS;
        let run_orm =
            || rounds().try_for_each(|round| C::orm(&orm, &input, round).map(|output| drop(black_box(output))));
        let run_rusqlite = || {
            rounds().try_for_each(|round| C::rusqlite(&rusqlite, &input, round).map(|output| drop(black_box(output))))
        };
        let ((ours, our_cost), (theirs, their_cost)) = (Cost::of(run_orm), Cost::of(run_rusqlite));
        ours?;
        theirs?;
        samples.push(our_cost.over(their_cost));
    }
    Ok(Ratios::median(&samples[1..]).cpu)
}

fn compare<C: Case>(fixture: &Fixture) -> Result<()> {
    let input = Input::new();
    let (ours, theirs) = (fixture.copy()?, fixture.copy()?);
    let orm = fixture::open_orm(ours.path())?;
    let rusqlite = fixture::open_rusqlite(theirs.path())?;
    for round in 0..C::WARM_UP {
        let (ours, theirs) = (C::orm(&orm, &input, round)?, C::rusqlite(&rusqlite, &input, round)?);
        ensure!(ours == theirs, "the sides differ in round {round}: {ours:?} and {theirs:?}");
    }
    Ok(())
}

fn count<C: Case>(fixture: &Fixture) -> Result<Allocations> {
    let input = Input::new();
    let (ours, theirs) = (fixture.copy()?, fixture.copy()?);
    let orm = fixture::open_orm(ours.path())?;
    let rusqlite = fixture::open_rusqlite(theirs.path())?;
    for round in 0..C::WARM_UP {
        C::orm(&orm, &input, round).context("warming up")?;
        C::rusqlite(&rusqlite, &input, round).context("warming up")?;
    }
    let (mut by_orm, mut by_rusqlite, mut needed) = (0, 0, 0);
    for round in C::WARM_UP..C::WARM_UP + C::ROUNDS {
        let (output, allocations) = allocations::count(|| C::orm(&orm, &input, round));
        by_orm += allocations;
        let output = output?;
        needed += allocations::count(|| black_box(output.rebuild())).1 + C::FOR_VALUES;
        let (output, allocations) = allocations::count(|| C::rusqlite(&rusqlite, &input, round));
        by_rusqlite += allocations;
        output?;
    }
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let each = |count: i64| count as f64 / C::ROUNDS as f64;
    Ok(Allocations {
        orm: each(by_orm.cast_signed()),
        rusqlite: each(by_rusqlite.cast_signed()),
        beside: each(by_orm.cast_signed() - needed.cast_signed()),
        reprepares: orm.reprepares(),
    })
}
