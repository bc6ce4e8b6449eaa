//! The command line.

use std::{path::PathBuf, str::FromStr};

use clap::Parser;

/// Stores the packages of a Cargo workspace in an SQLite file, and answers questions about them.
#[derive(Debug, Parser)]
pub struct Cli {
    /// The workspace: a folder in it, or its `Cargo.toml`
    #[arg(long, default_value = ".")]
    pub path: PathBuf,

    /// The database file, created if there is none [default: `dependencies.db` in the target folder of the workspace]
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,

    /// Shows what this crate pulls in, instead of an overview
    #[arg(long = "crate", value_name = "NAME[@VERSION]")]
    pub package: Option<Wanted>,

    /// How many rows the longer tables have
    #[arg(long, value_name = "ROWS", default_value_t = 10)]
    pub top: u64,

    /// Looks at the dependencies of all platforms, not only at those of this machine
    #[arg(long)]
    pub all_platforms: bool,

    /// Lets cargo use only what it has downloaded before
    #[arg(long)]
    pub offline: bool,
}

/// The crate that was asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub name: String,
    pub version: Option<String>,
}

impl FromStr for Wanted {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('@') {
            Some((name, version)) => Self { name: name.to_owned(), version: Some(version.to_owned()) },
            None => Self { name: text.to_owned(), version: None },
        })
    }
}
