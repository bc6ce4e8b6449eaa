//! Loads the packages of a Cargo workspace into an SQLite file, and answers questions about them with typed queries.
//!
//! ```text
//! cargo run --example dependencies
//! cargo run --example dependencies -- --path ../other --crate serde
//! ```
//!
//! Read `schema.rs` first: everything else follows from it. `load.rs` writes, `report.rs` and `graph.rs` read; the rest has
//! nothing to do with databases.
#![allow(unreachable_pub, reason = "a program has no users, `pub` says what a module offers to the others")]

mod cli;
mod graph;
mod load;
mod metadata;
mod print;
mod report;
mod schema;

use std::{fs, path::Path};

use anyhow::Context;
use clap::Parser;
use orm::{ErrorKind, prelude::*, sqlite::Connection};

use crate::{cli::Cli, schema::Workspace};

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let metadata = metadata::read(&cli.path, cli.offline, cli.all_platforms)?;
    let file = cli.database.unwrap_or_else(|| metadata.target_directory.join("dependencies.db").into());
    let db = open(&file)?;
    let workspace =
        load::load(&db, &metadata).with_context(|| format!("storing the packages in `{}`", file.display()))?;

    // All answers come from one snapshot, even if another process loads the workspace meanwhile.
    db.read(|tx| match &cli.package {
        Some(wanted) => print::pulled_in(tx, workspace, wanted),
        None => print::overview(tx, workspace, cli.top),
    })?;
    println!("\nThe database is `{}`.", file.display());
    Ok(())
}

/// Opens the database, and creates its tables unless they are there.
fn open(file: &Path) -> anyhow::Result<Connection> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating the folder `{}`", folder.display()))?;
    }
    let db = Connection::open(file)?;
    match Workspace::select().exists(&db) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::InvalidStatement => {
            db.create_all(&schema::schema()).with_context(|| format!("creating the tables in `{}`", file.display()))?
        }
        Err(error) => return Err(error).with_context(|| format!("looking for the tables in `{}`", file.display())),
    }
    Ok(db)
}
