//! Makes a crate ready for migrations.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

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
/// only for it, and an alias. What is there stays, so it can be run again. A password in the URL is not written: `DATABASE_URL`
/// is where it belongs.
///
/// # Errors
/// If the folder has no `Cargo.toml`, or one that is of no package, or a file cannot be read or written. Nothing is written before
/// all files were read.
pub fn init(folder: &Path, url: &str) -> Result<Initialized, Error> {
    backend::of(url)?;
    let url = without_password(url);
    let manifest_path = folder.join("Cargo.toml");
    let manifest_text = fs::read_to_string(&manifest_path).map_err(Error::file("reading", &manifest_path))?;
    let mut manifest = parse(&manifest_path, &manifest_text)?;
    let has_program = folder.join("src/main.rs").exists();
    let package = edit_manifest(&mut manifest, &url, has_program).map_err(|problem| odd(&manifest_path, problem))?;
    let config_path = folder.join(".cargo/config.toml");
    let config_text = match fs::read_to_string(&config_path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        result => result.map_err(Error::file("reading", &config_path))?,
    };
    let mut config = parse(&config_path, &config_text)?;
    edit_config(&mut config).map_err(|problem| odd(&config_path, problem))?;
    let library = folder.join("src/lib.rs");
    let has_schema = fs::read_to_string(&library).is_ok_and(|text| text.contains("schema!"));

    let mut done = Initialized::default();
    done.write_changed(&manifest_path, &manifest_text, &manifest.to_string())?;
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
    done.write_changed(&config_path, &config_text, &config.to_string())?;
    Ok(done)
}

/// A URL without the password that may stand after the user or among the parameters.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| *scheme != "sqlite") else {
        return url.to_owned();
    };
    // The user ends with the last `@` before the path, which a password may have a slash before.
    let end = rest.find('@').and_then(|first| {
        let path = rest[first..].find(['/', '?']).map_or(rest.len(), |at| first + at);
        rest[..path].rfind('@')
    });
    let (user, place) = match end {
        Some(end) => (Some(&rest[..end]), &rest[end + 1..]),
        None => (None, rest),
    };
    let user = user.map(|user| format!("{}@", user.split(':').next().unwrap_or_default())).unwrap_or_default();
    let place = match place.split_once('?') {
        None => place.to_owned(),
        Some((place, parameters)) => {
            let is_secret = |it: &&str| ["password=", "sslpassword="].iter().any(|name| it.starts_with(name));
            let kept: Vec<&str> = parameters.split('&').filter(|it| !is_secret(it)).collect();
            if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) }
        }
    };
    format!("{scheme}://{user}{place}")
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, Error> {
    text.parse().map_err(|error: toml_edit::TomlError| odd(path, error.to_string()))
}

fn odd(path: &Path, problem: String) -> Error {
    Error::Usage(format!("`{}`: {problem}", path.display()))
}

/// The table of this name, which is made if there is none.
fn table<'d>(document: &'d mut DocumentMut, name: &str) -> Result<&'d mut dyn TableLike, String> {
    let item = document.entry(name).or_insert(Item::Table(Table::new()));
    item.as_table_like_mut().ok_or_else(|| format!("`{name}` is no table"))
}

fn edit_config(config: &mut DocumentMut) -> Result<(), String> {
    let alias = table(config, "alias")?;
    if alias.get("orm").is_none() {
        alias.insert("orm", value("run --quiet --features orm-kit --bin orm --"));
    }
    Ok(())
}

