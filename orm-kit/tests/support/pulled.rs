//! Databases of a test's own, and a program that has the schemas that were pulled from them.
#![allow(unreachable_pub, reason = "shared by test files, as the other support modules")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use orm_kit::{
    backend::{self, Backend},
    pull::{Pulled, pull},
    session::Session,
};
use tempfile::TempDir;

/// The server of the tests.
pub fn postgres() -> String {
    std::env::var("ORM_TEST_POSTGRES")
        .expect("ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one")
}

/// A database that is gone when this is dropped.
pub struct Database {
    url: String,
    backend: &'static dyn Backend,
    /// The server, and the name of the database there.
    server: Option<(String, String)>,
    _folder: TempDir,
}

impl Database {
    /// An empty database of the kind of this URL, and on its server.
    pub fn empty(like: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let backend = backend::of(like).expect("a URL of a database");
        if like.starts_with("sqlite:") {
            let url = format!("sqlite:{}", folder.path().join("app.db").display());
            return Self { url, backend, server: None, _folder: folder };
        }
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("orm_pull_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let server = postgres();
        let mut session = backend.open(&server).expect("the server of the tests answers");
        session.run(&format!("create database {name} template template0")).expect("the server makes databases");
        let (base, _) = server.rsplit_once('/').expect("the URL ends with a database");
        Self { url: format!("{base}/{name}"), backend, server: Some((server, name)), _folder: folder }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn session(&self) -> Box<dyn Session> {
        self.backend.open(&self.url).expect("the database answers")
    }

    pub fn run(&self, sql: &str) {
        self.session().run(sql).expect("the statements are valid");
    }

    pub fn pull(&self) -> Pulled {
        pull(self.backend, &self.url).expect("the database can be read")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server
            && let Ok(mut session) = self.backend.open(server)
        {
            drop(session.run(&format!("drop database if exists {name} with (force)")));
        }
    }
}

/// A schema in a file, in a database, and as source.
pub struct Sample {
    /// The name of its module: `postgres_shop`.
    pub name: String,
    pub database: Database,
    pub pulled: Pulled,
}

impl Sample {
    /// The schemas of a folder, pulled.
    pub fn read(folder: &Path) -> Vec<Self> {
        let mut samples = Vec::new();
        for (kind, server) in [("postgres", postgres()), ("sqlite", "sqlite:".to_owned())] {
            let Ok(files) = fs::read_dir(folder.join(kind)) else { continue };
            let mut files: Vec<PathBuf> = files.map(|file| file.expect("the folder can be read").path()).collect();
            files.retain(|file| file.extension().is_some_and(|it| it == "sql"));
            files.sort();
            for file in files {
                let stem =
                    file.file_stem().unwrap_or_default().to_string_lossy().replace(|c: char| !c.is_alphanumeric(), "_");
                let database = Database::empty(&server);
                let sql = fs::read_to_string(&file).expect("the file can be read");
                database.session().run(&sql).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                let pulled = database.pull();
                samples.push(Self { name: format!("{kind}_{stem}"), database, pulled });
            }
        }
        samples
    }
}

/// A program that has schemas, and is the command line of one of them.
pub struct Program(PathBuf);

impl Program {
    /// Compiles the sources, warnings being errors.
    pub fn compile<'s>(samples: impl Iterator<Item = &'s Sample>) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a workspace");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pulled");
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("target");
        fs::create_dir_all(folder.join("src")).expect("the folder can be made");
        let manifest = format!(
            "[package]\nname = \"pulled\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             orm = {{ path = {workspace:?}, features = [\"decimal\", \"postgres\", \"sqlite\"] }}\n\
             orm-kit = {{ path = {:?} }}\nserde_json = \"1\"\n\n[profile.dev]\ndebug = false\n",
            workspace.join("orm-kit")
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("the manifest can be written");
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the workspace has a lock file");
        let (mut modules, mut arms) = (String::new(), String::new());
        for sample in samples {
            let name = &sample.name;
            fs::write(folder.join(format!("src/{name}.rs")), &sample.pulled.source).expect("the source can be written");
            modules.push_str(&format!("pub mod {name};\n"));
            arms.push_str(&format!("        Ok(\"{name}\") => {name}::schema(),\n"));
        }
        let main = format!(
            "#![deny(warnings)]\n{modules}\nfn main() -> std::process::ExitCode {{\n    \
             let schema = match std::env::var(\"PULLED\").as_deref() {{\n{arms}        \
             other => panic!(\"no schema {{other:?}}\"),\n    }};\n    orm_kit::main(schema)\n}}\n"
        );
        fs::write(folder.join("src/main.rs"), main).expect("the source can be written");
        let output = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "--target-dir"])
            .arg(&target)
            .current_dir(&folder)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self(target.join("debug").join("pulled"))
    }

    /// The changes of pushing a schema to a database.
    pub fn push(&self, schema: &str, url: &str, dry_run: bool) -> Result<Vec<String>, String> {
        let mut command = Command::new(&self.0);
        command.args(["push", "--json", "--url", url]).env("PULLED", schema);
        if dry_run {
            command.arg("--dry-run");
        }
        let output = command.output().expect("the program runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let json: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| format!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
        if let Some(error) = json["error"].as_str() {
            return Err(error.to_owned());
        }
        let changes = json["changes"].as_array().ok_or("there is no list of changes")?;
        Ok(changes.iter().map(|change| change.as_str().unwrap_or_default().to_owned()).collect())
    }
}
