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
    instructions: f64,
    /// In many tasks at once: the clock, and instructions.
    together: Option<(Ratios, f64)>,
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
            instructions: measure::instructions(case, 1, url)?,
            together: case.together.then(|| together(case, url)).transpose()?,
            allocations: [measure::allocations(case, Side::Orm, url)?, measure::allocations(case, Side::Hand, url)?],
        })
    }

    /// Whether it meets its bar.
    pub fn is_ok(&self) -> bool {
        let rest = match self.together {
            Some((clock, _)) => clock.cpu <= self.bar && 1.0 / clock.elapsed >= THROUGHPUT,
            None => self.instructions <= self.bar,
        };
        self.alone.cpu <= self.bar && rest
    }
}

fn together(case: &Entry, url: &str) -> Result<(Ratios, f64)> {
    Ok((measure::together(case, url)?, measure::instructions(case, TASKS, url)?))
}

/// The rows as a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let mut table = format!(
        "| case | client's CPU | time | instructions | {TASKS} tasks: client's CPU | throughput | instructions | bar | \
         allocations: orm | by hand | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let Row { title, bar, alone, instructions, together, allocations: [ours, theirs] } = row;
        let verdict = if row.is_ok() { "ok" } else { "**missed**" };
        let together = together.map_or_else(
            || "| | ".to_owned(),
            |(clock, instructions)| format!("{:.3} | {:.3} | {instructions:.3}", clock.cpu, 1.0 / clock.elapsed),
        );
        let _ = writeln!(
            table,
            "| {title} | {:.3} | {:.3} | {instructions:.3} | {together} | {bar:.2} | {ours:.1} | {theirs:.1} | {verdict} |",
            alone.cpu, alone.elapsed,
        );
    }
    table
}
