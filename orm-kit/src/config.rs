//! `orm.toml`: where the migrations and the database are, for those who do not say it each time.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;

/// The content of `orm.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The URL of the database, if neither an option nor `DATABASE_URL` says it.
    pub(crate) url: Option<String>,
    /// The URL of an empty database for shadows, if neither an option nor `ORM_SHADOW_URL` says it.
    pub(crate) shadow_url: Option<String>,
    /// The folder of migrations.
    pub(crate) migrations: Option<PathBuf>,
}

/// Reads `orm.toml` in a folder. It may be absent.
pub(crate) fn read(folder: &Path) -> Result<Config, Error> {
    let path = folder.join("orm.toml");
    if !path.exists() {
        return Ok(Config::default());
    }
    let text = std::fs::read_to_string(&path).map_err(Error::file("reading", &path))?;
    toml::from_str(&text).map_err(|error| Error::Usage(format!("`{}`: {}", path.display(), error.message())))
}
