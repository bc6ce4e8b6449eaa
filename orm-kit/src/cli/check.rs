//! `check`

use clap::Args;

use super::{Context, output::Tone};
use crate::{check::check, error::Error};

/// Replay all migrations on a shadow database, and tell what is wrong with them
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm check --merge")]
pub(super) struct Check {
    /// Note that the order of branches does not matter, if it does not
    #[arg(long)]
    merge: bool,
}

impl Check {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let backend = context.backend()?;
        let checked = {
            let _progress = context.output.progress("replaying the migrations on a shadow database");
            check(backend, context.place()?, context.schema.as_ref(), &context.migrations, self.merge)?
        };
        let output = context.output;
        output.result(&checked, || {
            for finding in &checked.findings {
                let lock = finding.lock.map(|lock| format!(" [{lock} lock]")).unwrap_or_default();
                output
                    .line(Tone::Plain, &format!("{}: {}{lock}: {}", finding.migration, finding.rule, finding.message));
                output.line(Tone::Dim, &format!("  {}", finding.sql));
            }
            for error in &checked.errors {
                output.line(Tone::Bad, error);
            }
            if let Some(merged) = &checked.merged {
                output.line(Tone::Good, &format!("wrote {merged}"));
            }
            if checked.errors.is_empty() {
                output.line(Tone::Good, "the migrations lead to what they say");
            }
        });
        Ok(u8::from(!checked.errors.is_empty()))
    }
}
