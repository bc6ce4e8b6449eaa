//! `orm.toml`: where the migrations and the database are, for those who do not say it each time.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{error::Error, prove::Rebuild};

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
    /// SQLite: what becomes of the rows of a table that `alter table` cannot change: `"copy"` or `"in-place"`.
    #[serde(default)]
    pub(crate) rebuild: Rebuild,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_rows() {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let check = |text: &str| {
            std::fs::write(folder.path().join("orm.toml"), text).expect("it can be written");
            read(folder.path()).map(|config| config.rebuild)
        };
        assert_eq!(check("").ok(), Some(Rebuild::Copy));
        assert_eq!(check("rebuild = \"in-place\"").ok(), Some(Rebuild::InPlace));
        let error = check("rebuild = \"fast\"").expect_err("there is no such one").to_string();
        assert!(error.contains("unknown variant `fast`, expected `copy` or `in-place`"), "{error}");
    }
}
