//! One thing to measure, done by `orm` and by hand.

use std::{fmt, hint::black_box, str::FromStr, sync::Arc};

use anyhow::{Result, bail, ensure};
use tokio::task::JoinSet;

use crate::fixture::{Input, Pools};

/// How often each side runs before it is measured, unless a case says otherwise.
const WARM_UP: usize = 16;

/// Something to measure.
pub trait Case: 'static {
    /// Its name on the command line.
    const NAME: &'static str;
    /// What it does.
    const TITLE: &'static str;
    /// The greatest ratio of the client's time on the processor, ours to theirs.
    const BAR: f64 = 1.05;
    /// How often it runs in a measurement.
    const ROUNDS: usize;
    /// How often each side runs before it is measured.
    const WARM_UP: usize = WARM_UP;
    /// Whether it is also measured in many tasks at once. What is too long for that has to meet its bar in instructions, too.
    const TOGETHER: bool = true;
    /// What both sides give.
    type Output: PartialEq + fmt::Debug + Send;

    /// With `orm`.
    fn orm(
        db: &orm::postgres::Pool,
        input: &Input,
        round: usize,
    ) -> impl Future<Output = Result<Self::Output, orm::Error>> + Send;

    /// By hand.
    fn by_hand(
        db: &deadpool_postgres::Pool,
        input: &Input,
        round: usize,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Orm,
    Hand,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Orm => "orm",
            Self::Hand => "hand",
        })
    }
}

impl FromStr for Side {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "orm" => Ok(Self::Orm),
            "hand" => Ok(Self::Hand),
            _ => bail!("`{name}` is no side: `orm` or `hand`"),
        }
    }
}

/// How a case runs.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub side: Side,
    /// How many times.
    pub rounds: usize,
    /// In how many tasks at once.
    pub tasks: usize,
}

/// Runs a case, in a future that knows nothing of its type.
type Runner = fn(&tokio::runtime::Runtime, &Pools, &Arc<Input>, Run) -> Result<()>;

/// A case without its type.
pub struct Entry {
    pub name: &'static str,
    pub title: &'static str,
    pub bar: f64,
    pub rounds: usize,
    pub warm_up: usize,
    pub together: bool,
    pub run: Runner,
    /// Checks that both sides give the same.
    pub compare: fn(&tokio::runtime::Runtime, &Pools, &Input) -> Result<()>,
}

impl Entry {
    pub fn of<C: Case>() -> Self {
        Self {
            name: C::NAME,
            title: C::TITLE,
            bar: C::BAR,
            rounds: C::ROUNDS,
            warm_up: C::WARM_UP,
            together: C::TOGETHER,
            run: run::<C>,
            compare: compare::<C>,
        }
    }
}

fn run<C: Case>(runtime: &tokio::runtime::Runtime, pools: &Pools, input: &Arc<Input>, run: Run) -> Result<()> {
    if run.tasks == 1 {
        return runtime.block_on(in_one_task::<C>(pools, input, run.side, 0..run.rounds));
    }
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for task in 0..run.tasks {
            let (pools, input) = (pools.clone(), Arc::clone(input));
            let rounds = run.rounds * task / run.tasks..run.rounds * (task + 1) / run.tasks;
            tasks.spawn(async move { in_one_task::<C>(&pools, &input, run.side, rounds).await });
        }
        while let Some(result) = tasks.join_next().await {
            result??;
        }
        Ok(())
    })
}

async fn in_one_task<C: Case>(
    pools: &Pools,
    input: &Input,
    side: Side,
    rounds: impl Iterator<Item = usize> + Send,
) -> Result<()> {
    for round in rounds {
        match side {
            Side::Orm => drop(black_box(C::orm(&pools.orm, input, round).await?)),
            Side::Hand => drop(black_box(C::by_hand(&pools.by_hand, input, round).await?)),
        }
    }
    Ok(())
}

fn compare<C: Case>(runtime: &tokio::runtime::Runtime, pools: &Pools, input: &Input) -> Result<()> {
    runtime.block_on(async {
        for round in 0..C::WARM_UP {
            let ours = C::orm(&pools.orm, input, round).await?;
            let theirs = C::by_hand(&pools.by_hand, input, round).await?;
            ensure!(ours == theirs, "the sides differ in round {round}: {ours:?} and {theirs:?}");
        }
        Ok(())
    })
}
