//! `examples/dependencies`: what it stores, prints and refuses.

#[path = "../examples/dependencies/schema.rs"]
#[allow(unreachable_pub, reason = "shared with a program of several modules")]
mod schema;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use cargo_metadata::{Message, MetadataCommand};
use orm::{prelude::*, sqlite::Connection};
use schema::*;
use tempfile::TempDir;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The manifests of a workspace with three members; the packages in `vendor` are used, but not part of it.
const MANIFESTS: &[(&str, &str)] = &[
    (
        "work",
        r#"
        [workspace]
        members = ["app", "left", "right"]
        resolver = "3"
        "#,
    ),
    (
        "work/app",
        r#"
        [package]
        name = "app"
        version = "0.1.0"
        license = "MIT"
        description = "A program"
        authors = ["Ann <ann@example.com>", "Bob"]
        build = "build.rs"
        [features]
        default = ["fast"]
        fast = []
        [dependencies]
        left = { path = "../left" }
        right = { path = "../right" }
        [build-dependencies]
        base = { path = "../../vendor/base-1" }
        [dev-dependencies]
        app = { path = "." }
        left = { path = "../left" }
        "#,
    ),
    (
        "work/left",
        r#"
        [package]
        name = "left"
        version = "0.1.0"
        license = "MIT"
        authors = ["Ann <ann@example.com>"]
        [dependencies]
        base = { path = "../../vendor/base-1" }
        "#,
    ),
    (
        "work/right",
        r#"
        [package]
        name = "right"
        version = "0.1.0"
        license = "Apache-2.0"
        [dependencies]
        base = { path = "../../vendor/base-2" }
        "#,
    ),
    (
        "vendor/base-1",
        r#"
        [package]
        name = "base"
        version = "1.0.0"
        license = "MIT"
        "#,
    ),
    (
        "vendor/base-2",
        r#"
        [package]
        name = "base"
        version = "2.0.0"
        license = "MIT"
        authors = ["Cleo"]
        [dependencies]
        leaf = { path = "../leaf" }
        "#,
    ),
    (
        "vendor/leaf",
        r#"
        [package]
        name = "leaf"
        version = "0.3.0"
        authors = ["Cleo"]
        "#,
    ),
    (
        "other",
        r#"
        [package]
        name = "other"
        version = "0.1.0"
        [workspace]
        [dependencies]
        base = { path = "../vendor/base-2" }
        "#,
    ),
];

/// A folder with the packages above, and room for a database.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Result<Self> {
        let fixture = Self { folder: tempfile::tempdir()? };
        for (package, manifest) in MANIFESTS {
            fixture.write(&format!("{package}/Cargo.toml"), manifest)?;
            if manifest.contains("[package]") {
                fixture.write(&format!("{package}/src/lib.rs"), "")?;
            }
        }
        fixture.write("work/app/src/main.rs", "fn main() {}")?;
        fixture.write("work/app/build.rs", "fn main() {}")?;
        Ok(fixture)
    }

    fn write(&self, file: &str, text: &str) -> Result {
        let file = self.folder.path().join(file);
        fs::create_dir_all(file.parent().expect("a file is in a folder"))?;
        Ok(fs::write(file, text)?)
    }

    /// Runs the program in the folder.
    fn run(&self, arguments: &[&str]) -> Result<Output> {
        run(self.folder.path(), arguments)
    }

    /// Loads a workspace into `packages.db`, and gives what the program printed.
    fn load(&self, workspace: &str, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["--offline", "--database", "packages.db", "--path", workspace];
        all.extend(arguments);
        let output = self.run(&all)?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A text of the program, without the name of the folder.
    fn anywhere(&self, text: &str) -> Result<String> {
        Ok(text.replace(&self.folder.path().canonicalize()?.display().to_string(), "<folder>"))
    }

    fn database(&self) -> Result<Connection> {
        Ok(Connection::options().read_only(true).open(self.folder.path().join("packages.db"))?)
    }
}

/// The program, which is built first. The tests of an example are not given its path as those of a program are.
fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--example", "dependencies", "--message-format", "json"])
            .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
        let output = build.output().expect("cargo runs, it runs this test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = Message::parse_stream(&output.stdout[..]).filter_map(Result::ok);
        let mut programs = messages.filter_map(|message| match message {
            Message::CompilerArtifact(artifact) => artifact.executable,
            _ => None,
        });
        programs.next().expect("an example is a program").into()
    });
    &PROGRAM
}

