//! The table.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::{
    case::{Entry, Side},
    clock::Ratios,
    fixture::{Input, Pools},
    measure::{self, TASKS},
};

/// The least throughput with many tasks, ours to theirs.
const THROUGHPUT: f64 = 1.0;

/// What was measured of a case.
pub struct Row {
    title: &'static str,
    bar: f64,
    alone: Ratios,
    together: Ratios,
    /// Of one task, and of many.
    instructions: [f64; 2],
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
            instructions: [measure::instructions(case, 1, url)?, measure::instructions(case, TASKS, url)?],
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
    let mut table = format!(
        "| case | client's CPU | time | instructions | {TASKS} tasks: client's CPU | throughput | instructions | bar | \
         allocations: orm | by hand | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let Row { title, bar, alone, together, instructions: [one, many], allocations: [ours, theirs] } = row;
        let verdict = if row.is_ok() { "ok" } else { "**missed**" };
        let _ = writeln!(
            table,
            "| {title} | {:.3} | {:.3} | {one:.3} | {:.3} | {:.3} | {many:.3} | {bar:.2} | {ours:.1} | {theirs:.1} | {verdict} |",
            alone.cpu,
            alone.elapsed,
            together.cpu,
            1.0 / together.elapsed,
        );
    }
    table
}