/// Adds what is missing, and gives the name of the package.
fn edit_manifest(manifest: &mut DocumentMut, url: &str, has_program: bool) -> Result<String, String> {
    if manifest.get("package").is_none() && manifest.get("workspace").is_some() {
        return Err("it is of a workspace, and of no package: run this in the folder of one".to_owned());
    }
    let package = table(manifest, "package")?;
    let name = package.get("name").and_then(Item::as_str).ok_or("the package has no name")?.to_owned();
    // `cargo run` has two programs to choose from from now on.
    if has_program && package.get("default-run").is_none() {
        package.insert("default-run", value(&name));
    }
    let version = env!("CARGO_PKG_VERSION");
    let feature = if url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
    let dependencies = table(manifest, "dependencies")?;
    if dependencies.get("orm").is_none() {
        let mut orm = InlineTable::new();
        orm.insert("version", version.into());
        orm.insert("features", Value::Array([feature].into_iter().collect()));
        dependencies.insert("orm", value(orm));
    }
    if dependencies.get("orm-kit").is_none() {
        let mut kit = InlineTable::new();
        kit.insert("version", version.into());
        // Only `cargo orm` builds it.
        kit.insert("optional", true.into());
        dependencies.insert("orm-kit", value(kit));
    }
    let mut bin = Table::new();
    bin["name"] = value("orm");
    bin["path"] = value("src/bin/orm.rs");
    bin["required-features"] = value(Array::from_iter(["orm-kit"]));
    let is_ours = |name: Option<&str>| name == Some("orm");
    match manifest.entry("bin").or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(bins) => {
            if !bins.iter().any(|bin| is_ours(bin.get("name").and_then(Item::as_str))) {
                bins.push(bin);
            }
        }
        Item::Value(Value::Array(bins)) => {
            let name =
                |bin: &'_ Value| bin.as_inline_table().and_then(|bin| bin.get("name")?.as_str().map(str::to_owned));
            if !bins.iter().any(|bin| is_ours(name(bin).as_deref())) {
                bins.push(bin.into_inline_table());
            }
        }
        _ => return Err("`bin` is no list of programs".to_owned()),
    }
    Ok(name)
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

    /// What cannot be edited is said in words, and nothing is written.
    #[test]
    fn odd_files() {
        let package = "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\n";
        let cases = [
            ("[workspace]\nmembers = [\"a\"]\n", "", "`Cargo.toml`: it is of a workspace, and of no package"),
            ("package = 3\n", "", "`Cargo.toml`: `package` is no table"),
            ("[package]\nname = 3\n", "", "`Cargo.toml`: the package has no name"),
            ("dependencies = 3\n[package]\nname = \"my-app\"\n", "", "`Cargo.toml`: `dependencies` is no table"),
            ("bin = 3\n[package]\nname = \"my-app\"\n", "", "`Cargo.toml`: `bin` is no list of programs"),
            (package, "alias = 3\n", "`config.toml`: `alias` is no table"),
            (package, "alias = \n", "`config.toml`: TOML parse error"),
        ];
        for (manifest, config, expected) in cases {
            let folder = crate_with(&[("Cargo.toml", manifest)]);
            fs::create_dir(folder.path().join(".cargo")).expect("the folder is new");
            fs::write(folder.path().join(".cargo/config.toml"), config).expect("the folder is new");
            let error = init(folder.path(), "sqlite:app.db").expect_err("it cannot be edited").to_string();
            let error = error.replace(&format!("{}/", folder.path().display()), "").replace(".cargo/", "");
            assert!(error.starts_with(expected), "{error}");
            let text = fs::read_to_string(folder.path().join("Cargo.toml")).expect("it was there");
            assert_eq!((text.as_str(), folder.path().join("orm.toml").exists()), (manifest, false));
        }
    }

    #[test]
    fn tables_and_lists_in_one_line() {
        let manifest = "package = { name = \"my-app\" }\nbin = [{ name = \"other\", path = \"o.rs\" }]\n";
        let folder = crate_with(&[("Cargo.toml", manifest)]);
        fs::create_dir(folder.path().join(".cargo")).expect("the folder is new");
        fs::write(folder.path().join(".cargo/config.toml"), "alias = { r = \"run\" }\n").expect("the folder is new");
        init(folder.path(), "sqlite:app.db").expect("a crate");
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it is there");
        let manifest: DocumentMut = read("Cargo.toml").parse().expect("it is TOML");
        assert_eq!(manifest["bin"][1]["path"].as_str(), Some("src/bin/orm.rs"));
        let config: DocumentMut = read(".cargo/config.toml").parse().expect("it is TOML");
        assert!(config["alias"]["orm"].is_str() && config["alias"]["r"].is_str());
        assert_eq!(init(folder.path(), "sqlite:app.db").expect("a crate").written, Vec::<PathBuf>::new());
    }

    #[test]
    fn a_password_is_not_written() {
        let cases = [
            ("postgres://localhost/app", "postgres://localhost/app"),
            ("postgres://ann:secret@localhost/app", "postgres://ann@localhost/app"),
            ("postgres://ann:se/cr@et@localhost:5432/app?a=b@c", "postgres://ann@localhost:5432/app?a=b@c"),
            ("postgres://localhost/app?password=secret&sslmode=require", "postgres://localhost/app?sslmode=require"),
            ("postgres://ann:@localhost?password=secret", "postgres://ann@localhost"),
            ("sqlite://a:b@c.db", "sqlite://a:b@c.db"),
        ];
        for (url, expected) in cases {
            let folder = crate_with(&[("Cargo.toml", "[package]\nname = \"my-app\"\n")]);
            init(folder.path(), url).expect("a crate");
            let text = fs::read_to_string(folder.path().join("orm.toml")).expect("it was written");
            assert!(text.starts_with(&format!("url = \"{expected}\"\n")), "{text}");
        }
    }
}
