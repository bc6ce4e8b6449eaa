//! Answers as tables.

use std::{collections::HashMap, fmt::Display};

use anyhow::bail;
use comfy_table::{ContentArrangement, Table, presets};
use orm::sqlite::ReadTransaction;

use crate::{
    cli::Wanted,
    graph::{self, Step},
    report::{self, Details},
    schema::{TargetKind, WorkspaceId},
};

/// Prints what is worth knowing about a workspace.
pub fn overview(tx: &ReadTransaction<'_>, workspace: WorkspaceId, rows: u64) -> anyhow::Result<()> {
    let size = report::size(tx, workspace)?;
    println!(
        "{}: {} packages, versions of {} crates, under {} licences",
        size.root, size.packages, size.crates, size.licenses
    );

    let mut table = table("The crates most packages depend on", &["crate", "dependents", "versions"]);
    for popular in report::most_depended_on(tx, workspace, rows)? {
        table.add_row([popular.name, popular.dependents.to_string(), popular.versions.to_string()]);
    }
    println!("{table}");

    let duplicates = report::duplicates(tx, workspace)?;
    if duplicates.is_empty() {
        println!("\nNo crate is there in several versions.");
    } else {
        let mut table = self::table("Crates in several versions", &["crate", "version", "needed by"]);
        for same in duplicates.chunk_by(|a, b| (&a.name, &a.version) == (&b.name, &b.version)) {
            let needed_by = same
                .iter()
                .filter_map(|one| Some([one.needed_by.as_deref()?, one.needed_by_version.as_deref()?].join(" ")));
            table.add_row([&same[0].name, &same[0].version, &needed_by.collect::<Vec<_>>().join(", ")]);
        }
        println!("{table}");
    }

    let mut table = self::table("The longest chain of dependencies", &["", "package", "version"]);
    for (position, step) in (1..).zip(graph::longest_chain(tx, workspace)?) {
        table.add_row([position.to_string(), step.name, step.version]);
    }
    println!("{table}");

    let mut table = self::table("Licences", &["licence", "packages"]);
    for (license, packages) in report::licenses(tx, workspace)? {
        table.add_row([license.unwrap_or_else(|| "(none named)".to_owned()), packages.to_string()]);
    }
    println!("{table}");
    Ok(())
}

/// Prints what a crate is, and everything it needs to be built.
pub fn pulled_in(tx: &ReadTransaction<'_>, workspace: WorkspaceId, wanted: &Wanted) -> anyhow::Result<()> {
    let packages = report::find(tx, workspace, wanted)?;
    if packages.is_empty() {
        match &report::names_like(tx, workspace, &wanted.name)?[..] {
            [] => bail!("the workspace uses no crate `{wanted}`"),
            names => bail!("the workspace uses no crate `{wanted}`; there are: {}", names.join(", ")),
        }
    }
    for package in packages {
        details(tx, &package)?;
        let Details { id, name, version, .. } = package;
        let levels = graph::pulled_in(tx, workspace, Step { from: id, id, name, version })?;
        let names: HashMap<_, _> = levels.iter().flatten().map(|step| (step.id, step.name.as_str())).collect();
        let steps =
            || levels.iter().enumerate().skip(1).flat_map(|(depth, level)| level.iter().map(move |step| (depth, step)));
        let title = format!("Pulls in {} packages", steps().count());
        let mut table = table(&title, &["depth", "package", "version", "needed by"]);
        for (depth, step) in steps() {
            table.add_row([&depth.to_string(), &step.name, &step.version, names[&step.from]]);
        }
        println!("{table}");
    }
    Ok(())
}

/// Prints a package by itself.
fn details(tx: &ReadTransaction<'_>, package: &Details) -> anyhow::Result<()> {
    let mut table = table(&format!("{} {}", package.name, package.version), &[]);
    let texts =
        [("description", &package.description), ("licence", &package.license), ("repository", &package.repository)];
    for (name, text) in texts {
        table.add_row([name, text.as_deref().unwrap_or("(none)").trim()]);
    }
    table.add_row(["authors", &report::authors(tx, package.id)?.join("\n")]);
    let features = report::features(tx, package.id)?;
    table.add_row([
        "features",
        &lines(features.iter().map(|feature| {
            let enables = feature.enables.0.join(", ");
            if enables.is_empty() { feature.name.clone() } else { format!("{}: {enables}", feature.name) }
        })),
    ]);
    let targets = report::targets(tx, package.id)?;
    table.add_row(["targets", &lines(targets.iter().map(|target| format!("{} ({})", target.name, target.kind)))]);
    println!("{table}");
    Ok(())
}

/// An empty table, with its title printed above.
fn table(title: &str, header: &[&str]) -> Table {
    println!("\n{title}");
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if !header.is_empty() {
        table.set_header(header);
    }
    table
}

fn lines(items: impl Iterator<Item = impl Display>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join("\n")
}

impl Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.version.iter().try_for_each(|version| write!(f, "@{version}"))
    }
}

impl Display for TargetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Lib => "library",
            Self::ProcMacro => "macros",
            Self::Bin => "program",
            Self::Example => "example",
            Self::Test => "test",
            Self::Bench => "benchmark",
            Self::BuildScript => "build script",
            Self::Other => "other",
        })
    }
}
