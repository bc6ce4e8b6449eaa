//! `pull`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{Context, output::Tone};
use crate::{
    error::{Error, count},
    pull::{Pulled, pull},
};

/// Write the tables of the database as Rust source
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm pull --url sqlite:app.db --out src")]
pub(super) struct Pull {
    /// The folder in which `schema.rs` is written; without it, the source is printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write over a `schema.rs` that says something else
    #[arg(long, requires = "out")]
    overwrite: bool,
}

#[derive(Serialize)]
struct Written<'p> {
    #[serde(flatten)]
    pulled: &'p Pulled,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'p Path>,
}

impl Pull {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let pulled = {
            let _progress = context.output.progress("reading the database");
            pull(context.backend()?, context.url()?)?
        };
        let file = match &self.out {
            None => None,
            Some(folder) => Some(self.write(folder, &pulled.source)?),
        };
        let output = context.output;
        output.result(&Written { pulled: &pulled, file: file.as_deref() }, || {
            match &file {
                None => print!("{}", pulled.source),
                Some(file) => {
                    let (tables, relations) = (count(pulled.tables, "table"), count(pulled.relations, "relation"));
                    output.line(Tone::Good, &format!("wrote {tables} and {relations} to {}", file.display()));
                }
            }
            // Beside the source, which may be written to a file.
            if !pulled.needs.is_empty() {
                eprintln!("the source needs {}", pulled.needs.join(" and "));
            }
            if !pulled.lost.is_empty() {
                eprintln!("not in the source, or not as in the database ({}):", pulled.lost.len());
                pulled.lost.iter().for_each(|lost| eprintln!("  {lost}"));
            }
        });
        Ok(0)
    }

    fn write(&self, folder: &Path, source: &str) -> Result<PathBuf, Error> {
        let file = folder.join("schema.rs");
        let is_other = std::fs::read_to_string(&file).is_ok_and(|there| there != source);
        if is_other && !self.overwrite {
            let message =
                format!("`{}` is there and says something else; write over it with --overwrite", file.display());
            return Err(Error::Refused(message));
        }
        std::fs::create_dir_all(folder).map_err(Error::file("making", folder))?;
        std::fs::write(&file, source).map_err(Error::file("writing", &file))?;
        Ok(file)
    }
}
