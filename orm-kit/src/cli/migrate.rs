//! `migrate`

use std::time::Duration;

use clap::Args;

use super::{Context, output::Tone};
use crate::{
    apply::{MigrateOptions, Migrated, migrate},
    error::{Error, count},
    folder,
};

/// Apply the migrations that were not applied yet
#[derive(Args, Default)]
#[command(after_help = "Example:\n  cargo orm migrate --allow users.age")]
pub(super) struct Migrate {
    /// The last migration to apply
    #[arg(long, value_name = "MIGRATION")]
    to: Option<String>,
    /// Print what would run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// What may be lost: `users.age`, or a table
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
    /// Take the migrations up to this one for applied, because the database has what they do
    #[arg(long, value_name = "MIGRATION")]
    baseline: Option<String>,
    /// How many seconds to wait for another process that migrates [default: 60]
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

impl Migrate {
    pub(super) fn allowing(allow: Vec<String>) -> Self {
        Self { allow, ..Self::default() }
    }

    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let backend = context.backend()?;
        let migrations = folder::read(&context.migrations)?;
        let options = MigrateOptions {
            to: self.to.clone(),
            allow: self.allow.clone(),
            wait: self.wait.map_or(MigrateOptions::default().wait, Duration::from_secs),
            dry_run: self.dry_run,
            baseline: self.baseline.clone(),
        };
        let migrated = {
            let _progress = context.output.progress("migrating");
            migrate(backend, &mut *backend.open(context.url()?)?, &migrations, &options)?
        };
        context.output.result(&migrated, || show(context, &migrated, "applied"));
        Ok(if self.dry_run && !migrated.applied.is_empty() { 2 } else { 0 })
    }
}

pub(super) fn show(context: &Context, migrated: &Migrated, done: &str) {
    let output = context.output;
    for warning in &migrated.warnings {
        output.line(Tone::Dim, &format!("warning: {warning}"));
    }
    for (at, id) in migrated.applied.iter().enumerate() {
        match migrated.would_run.get(at) {
            Some(sql) => output.line(Tone::Plain, &format!("-- {id}\n{sql}")),
            None => output.line(Tone::Plain, &format!("  {done} {id}")),
        }
    }
    match (migrated.applied.len(), migrated.would_run.is_empty()) {
        (0, _) => output.line(Tone::Good, "nothing to do"),
        (number, true) => output.line(Tone::Good, &format!("{done} {}", count(number, "migration"))),
        (number, false) => output.line(Tone::Plain, &format!("-- {} would be {done}", count(number, "migration"))),
    }
}
