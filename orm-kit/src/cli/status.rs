//! `status`

use clap::Args;
use comfy_table::{Table, presets::NOTHING};

use super::{Context, output::Tone};
use crate::{
    error::Error,
    folder,
    status::{State, drift, status},
};

/// Show which migrations were applied, and what is in the database
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm status --drift")]
pub(super) struct Status {
    /// Compare the schema of the database with the one the migrations lead to, and exit with 3 if they differ
    #[arg(long)]
    drift: bool,
}

impl Status {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let backend = context.backend()?;
        let migrations = folder::read(&context.migrations)?;
        let mut session = backend.open_existing(context.url()?)?;
        let mut found = status(backend, &mut *session, &migrations)?;
        if self.drift {
            let _progress = context.output.progress("comparing with a shadow database");
            found.drift = drift(backend, &mut *session, context.place()?, &migrations)?;
        }
        let output = context.output;
        output.result(&found, || {
            for migration in &found.migrations {
                let (tone, words) = match migration.state {
                    State::Applied => (Tone::Plain, "applied"),
                    State::Pending => (Tone::Dim, "pending"),
                    State::Partial => (Tone::Bad, "applied in part"),
                    State::Missing => (Tone::Bad, "missing"),
                };
                let at = migration.applied_at.as_deref().unwrap_or_default();
                output.line(tone, format!("  {}  {words}  {at}", migration.id).trim_end());
            }
            for problem in &found.problems {
                output.line(Tone::Bad, problem);
            }
            let mut table = Table::new();
            table.load_style(NOTHING).set_header(["table", "columns", "rows"]);
            for it in &found.tables {
                table.add_row([it.name.clone(), it.columns.to_string(), it.rows.to_string()]);
            }
            if !found.tables.is_empty() {
                output.line(Tone::Plain, &table.to_string());
            }
            if let Some(drift) = &found.drift {
                output.line(Tone::Bad, &format!("the database has drifted:\n{drift}"));
            }
        });
        Ok(match (&found.drift, found.problems.is_empty(), found.is_pending()) {
            (Some(_), ..) => 3,
            (None, false, _) => 1,
            (None, true, true) => 2,
            (None, true, false) => 0,
        })
    }
}
