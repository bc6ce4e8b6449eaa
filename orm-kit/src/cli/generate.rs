//! `generate`

use clap::Args;

use super::{AnswerArgs, Context, output::Tone};
use crate::{
    error::Error,
    generate::{GenerateOptions, generate},
    prove::Rebuild,
};

/// Write the migration that a change of the schema asks for, after proving it on a shadow database
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm generate --name add_age --backfill users.age=0")]
pub(super) struct Generate {
    /// The name of the migration
    #[arg(long)]
    name: Option<String>,
    /// Write a migration without statements, to be filled by hand
    #[arg(long)]
    custom: bool,
    /// Write nothing, and exit with 2 if the schema has changes without a migration
    #[arg(long, conflicts_with = "custom")]
    check: bool,
    /// Build indexes and check constraints without keeping others waiting (PostgreSQL); such a migration is not one transaction
    #[arg(long)]
    online: bool,
    /// Change constraints and defaults without copying the rows of their table (SQLite); also `rebuild = "in-place"` in orm.toml
    #[arg(long)]
    in_place: bool,
    /// Apply the migration right away
    #[arg(long, conflicts_with_all = ["check", "custom"])]
    migrate: bool,
    /// A table that may be dropped, where dropping it looks like a mistake; with --migrate, what may be lost
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
    #[command(flatten)]
    answers: AnswerArgs,
}

impl Generate {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let mut answers = self.answers.read()?;
        let backend = context.backend()?;
        let generated = context.asking(&mut answers, |answers| {
            let _progress = context.output.progress("planning, and trying the plan on a shadow database");
            let options = GenerateOptions {
                name: self.name.clone(),
                custom: self.custom,
                check: self.check,
                online: self.online,
                rebuild: if self.in_place { Rebuild::InPlace } else { context.rebuild },
                answers: answers.clone(),
                allow: self.allow.clone(),
            };
            generate(backend, context.place()?, context.schema()?, &context.migrations, &options)
        })?;
        let output = context.output;
        let is_pending = self.check && !generated.changes.is_empty();
        let show = || {
            if generated.folder.is_none() && generated.changes.is_empty() {
                output.line(Tone::Good, "no changes");
            }
            for change in &generated.changes {
                output.line(Tone::Plain, &format!("  {change}"));
            }
            for loss in &generated.loses {
                output.line(Tone::Bad, &format!("what is stored in `{loss}` will be lost"));
            }
            for part in &generated.not_kept {
                output.line(Tone::Bad, &format!("{part} was made by hand, and goes with what it uses"));
            }
            if let Some(reason) = &generated.irreversible {
                output.line(Tone::Bad, &format!("it cannot be taken back: {reason}"));
            }
            for table in &generated.without_rows {
                output.line(Tone::Dim, &format!("no rows were found that fit `{table}`: tried on it without rows"));
            }
            if let Some(folder) = &generated.folder {
                output.line(Tone::Good, &format!("wrote {}", folder.display()));
            }
            if is_pending {
                output.line(Tone::Bad, "the schema has changes without a migration");
            }
        };
        if self.migrate {
            show();
            return super::migrate::Migrate::allowing(self.allow.clone()).run(context);
        }
        output.result(&generated, show);
        Ok(if is_pending { 2 } else { 0 })
    }
}
