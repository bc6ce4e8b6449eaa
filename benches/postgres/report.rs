//! The table.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::{
    case::{Entry, Side},
    fixture::{Input, Pools},
    measure::{self, Ratios},
};

/// The least throughput with many tasks, ours to theirs.
const THROUGHPUT: f64 = 1.0;

/// What was measured of a case.
pub struct Row {
    title: &'static str,
    bar: f64,
    alone: Ratios,
    together: Ratios,
    instructions: f64,
    /// Of `orm`, and by hand.
    allocations: [f64; 2],
}

impl Row {
    pub fn measure(case: &Entry, url: &str) -> Result<Self> {
        let runtime = measure::one_thread()?;
        let pools = runtime.block_on(Pools::open(url, 1))?;
        (case.compare)(&runtime, &pools, &Input::new()).with_context(|| case.name)?;
        drop(pools);
        Ok(Self {
            title: case.title,
            bar: case.bar,
            alone: measure::alone(case, url)?,
            together: measure::together(case, url)?,
            instructions: measure::instructions(case, Side::Orm, url)? / measure::instructions(case, Side::Hand, url)?,
            allocations: [measure::allocations(case, Side::Orm, url)?, measure::allocations(case, Side::Hand, url)?],
        })
    }

    /// Whether it meets its bar.
    pub fn is_ok(&self) -> bool {
        self.alone.cpu <= self.bar && self.together.cpu <= self.bar && 1.0 / self.together.elapsed >= THROUGHPUT
    }
}

/// The rows as a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| case | client's CPU | time | instructions | 64 tasks: client's CPU | throughput | bar of CPU | \
         allocations: orm | by hand | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let [ours, theirs] = row.allocations;
        let verdict = if row.is_ok() { "ok" } else { "**missed**" };
        let _ = writeln!(
            table,
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.2} | {ours:.1} | {theirs:.1} | {verdict} |",
            row.title,
            row.alone.cpu,
            row.alone.elapsed,
            row.instructions,
            row.together.cpu,
            1.0 / row.together.elapsed,
            row.bar,
        );
    }
    table
}
