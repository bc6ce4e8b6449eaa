//! The table.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::{
    case::{Allocations, Entry, Side},
    fixture::Fixture,
    instructions,
};

/// What was measured of a case.
pub struct Row {
    title: &'static str,
    bar: f64,
    orm: f64,
    rusqlite: f64,
    cpu: f64,
    allocations: Allocations,
}

impl Row {
    pub fn measure(case: &Entry, fixture: &Fixture) -> Result<Self> {
        (case.compare)(fixture).with_context(|| case.name)?;
        Ok(Self {
            title: case.title,
            bar: case.bar,
            orm: instructions::of(case, Side::Orm, fixture)?,
            rusqlite: instructions::of(case, Side::Rusqlite, fixture)?,
            cpu: (case.cpu)(fixture).with_context(|| case.name)?,
            allocations: (case.allocations)(fixture).with_context(|| case.name)?,
        })
    }

    fn ratio(&self) -> f64 {
        self.orm / self.rusqlite
    }

    /// Whether it meets its bar, allocates nothing beside rows and values, and was prepared once.
    pub fn is_ok(&self) -> bool {
        self.ratio() <= self.bar && self.allocations.beside <= 0.0 && self.allocations.reprepares == 0
    }
}

/// The rows as a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| case | orm | rusqlite | ratio | bar | CPU | allocations: orm | rusqlite | beside rows and values | re-prepares | |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let Allocations { orm, rusqlite, beside, reprepares } = row.allocations;
        let verdict = if row.is_ok() { "ok" } else { "**missed**" };
        let _ = writeln!(
            table,
            "| {} | {:.0} | {:.0} | {:.3} | {:.2} | {:.3} | {orm:.1} | {rusqlite:.1} | {beside:.1} | {reprepares} | {verdict} |",
            row.title,
            row.orm,
            row.rusqlite,
            row.ratio(),
            row.bar,
            row.cpu,
        );
    }
    table
}