/// Runs the program in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    Ok(command.output()?)
}

/// Every row of every table but the time of the load.
fn rows(db: &Connection) -> Result<String> {
    let packages = Package::select().inner_join(Crate::on(Crate::id.eq(Package::crate_id))).order_by(Package::id);
    let rows = (
        Workspace::select().columns((Workspace::id, Workspace::root)).order_by(Workspace::id).all(db)?,
        packages.all(db)?,
        Feature::select().order_by((Feature::package_id, Feature::name)).all(db)?,
        Target::select().order_by((Target::package_id, Target::kind, Target::name)).all(db)?,
        Author::select().order_by(Author::id).all(db)?,
        Authorship::select().order_by((Authorship::package_id, Authorship::author_id)).all(db)?,
        Resolved::select().order_by((Resolved::workspace_id, Resolved::package_id)).all(db)?,
        Dependency::select()
            .order_by((Dependency::workspace_id, Dependency::dependent_id, Dependency::dependency_id, Dependency::kind))
            .all(db)?,
    );
    Ok(format!("{rows:#?}"))
}

#[derive(Debug, PartialEq)]
struct Counts {
    workspaces: i64,
    crates: i64,
    packages: i64,
    features: i64,
    targets: i64,
    authors: i64,
    authorships: i64,
    resolved: i64,
    members: i64,
    dependencies: i64,
}

fn counts(db: &Connection) -> Result<Counts> {
    Ok(Counts {
        workspaces: Workspace::select().count(db)?,
        crates: Crate::select().count(db)?,
        packages: Package::select().count(db)?,
        features: Feature::select().count(db)?,
        targets: Target::select().count(db)?,
        authors: Author::select().count(db)?,
        authorships: Authorship::select().count(db)?,
        resolved: Resolved::select().count(db)?,
        members: Resolved::select().filter(Resolved::is_member.eq(true)).count(db)?,
        dependencies: Dependency::select().count(db)?,
    })
}

/// The packages of a database, as `name version`.
fn packages(db: &Connection) -> Result<Vec<String>> {
    let packages = Package::select()
        .inner_join(Crate::on(Crate::id.eq(Package::crate_id)))
        .columns((Crate::name, Package::version))
        .order_by((Crate::name, Package::version))
        .all(db)?;
    Ok(packages.into_iter().map(|(name, version)| format!("{name} {version}")).collect())
}

#[test]
fn stores_each_thing_once() -> Result {
    let fixture = Fixture::new()?;
    fixture.load("work", &[])?;
    let db = fixture.database()?;
    let once = Counts {
        workspaces: 1,
        crates: 5,
        packages: 6,
        features: 2,
        // A library each, and of `app` a program and a build script.
        targets: 8,
        authors: 3,
        authorships: 5,
        resolved: 6,
        members: 3,
        // `app` needs `left` to run and for its tests.
        dependencies: 8,
    };
    assert_eq!(counts(&db)?, once);
    let kinds = |kind| Dependency::select().filter(Dependency::kind.eq(kind)).count(&db);
    assert_eq!(kinds(DependencyKind::Normal)?, 5);
    assert_eq!(kinds(DependencyKind::Build)?, 1);
    assert_eq!(kinds(DependencyKind::Development)?, 2);
    assert_eq!(Feature::select().filter(Feature::name.eq("default")).one(&db)?.enables.0, ["fast"]);
    assert_eq!(Target::select().filter(Target::kind.eq(TargetKind::BuildScript)).count(&db)?, 1);

    let (first, loaded_at) = (rows(&db)?, Workspace::select().one(&db)?.loaded_at);
    fixture.load("work", &[])?;
    assert_eq!(rows(&db)?, first);
    assert!(Workspace::select().one(&db)?.loaded_at > loaded_at);
    Ok(())
}

