//! Makes a crate ready for migrations.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::{backend, error::Error};

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Initialized {
    /// Files that were written or changed.
    pub written: Vec<PathBuf>,
    /// Files that had what is needed.
    pub kept: Vec<PathBuf>,
}

const SCHEMA: &str = "//! What this application stores.

use orm::prelude::*;

#[derive(Debug, Clone, PartialEq, Table)]
pub struct User {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(unique)]
    pub email: String,
    pub name: String,
}

schema! { pub fn schema() = [User] }
";

/// Writes what `cargo orm` needs into the crate of a folder: `orm.toml`, `migrations`, a program `src/bin/orm.rs` that is built
/// only for it, and an alias. What is there stays, so it can be run again.
///
/// # Errors
/// If the folder has no `Cargo.toml`, or a file cannot be written.
pub fn init(folder: &Path, url: &str) -> Result<Initialized, Error> {
    backend::of(url)?;
    let mut done = Initialized::default();
    let manifest_path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest_path).map_err(Error::file("reading", &manifest_path))?;
    let mut manifest = parse(&manifest_path, &text)?;
    let package = manifest["package"]["name"].as_str().unwrap_or_default().to_owned();
    let library = folder.join("src/lib.rs");
    let has_schema = fs::read_to_string(&library).is_ok_and(|text| text.contains("schema!"));
    edit_manifest(&mut manifest, url, folder.join("src/main.rs").exists().then_some(package.as_str()));
    done.write_changed(&manifest_path, &text, &manifest.to_string())?;

    done.write(
        &folder.join("orm.toml"),
        &format!("url = {}\nmigrations = \"migrations\"\n", value(url).to_string().trim()),
    )?;
    done.write(&folder.join("migrations/.gitkeep"), "")?;
    let schema = if has_schema {
        format!("{}::schema()", package.replace('-', "_"))
    } else {
        done.write(&folder.join("src/schema.rs"), SCHEMA)?;
        "schema::schema()".to_owned()
    };
    let module = if has_schema { "" } else { "#[path = \"../schema.rs\"]\nmod schema;\n\n" };
    let program = format!(
        "//! `cargo orm`: migrations of this crate's schema.\n\n{module}fn main() -> std::process::ExitCode {{\n    orm_kit::main({schema})\n}}\n"
    );
    done.write(&folder.join("src/bin/orm.rs"), &program)?;

    let config_path = folder.join(".cargo/config.toml");
    let text = fs::read_to_string(&config_path).unwrap_or_default();
    let mut config = parse(&config_path, &text)?;
    let alias = config.entry("alias").or_insert(Item::Table(Table::new()));
    if alias.get("orm").is_none() {
        alias["orm"] = value("run --quiet --features orm-kit --bin orm --");
    }
    done.write_changed(&config_path, &text, &config.to_string())?;
    Ok(done)
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, Error> {
    text.parse().map_err(|error| Error::Usage(format!("`{}`: {error}", path.display())))
}

fn edit_manifest(manifest: &mut DocumentMut, url: &str, program: Option<&str>) {
    let version = env!("CARGO_PKG_VERSION");
    let feature = if url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
    let dependencies = manifest.entry("dependencies").or_insert(Item::Table(Table::new()));
    if dependencies.get("orm").is_none() {
        let mut orm = toml_edit::InlineTable::new();
        orm.insert("version", version.into());
        orm.insert("features", toml_edit::Value::Array([feature].into_iter().collect()));
        dependencies["orm"] = value(orm);
    }
    if dependencies.get("orm-kit").is_none() {
        let mut kit = toml_edit::InlineTable::new();
        kit.insert("version", version.into());
        // Only `cargo orm` builds it.
        kit.insert("optional", true.into());
        dependencies["orm-kit"] = value(kit);
    }
    let bins = manifest.entry("bin").or_insert(Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    if let Some(bins) = bins.as_array_of_tables_mut()
        && !bins.iter().any(|bin| bin.get("name").and_then(Item::as_str) == Some("orm"))
    {
        let mut bin = Table::new();
        bin["name"] = value("orm");
        bin["path"] = value("src/bin/orm.rs");
        bin["required-features"] = value(toml_edit::Array::from_iter(["orm-kit"]));
        bins.push(bin);
    }
    // `cargo run` has two programs to choose from now.
    if let Some(name) = program
        && manifest["package"].get("default-run").is_none()
    {
        manifest["package"]["default-run"] = value(name);
    }
}

impl Initialized {
    fn write(&mut self, path: &Path, text: &str) -> Result<(), Error> {
        if path.exists() {
            self.kept.push(path.to_owned());
            return Ok(());
        }
        self.write_changed(path, "", text)
    }

    fn write_changed(&mut self, path: &Path, before: &str, after: &str) -> Result<(), Error> {
        if before == after && path.exists() {
            self.kept.push(path.to_owned());
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::file("making the folder", folder))?;
        }
        fs::write(path, after).map_err(Error::file("writing", path))?;
        self.written.push(path.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        fs::create_dir_all(folder.path().join("src")).expect("the folder is new");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("the folder is new");
        }
        folder
    }

    #[test]
    fn again_changes_nothing() {
        let manifest = "# mine\n[package]\nname = \"my-app\"\nversion = \"0.1.0\"\n";
        let folder = crate_with(&[("Cargo.toml", manifest), ("src/main.rs", "fn main() {}\n")]);
        let first = init(folder.path(), "sqlite:app.db").expect("a crate");
        assert_eq!((first.written.len(), first.kept.len()), (6, 0));
        let text = fs::read_to_string(folder.path().join("Cargo.toml")).expect("it was there");
        assert!(text.starts_with("# mine\n") && text.contains("default-run = \"my-app\""), "{text}");
        let second = init(folder.path(), "sqlite:app.db").expect("a crate");
        assert_eq!((second.written.len(), second.kept.len()), (0, 6));
    }

    #[test]
    fn a_schema_that_is_there_is_used() {
        let manifest = "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\n";
        let folder = crate_with(&[("Cargo.toml", manifest), ("src/lib.rs", "orm::schema! { pub fn schema() = [] }")]);
        init(folder.path(), "postgres://localhost/app").expect("a crate");
        let program = fs::read_to_string(folder.path().join("src/bin/orm.rs")).expect("it was written");
        assert!(program.contains("orm_kit::main(my_app::schema())"), "{program}");
        assert!(!folder.path().join("src/schema.rs").exists());
    }

    #[test]
    fn a_folder_without_a_crate_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        assert!(init(folder.path(), "sqlite:app.db").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
    }
}
