//! From an empty crate to an applied migration, as the guide says, and what the commands say and end with.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// An empty crate, as `cargo new` makes it.
struct Crate {
    folder: PathBuf,
    _temporary: tempfile::TempDir,
}

impl Crate {
    fn new(name: &str) -> Self {
        // Not in this workspace, whose manifest cargo would edit.
        let temporary = tempfile::tempdir().expect("a folder for temporary files");
        let folder = temporary.path().join(name);
        let output = Command::new(env!("CARGO")).args(["new", "--quiet", "--vcs", "none"]).arg(&folder).output();
        assert!(output.expect("cargo runs").status.success());
        Self { folder, _temporary: temporary }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect("the file is there")
    }

    /// Takes the crates of this workspace instead of those of the registry.
    fn patch(&self) {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a workspace");
        let mut text = self.read("Cargo.toml");
        text.push_str("\n[patch.crates-io]\n");
        text.push_str(&format!(
            "orm = {{ path = {workspace:?} }}\norm-kit = {{ path = {:?} }}\n",
            workspace.join("orm-kit")
        ));
        fs::write(self.path("Cargo.toml"), text).expect("it can be written");
        fs::copy(workspace.join("Cargo.lock"), self.path("Cargo.lock")).expect("the workspace has a lock file");
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("target");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_NET_OFFLINE", "true");
        command.env_remove("DATABASE_URL").output().expect("the program runs")
    }

    fn kit(&self, arguments: &[&str]) -> Output {
        self.run(env!("CARGO_BIN_EXE_orm-kit"), arguments)
    }

    fn orm(&self, arguments: &[&str]) -> Output {
        self.run(env!("CARGO"), &[&["orm"], arguments].concat())
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn code(output: &Output, expected: i32) -> &Output {
    assert_eq!(output.status.code(), Some(expected), "{}", text(output));
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}

#[test]
fn from_an_empty_crate_to_a_migration() {
    let app = Crate::new("kit-start");
    code(&app.kit(&["init"]), 0);
    app.patch();
    let output = app.orm(&["generate", "--migrate"]);
    assert!(text(code(&output, 0)).contains("applied 1 migration"), "{}", text(&output));
    // The program itself is not built with the kit.
    assert!(!text(&app.run(env!("CARGO"), &["tree", "--prefix", "none"])).contains("orm-kit"));

    let status = json(code(&app.orm(&["status", "--json", "--drift"]), 0));
    assert_eq!(status["tables"], serde_json::json!([{"name": "users", "columns": 3, "rows": 0}]));
    assert_eq!(text(code(&app.orm(&["generate"]), 0)).trim(), "no changes");
    code(&app.orm(&["generate", "--check"]), 0);
    assert!(text(&app.orm(&["export"])).starts_with("create table \"users\" (\n"));

    let schema = app.read("src/schema.rs").replace("pub name: String,", "pub full_name: String,\n    pub age: i32,");
    fs::write(app.path("src/schema.rs"), schema).expect("it can be written");
    let questions = json(code(&app.orm(&["generate", "--json"]), 4));
    let renamed = |of: &str| serde_json::json!({"question": "renamed", "of": of, "candidates": ["name"]});
    assert_eq!(questions["questions"], serde_json::json!([renamed("users.full_name"), renamed("users.age")]));
    let said = ["--renamed", "users.full_name=name", "--new", "users.age", "--backfill", "users.age=18"];
    code(&app.orm(&[&["generate", "--check"], &said[..]].concat()), 2);
    let generated = json(code(&app.orm(&[&["generate", "--json", "--name", "Add age"], &said[..]].concat()), 0));
    let changes = serde_json::json!(["users: rename column name to full_name", "users: add column age integer"]);
    assert_eq!(generated["changes"], changes);
    assert!(generated["folder"].as_str().is_some_and(|folder| folder.ends_with("_add_age")), "{generated}");
    code(&app.orm(&["check"]), 0);

    // What needs no schema needs no compiler.
    code(&app.kit(&["status"]), 2);
    code(&app.kit(&["migrate", "--dry-run"]), 2);
    code(&app.kit(&["migrate"]), 0);
    code(&app.kit(&["status"]), 0);
    let refused = json(code(&app.kit(&["rollback", "--json"]), 5));
    assert_eq!(refused["error"], "what is stored in `users.age` would be lost; say so with --allow users.age");
    code(&app.kit(&["rollback", "--allow", "users.age"]), 0);
    code(&app.kit(&["migrate", "--to", "nothing"]), 1);
    assert!(text(code(&app.kit(&["generate"]), 1)).contains("run it as `cargo orm`"));
    code(&app.kit(&["status", "--url", "mysql://localhost"]), 1);
}

#[test]
fn every_command_has_help_with_an_example() {
    let app = Crate::new("kit-help");
    for command in ["init", "generate", "migrate", "status", "rollback", "push", "check", "export"] {
        let help = text(code(&app.kit(&[command, "--help"]), 0));
        assert!(help.contains("Example:\n") && help.contains("--json"), "{command}: {help}");
    }
}

/// 2 means that something is pending, which a mistyped option does not say.
#[test]
fn what_is_mistyped() {
    let app = Crate::new("kit-mistyped");
    for arguments in [&["stauts"][..], &["status", "--drfit"], &["rollback", "--steps", "x"], &[]] {
        let output = app.kit(arguments);
        assert!(!code(&output, 1).stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["help"], &["--version"], &["help", "status"]] {
        assert!(!code(&app.kit(arguments), 0).stdout.is_empty(), "{arguments:?}");
    }
}

/// Looking at a database that is not there makes none.
#[test]
fn a_database_that_is_not_there() {
    let app = Crate::new("kit-missing");
    let url = format!("sqlite:{}", app.path("no such.db").display());
    for arguments in [&["status"][..], &["status", "--drift"], &["pull"], &["rollback"], &["rollback", "--dry-run"]] {
        let output = app.kit(&[arguments, &["--url", &url]].concat());
        let message = format!("there is no database `{}`", app.path("no such.db").display());
        assert!(text(code(&output, 1)).contains(&message), "{arguments:?}: {}", text(&output));
        assert!(!app.path("no such.db").exists(), "{arguments:?}");
    }
    code(&app.kit(&["check", "--url", &url]), 0);
    assert!(!app.path("no such.db").exists());
    code(&app.kit(&["migrate", "--url", &url]), 0);
    assert!(app.path("no such.db").exists());
}