#[test]
fn a_second_load_follows_changes_and_leaves_other_workspaces_alone() -> Result {
    let fixture = Fixture::new()?;
    fixture.load("work", &[])?;
    fixture.load("other", &[])?;
    let db = fixture.database()?;
    assert_eq!(
        packages(&db)?,
        ["app 0.1.0", "base 1.0.0", "base 2.0.0", "leaf 0.3.0", "left 0.1.0", "other 0.1.0", "right 0.1.0"]
    );

    fixture.write("work/Cargo.toml", "[workspace]\nmembers = ['left']\nresolver = '3'\nexclude = ['app', 'right']")?;
    fixture.write("work/left/Cargo.toml", "[package]\nname = 'left'\nversion = '0.1.0'\nlicense = 'Zlib'")?;
    fixture.load("work", &[])?;
    // `base 1.0.0` is no longer used. `base 2.0.0` is not used here either, but by the other workspace.
    assert_eq!(packages(&db)?, ["base 2.0.0", "leaf 0.3.0", "left 0.1.0", "other 0.1.0"]);
    let names: Vec<String> = Author::select().columns(Author::name).all(&db)?;
    assert_eq!(names, ["Cleo"]);
    let licenses: Vec<Option<String>> = Package::select()
        .inner_join(Crate::on(Crate::id.eq(Package::crate_id)))
        .filter(Crate::name.eq("left"))
        .columns(Package::license)
        .all(&db)?;
    assert_eq!(licenses, [Some("Zlib".to_owned())]);
    assert_eq!(Dependency::select().count(&db)?, 2);
    Ok(())
}

#[test]
fn prints_an_overview() -> Result {
    let fixture = Fixture::new()?;
    // A folder of one member is one in the workspace.
    let output = fixture.load("work/left", &[])?;
    insta::assert_snapshot!(fixture.anywhere(&output)?, @r"
    <folder>/work: 6 packages, versions of 5 crates, under 2 licences

    The crates most packages depend on
    ┌───────┬────────────┬──────────┐
    │ crate ┆ dependents ┆ versions │
    ╞═══════╪════════════╪══════════╡
    │ base  ┆ 3          ┆ 2        │
    │ leaf  ┆ 1          ┆ 1        │
    │ left  ┆ 1          ┆ 1        │
    │ right ┆ 1          ┆ 1        │
    └───────┴────────────┴──────────┘

    Crates in several versions
    ┌───────┬─────────┬───────────────────────┐
    │ crate ┆ version ┆ needed by             │
    ╞═══════╪═════════╪═══════════════════════╡
    │ base  ┆ 1.0.0   ┆ app 0.1.0, left 0.1.0 │
    │ base  ┆ 2.0.0   ┆ right 0.1.0           │
    └───────┴─────────┴───────────────────────┘

    The longest chain of dependencies
    ┌───┬─────────┬─────────┐
    │   ┆ package ┆ version │
    ╞═══╪═════════╪═════════╡
    │ 1 ┆ app     ┆ 0.1.0   │
    │ 2 ┆ right   ┆ 0.1.0   │
    │ 3 ┆ base    ┆ 2.0.0   │
    │ 4 ┆ leaf    ┆ 0.3.0   │
    └───┴─────────┴─────────┘

    Licences
    ┌──────────────┬──────────┐
    │ licence      ┆ packages │
    ╞══════════════╪══════════╡
    │ MIT          ┆ 4        │
    │ (none named) ┆ 1        │
    │ Apache-2.0   ┆ 1        │
    └──────────────┴──────────┘

    The database is `packages.db`.
    ");
    Ok(())
}

#[test]
fn prints_what_a_crate_pulls_in() -> Result {
    let fixture = Fixture::new()?;
    insta::assert_snapshot!(fixture.load("work", &["--crate", "app"])?, @r"

    app 0.1.0
    ┌─────────────┬───────────────────────────────────┐
    │ description ┆ A program                         │
    │ licence     ┆ MIT                               │
    │ repository  ┆ (none)                            │
    │ authors     ┆ Ann <ann@example.com>             │
    │             ┆ Bob                               │
    │ features    ┆ default: fast                     │
    │             ┆ fast                              │
    │ targets     ┆ app (program)                     │
    │             ┆ build-script-build (build script) │
    │             ┆ app (library)                     │
    └─────────────┴───────────────────────────────────┘

    Pulls in 5 packages
    ┌───────┬─────────┬─────────┬───────────┐
    │ depth ┆ package ┆ version ┆ needed by │
    ╞═══════╪═════════╪═════════╪═══════════╡
    │ 1     ┆ base    ┆ 1.0.0   ┆ app       │
    │ 1     ┆ left    ┆ 0.1.0   ┆ app       │
    │ 1     ┆ right   ┆ 0.1.0   ┆ app       │
    │ 2     ┆ base    ┆ 2.0.0   ┆ right     │
    │ 3     ┆ leaf    ┆ 0.3.0   ┆ base      │
    └───────┴─────────┴─────────┴───────────┘

    The database is `packages.db`.
    ");
    let one = fixture.load("work/Cargo.toml", &["--crate", "base@2.0.0"])?;
    assert!(one.contains("base 2.0.0") && one.contains("leaf") && !one.contains("base 1.0.0"), "{one}");
    let both = fixture.load("work", &["--crate", "base"])?;
    assert!(both.contains("base 1.0.0") && both.contains("base 2.0.0"), "{both}");
    Ok(())
}

/// Without arguments it is the workspace the program is started in, and the database is among what cargo builds.
#[test]
fn loads_this_workspace() -> Result {
    let fixture = Fixture::new()?;
    let output = run(&fixture.folder.path().join("other"), &["--offline"])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let db = Connection::options().create(false).open(fixture.folder.path().join("other/target/dependencies.db"))?;
    assert_eq!(packages(&db)?, ["base 2.0.0", "leaf 0.3.0", "other 0.1.0"]);

    // Real packages.
    fixture.load(env!("CARGO_MANIFEST_DIR"), &[])?;
    let metadata = MetadataCommand::new()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .other_options(["--offline".to_owned(), "--filter-platform".to_owned(), "host-tuple".to_owned()])
        .exec()?;
    let db = fixture.database()?;
    assert_eq!(Package::select().count(&db)?, i64::try_from(metadata.packages.len())?);
    let features: usize = metadata.packages.iter().map(|package| package.features.len()).sum();
    assert_eq!(Feature::select().count(&db)?, i64::try_from(features)?);
    let members = Resolved::select().filter(Resolved::is_member.eq(true)).count(&db)?;
    assert_eq!(members, i64::try_from(metadata.workspace_members.len())?);
    Ok(())
}

/// Asserts that the program ends with code 1 and these lines, and stores nothing.
#[track_caller]
fn check_refused(fixture: &Fixture, arguments: &[&str], expected: &str) -> Result {
    let output = fixture.run(&[&["--offline", "--database", "packages.db"], arguments].concat())?;
    let message = fixture.anywhere(&String::from_utf8(output.stderr)?)?;
    assert_eq!(message.trim_end(), expected);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout)?, "");
    Ok(())
}

