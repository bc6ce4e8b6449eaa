//! Asking cargo.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use cargo_metadata::{Error, Metadata, MetadataCommand};
use indicatif::ProgressBar;

/// What cargo knows about the workspace at a path: its packages, and which of them depends on which.
pub fn read(path: &Path, offline: bool, all_platforms: bool) -> anyhow::Result<Metadata> {
    // Cargo may have to download an index first.
    let spinner = ProgressBar::new_spinner().with_message("cargo metadata");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let metadata = run(path, offline, all_platforms);
    spinner.finish_and_clear();
    metadata.with_context(|| format!("reading the workspace at `{}`", path.display()))
}

fn run(path: &Path, offline: bool, all_platforms: bool) -> anyhow::Result<Metadata> {
    let mut command = MetadataCommand::new();
    if path.metadata()?.is_dir() {
        command.current_dir(path);
    } else if path.file_name().is_some_and(|name| name == "Cargo.toml") {
        command.manifest_path(path);
    } else {
        bail!("expected a folder or a `Cargo.toml`, this is another file");
    }
    let mut options = Vec::new();
    if offline {
        options.push("--offline".to_owned());
    }
    if !all_platforms {
        // These are the packages a build downloads anyway, so that this works offline after a build.
        options.extend(["--filter-platform".to_owned(), "host-tuple".to_owned()]);
    }
    match command.other_options(options).exec() {
        // Cargo says what is wrong, after what it did until then.
        Err(Error::CargoMetadata { stderr }) => {
            bail!("cargo: {}", stderr.split_once("error: ").map_or(&*stderr, |(_, message)| message).trim_end())
        }
        result => Ok(result?),
    }
}
