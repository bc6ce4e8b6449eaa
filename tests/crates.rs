//! Whole crates that must compile: a large schema, and one that knows `orm` by another name.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// Checks a crate with this source, warnings being errors, and gives the time it took without its dependencies.
fn check(name: &str, orm: &str, source: &str) -> Duration {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("src")).expect("the folder can be made");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         {orm} = {{ package = \"orm\", path = {workspace:?}, features = [\"sqlite\"] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).expect("the manifest can be written");
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the workspace has a lock file");

    // The dependencies are compiled for an empty crate, so that they are not part of the time.
    cargo(&folder, "");
    let start = Instant::now();
    cargo(&folder, source);
    start.elapsed()
}

fn cargo(folder: &Path, source: &str) {
    fs::write(folder.join("src/lib.rs"), source).expect("the source can be written");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("target"))
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
}

/// Writes to the output of the test run, where `println!` would be shown for failed tests only.
fn report(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A generator of numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    /// The next number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("it is below a `usize`")
    }
}

/// This many tables of up to eight columns, each with up to four foreign keys to any of them, and a query along each.
fn schema(tables: usize) -> String {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut source = String::from("#![deny(warnings)]\n#![allow(dead_code)]\nuse orm::prelude::*;\n");
    let mut queries = String::new();
    for table in 0..tables {
        let _ = writeln!(source, "#[derive(Debug, Clone, PartialEq, Table)]\npub struct T{table} {{");
        source.push_str("    #[column(primary_key, auto_increment)]\n    pub id: i64,\n");
        for column in 0..numbers.below(4) {
            let ty = ["String", "i32", "Option<String>", "bool", "DateTime<Utc>", "Option<f64>"][numbers.below(6)];
            let _ = writeln!(source, "    pub c{column}: {ty},");
        }
        for key in 0..numbers.below(5) {
            let other = numbers.below(tables);
            let _ = writeln!(source, "    #[column(references = T{other}::id)]\n    pub t{key}_id: Option<i64>,");
            if other != table {
                let _ = writeln!(
                    queries,
                    "pub fn q{table}_{key}(db: &orm::sqlite::Connection) -> Result<Vec<(i64, Option<i64>)>, orm::Error> {{\n    \
                     T{table}::select()\n        .left_join(T{other}::on(T{other}::id.eq(T{table}::t{key}_id)))\n        \
                     .filter(T{table}::id.gt(5))\n        .columns((T{table}::id, T{other}::id))\n        \
                     .order_by(T{other}::id)\n        .all(db)\n}}"
                );
            }
        }
        source.push_str("}\n");
    }
    let names: Vec<String> = (0..tables).map(|table| format!("T{table}")).collect();
    let _ = writeln!(source, "schema! {{ pub fn schema() = [{}] }}", names.join(", "));
    source + &queries
}

#[test]
fn two_hundred_connected_tables() {
    let time = check("many_tables", "orm", &schema(200));
    report(&format!("a schema of 200 tables is checked in {:.1} s", time.as_secs_f64()));
}

/// One table with as many columns. A chain of `set` is a nested type, of which rustc takes a hundred levels; a whole row of
/// such a table is given as a model.
#[test]
fn two_hundred_columns() {
    let columns = || (0..200).map(|column| format!("c{column}"));
    let fields: String = columns().map(|column| format!("    pub {column}: i64,\n")).collect();
    let set: String = columns().take(100).map(|column| format!("        .set(Wide::{column}, 1)\n")).collect();
    let values = vec!["1"; 200].join(", ");
    let source = format!(
        "#![deny(warnings)]\nuse orm::prelude::*;\n#[derive(Table)]\npub struct Wide {{\n    \
         #[column(primary_key, auto_increment)]\n    pub id: i64,\n{fields}}}\n\
         pub fn insert(db: &orm::sqlite::Connection) -> Result<Wide, orm::Error> {{\n    \
         Wide::insert().values(NewWide::new({values})).returning().one(db)\n}}\n\
         pub fn update(db: &orm::sqlite::Connection) -> Result<u64, orm::Error> {{\n    \
         Wide::update()\n{set}        .filter(Wide::c199.eq(1))\n        .execute(db)\n}}\n"
    );
    let time = check("wide_table", "orm", &source);
    report(&format!("a table of 200 columns is checked in {:.1} s", time.as_secs_f64()));
}

/// Nothing that derives write depends on a name in the user's crate.
#[test]
fn renamed_crate() {
    check("renamed_crate", "renamed", include_str!("crates/renamed.rs"));
}
