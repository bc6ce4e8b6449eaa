//! `push`

use clap::Args;

use super::{AnswerArgs, Context, output::Tone};
use crate::{
    error::Error,
    guard,
    push::{PushOptions, push},
};

/// Make the database have the schema at once, without a migration: for databases of developers
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm push --dry-run")]
pub(super) struct Push {
    /// Print what would run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// What may be lost: `users.age`, or a table
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
    #[command(flatten)]
    answers: AnswerArgs,
}

impl Push {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let url = context.url()?;
        let production = guard::production(url, |name| std::env::var(name).ok());
        if let Some(reason) = production.filter(|_| !self.allow.is_empty() && !self.dry_run) {
            return Err(Error::Refused(format!(
                "this looks like a database in production ({reason}): nothing is lost there by a push"
            )));
        }
        let mut answers = self.answers.read()?;
        let backend = context.backend()?;
        let pushed = context.asking(&mut answers, |answers| {
            let _progress = context.output.progress("planning, and trying the plan on a shadow database");
            let options = PushOptions {
                answers: answers.clone(),
                allow: self.allow.clone(),
                dry_run: self.dry_run,
                shadow_url: context.shadow_url.clone(),
            };
            push(backend, url, context.schema()?, &options)
        })?;
        let output = context.output;
        output.result(&pushed, || {
            for change in &pushed.changes {
                output.line(Tone::Plain, &format!("  {change}"));
            }
            if self.dry_run && !pushed.changes.is_empty() {
                output.line(Tone::Plain, &pushed.sql);
            }
            output.line(
                Tone::Good,
                if pushed.changes.is_empty() {
                    "no changes"
                } else if self.dry_run {
                    "not done"
                } else {
                    "done"
                },
            );
        });
        Ok(if self.dry_run && !pushed.changes.is_empty() { 2 } else { 0 })
    }
}
