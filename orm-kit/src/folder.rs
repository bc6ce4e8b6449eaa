//! The folder of migrations: `migrations/<time>_<name>/{up.sql, down.sql, snapshot.json}`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    error::Error,
    snapshot::{Snapshot, sha256},
    sql::Syntax,
};

/// The first words of a `down.sql` that takes nothing back.
pub(crate) const IRREVERSIBLE: &str = "-- irreversible: ";

/// A migration as it is kept.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The name of its folder, by which migrations are ordered.
    pub id: String,
    /// What it does.
    pub up: String,
    /// What takes it back, or the reason why nothing does.
    pub down: String,
    /// The schema after it.
    pub snapshot: Snapshot,
}

impl Migration {
    /// A migration of the texts of its files.
    ///
    /// # Errors
    /// If the snapshot cannot be read.
    pub fn parse(id: &str, up: &str, down: &str, snapshot: &str) -> Result<Self, Error> {
        let snapshot = Snapshot::parse(snapshot, &format!("{id}/snapshot.json"))?;
        // Editors put a mark of the encoding before a file, which is no part of its text.
        let text = |text: &str| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        Ok(Self { id: id.to_owned(), up: text(up), down: text(down), snapshot })
    }

    /// Whose words its text has.
    pub(crate) fn syntax(&self) -> Syntax {
        Syntax::of(&self.snapshot.dialect)
    }

    /// The hash by which an edit is seen. The ends of lines may be those of any system.
    pub fn checksum(&self) -> String {
        let lines: Vec<&str> = self.up.lines().map(str::trim_end).collect();
        sha256(lines.join("\n").trim_end())
    }

    /// Like [`checksum`](Migration::checksum), but the same for texts that differ in layout and comments only.
    pub fn words(&self) -> String {
        sha256(&self.syntax().without_layout(&self.up))
    }

    /// Why it cannot be taken back, if so.
    pub fn irreversible(&self) -> Option<&str> {
        self.down.strip_prefix(IRREVERSIBLE).map(|rest| rest.lines().next().unwrap_or_default())
    }
}

/// The migrations of a folder, in their order. There are none if there is no folder.
///
/// # Errors
/// If a file cannot be read, or a snapshot is malformed.
pub fn read(folder: &Path) -> Result<Vec<Migration>, Error> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("reading", folder))? {
        let entry = entry.map_err(Error::file("reading", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What begins with a dot is being written by somebody, or is none of ours.
        if entry.path().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    let text = |name: &str, file: &str| {
        let path = folder.join(name).join(file);
        fs::read_to_string(&path).map_err(Error::file("reading", path))
    };
    names
        .iter()
        .map(|name| {
            Migration::parse(name, &text(name, "up.sql")?, &text(name, "down.sql")?, &text(name, "snapshot.json")?)
        })
        .collect()
}

/// The ids of the snapshots that no migration comes after: one, unless branches were not merged.
pub(crate) fn heads(migrations: &[Migration]) -> Vec<&Migration> {
    let followed: BTreeSet<&String> = migrations.iter().flat_map(|it| &it.snapshot.prev).collect();
    migrations.iter().filter(|it| !followed.contains(&it.snapshot.id())).collect()
}

/// Writes a migration, whole or not at all, and gives its folder.
///
/// # Errors
/// If a file cannot be written, or the migration exists.
pub fn write(folder: &Path, migration: &Migration) -> Result<PathBuf, Error> {
    let target = folder.join(&migration.id);
    let draft = folder.join(format!(".{}-{}", migration.id, std::process::id()));
    fs::create_dir_all(&draft).map_err(Error::file("making the folder", &draft))?;
    let files =
        [("up.sql", &migration.up), ("down.sql", &migration.down), ("snapshot.json", &migration.snapshot.to_text())];
    for (name, text) in files {
        let path = draft.join(name);
        fs::write(&path, text).map_err(Error::file("writing", path))?;
    }
    // A folder is not renamed over one that has files.
    fs::rename(&draft, &target).map_err(|source| {
        drop(fs::remove_dir_all(&draft));
        Error::File { doing: "writing the migration", path: target.clone(), source }
    })?;
    Ok(target)
}

/// The id of a new migration: the time and a name, after all that exist.
pub(crate) fn new_id(name: &str, migrations: &[Migration]) -> Result<String, Error> {
    let slug: String =
        name.trim().chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if slug.is_empty() || slug.len() > 100 {
        return Err(Error::Usage("the name of a migration has between 1 and 100 letters and digits".to_owned()));
    }
    let mut time = chrono::Utc::now();
    loop {
        let id = format!("{}_{slug}", time.format("%Y%m%d%H%M%S"));
        if migrations.last().is_none_or(|last| last.id < id) {
            return Ok(id);
        }
        time += chrono::TimeDelta::seconds(1);
        let latest = chrono::Utc::now() + chrono::TimeDelta::days(1);
        if time > latest {
            return Err(Error::Migrations(format!(
                "`{}` is from the future: its time is more than a day ahead",
                migrations.last().map(|last| last.id.as_str()).unwrap_or_default()
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn migration(up: &str) -> Migration {
        let snapshot = Snapshot {
            migration: String::new(),
            dialect: "SQLite".to_owned(),
            prev: Vec::new(),
            model: Model::default(),
        };
        Migration { id: "20240101000000_a".to_owned(), up: up.to_owned(), down: String::new(), snapshot }
    }

    #[test]
    fn checksums_do_not_know_line_ends() {
        let unix = migration("select 1;\nselect 2;\n");
        assert_eq!(unix.checksum(), migration("select 1;  \r\nselect 2;\r\n\r\n").checksum());
        assert_ne!(unix.checksum(), migration("select 1;\n-- two\nselect 2;\n").checksum());
        assert_eq!(unix.words(), migration("select 1; -- two\nselect\n2;").words());
        assert_ne!(unix.words(), migration("select 1; select 3;").words());
    }

    #[test]
    fn a_mark_of_the_encoding_is_no_text() {
        let snapshot = migration("").snapshot.to_text();
        let parsed = Migration::parse("a", "\u{feff}select 1", "\u{feff}-- irreversible: no", &snapshot)
            .expect("the snapshot is one");
        assert_eq!((parsed.up.as_str(), parsed.irreversible()), ("select 1", Some("no")));
    }

    #[test]
    fn ids_come_after_those_there_are() {
        let future = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).format("%Y%m%d%H%M%S").to_string();
        let last = Migration { id: format!("{future}_a"), ..migration("") };
        let id = new_id("Add: B", std::slice::from_ref(&last)).expect("an hour is not too far ahead");
        assert!(id > last.id && id.ends_with("_add__b"), "{id}");
        assert!(new_id("", &[]).is_err());
    }

    #[test]
    fn a_migration_is_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        write(folder.path(), &migration("select 1")).expect("the folder is empty");
        assert!(write(folder.path(), &migration("select 2")).is_err());
        let read = read(folder.path()).expect("both files are there");
        assert_eq!((read.len(), read[0].up.as_str()), (1, "select 1"));
    }
}
