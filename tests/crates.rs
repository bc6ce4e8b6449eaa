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
    compile("check", name, orm, source)
}

/// Like [`check`], and generates its code.
fn build(name: &str, orm: &str, source: &str) -> Duration {
    compile("build", name, orm, source)
}

fn compile(how: &str, name: &str, orm: &str, source: &str) -> Duration {
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
    cargo(how, &folder, "");
    let start = Instant::now();
    cargo(how, &folder, source);
    start.elapsed()
}

fn cargo(how: &str, folder: &Path, source: &str) {
    fs::write(folder.join("src/lib.rs"), source).expect("the source can be written");
    let output = Command::new(env!("CARGO"))
        .args([how, "--offline", "--quiet", "--target-dir"])
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

/// This many tables with as many relations, each of which is loaded together with one of the rows it leads to.
fn related(tables: usize, relations: usize) -> String {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut source = String::from("#![deny(warnings)]\n#![allow(dead_code)]\nuse orm::prelude::*;\n");
    let mut declared: Vec<Vec<(String, String, usize)>> = vec![Vec::new(); tables];
    let keys = relations / 2;
    for table in 0..tables {
        let _ = writeln!(
            source,
            "#[derive(Debug, Clone, PartialEq, Table)]\npub struct T{table} {{\n    \
             #[column(primary_key, auto_increment)]\n    pub id: i64,\n    pub name: String,"
        );
        // A key is two relations: one on either side.
        for key in 0..keys / tables + usize::from(table < keys % tables) {
            let other = numbers.below(tables);
            let _ = writeln!(source, "    #[column(references = T{other}::id)]\n    pub t{key}_id: Option<i64>,");
            let to = (format!("to{key}"), format!("optional(T{other}) via t{key}_id"), other);
            let from = (format!("from{table}_{key}"), format!("many(T{table}) via t{key}_id"), table);
            declared[table].push(to);
            declared[other].push(from);
        }
        source.push_str("}\n");
    }
    source.push_str("relations! {\n");
    for (table, relations) in declared.iter().enumerate() {
        let relations: Vec<String> = relations.iter().map(|(name, what, _)| format!("{name}: {what}")).collect();
        let _ = writeln!(source, "    T{table} {{ {} }}", relations.join(", "));
    }
    source.push_str("}\n");
    for (table, relations) in declared.iter().enumerate() {
        let Some((name, _, other)) = relations.first() else { continue };
        let Some((nested, ..)) = declared[*other].first() else { continue };
        let _ = writeln!(
            source,
            "pub fn q{table}(db: &orm::sqlite::Connection) -> Result<usize, orm::Error> {{\n    \
             let rows = T{table}::select().with(T{table}::{name}.with(T{other}::{nested})).all(db)?;\n    \
             let _ = rows[0].{name}();\n    Ok(rows.len())\n}}"
        );
    }
    source
}

#[test]
fn nine_hundred_relations() {
    let alone = check("many_relations", "orm", related(300, 900).split("relations! {").next().unwrap_or_default());
    let time = check("many_relations", "orm", &related(300, 900));
    let [alone, time] = [alone, time].map(|time| time.as_secs_f64());
    report(&format!(
        "a schema of 300 tables is checked in {alone:.1} s, with 900 relations and 300 loads in {time:.1} s"
    ));
}

/// Two chains of tables, each of which has a relation to the next and one back, loaded from either end. Only code that is
/// generated has futures with a layout.
#[test]
fn two_chains_of_sixty_tables() {
    const TABLES: usize = 60;
    const DEPTH: usize = 20;
    let mut source = String::from("#![deny(warnings)]\n#![allow(dead_code)]\nuse orm::prelude::*;\n");
    for chain in ["A", "B"] {
        let mut relations = String::new();
        for table in 0..TABLES {
            let _ = writeln!(
                source,
                "#[derive(Debug, Clone, PartialEq, Table)]\npub struct {chain}{table} {{\n    \
                 #[column(primary_key, auto_increment)]\n    pub id: i64,"
            );
            let _ = write!(relations, "    {chain}{table} {{ ");
            if let Some(before) = table.checked_sub(1) {
                let _ = writeln!(source, "    #[column(references = {chain}{before}::id)]\n    pub before_id: i64,");
                let _ = write!(relations, "before: one({chain}{before}), ");
            }
            if table + 1 < TABLES {
                let _ = write!(relations, "after: many({chain}{}) ", table + 1);
            }
            source.push_str("}\n");
            relations.push_str("}\n");
        }
        let after: String = (0..DEPTH).map(|table| format!(".with({chain}{table}::after")).collect();
        let before: String = (0..DEPTH).map(|table| format!(".with({chain}{}::before", TABLES - 1 - table)).collect();
        let (end, last) = (")".repeat(DEPTH), TABLES - 1);
        let _ = writeln!(
            source,
            "relations! {{\n{relations}}}\n\
             pub fn after_{chain}(db: &orm::sqlite::Connection) -> Result<usize, orm::Error> {{\n    \
             let rows = {chain}0::select(){after}{end}.all(db)?;\n    Ok(rows[0].after()[0].after().len())\n}}\n\
             pub async fn before_{chain}(db: &orm::sqlite::Pool) -> Result<i64, orm::Error> {{\n    \
             let rows = {chain}{last}::select(){before}{end}.all(db).await?;\n    Ok(rows[0].before().before().id)\n}}"
        );
    }
    source = source.replace("#![allow(dead_code)]", "#![allow(dead_code, non_snake_case)]");
    let time = build("two_chains", "orm", &source);
    report(&format!("two chains of 60 tables, loaded 20 levels deep, are built in {:.1} s", time.as_secs_f64()));
}