#[test]
fn says_what_is_wrong_with_a_path() -> Result {
    let fixture = Fixture::new()?;
    let missing = fs::metadata(fixture.folder.path().join("nowhere")).expect_err("there is no such file");
    check_refused(
        &fixture,
        &["--path", "nowhere"],
        &format!("Error: reading the workspace at `nowhere`\n\nCaused by:\n    {missing}"),
    )?;
    check_refused(
        &fixture,
        &["--path", "other/src/lib.rs"],
        "Error: reading the workspace at `other/src/lib.rs`\n\n\
         Caused by:\n    expected a folder or a `Cargo.toml`, this is another file",
    )?;
    check_refused(
        &fixture,
        &["--path", "vendor"],
        "Error: reading the workspace at `vendor`\n\n\
         Caused by:\n    cargo: could not find `Cargo.toml` in `<folder>/vendor` or any parent directory",
    )?;
    assert!(!fixture.folder.path().join("packages.db").exists());
    Ok(())
}

#[test]
fn says_which_crates_there_are() -> Result {
    let fixture = Fixture::new()?;
    check_refused(
        &fixture,
        &["--path", "work", "--crate", "le"],
        "Error: the workspace uses no crate `le`; there are: leaf, left",
    )?;
    check_refused(
        &fixture,
        &["--path", "work", "--crate", "base@3.0.0"],
        "Error: the workspace uses no crate `base@3.0.0`; there are: base",
    )
}

#[test]
fn says_what_is_wrong_with_a_database() -> Result {
    let fixture = Fixture::new()?;
    fixture.write("notes.txt", &"no database ".repeat(100))?;
    let output = fixture.run(&["--offline", "--path", "work", "--database", "notes.txt"])?;
    let message = String::from_utf8(output.stderr)?;
    assert!(message.starts_with("Error: opening the database `notes.txt`\n\nCaused by:\n"), "{message}");
    assert!(message.contains("file is not a database"), "{message}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}
