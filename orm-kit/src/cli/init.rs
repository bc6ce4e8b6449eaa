//! `init`

use std::path::Path;

use clap::Args;

use super::{Context, output::Tone};
use crate::{error::Error, init::init};

/// Make this crate ready for migrations; running it again changes nothing
#[derive(Args)]
#[command(after_help = "Example:\n  orm-kit init --url sqlite:app.db")]
pub(super) struct Init {}

impl Init {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        // That of the environment is there anyway, and may be of another database than this crate's.
        let done = init(Path::new("."), context.given_url.as_deref().unwrap_or("sqlite:app.db"))?;
        let output = context.output;
        output.result(&done, || {
            for path in &done.written {
                output.line(Tone::Good, &format!("  wrote {}", path.display()));
            }
            for path in &done.kept {
                output.line(Tone::Dim, &format!("  kept {}", path.display()));
            }
            output.line(Tone::Plain, "next: cargo orm generate --migrate");
        });
        Ok(0)
    }
}
