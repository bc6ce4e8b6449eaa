//! `rollback`

use clap::Args;

use super::Context;
use crate::{
    apply::{RollbackOptions, rollback},
    error::Error,
    folder,
};

/// Take the last migrations back
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm rollback --steps 2")]
pub(super) struct Rollback {
    /// How many migrations to take back
    #[arg(long, default_value_t = 1)]
    steps: usize,
    /// The migration that is to be the last one applied
    #[arg(long, value_name = "MIGRATION", conflicts_with = "steps")]
    to: Option<String>,
    /// Print what would run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// What may be lost: `users.age`, or a table
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
}

impl Rollback {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let backend = context.backend()?;
        let migrations = folder::read(&context.migrations)?;
        let options = RollbackOptions {
            steps: self.steps,
            to: self.to.clone(),
            allow: self.allow.clone(),
            dry_run: self.dry_run,
            ..RollbackOptions::default()
        };
        let migrated = {
            let _progress = context.output.progress("taking back");
            rollback(backend, &mut *backend.open_existing(context.url()?)?, &migrations, &options)?
        };
        context.output.result(&migrated, || super::migrate::show(context, &migrated, "taken back"));
        Ok(if self.dry_run && !migrated.applied.is_empty() { 2 } else { 0 })
    }
}
