//! Storing what cargo said.

use std::collections::HashMap;

use cargo_metadata::Metadata;
use indicatif::{ProgressBar, ProgressStyle};
use orm::{
    prelude::*,
    sqlite::{Connection, Transaction},
};

use crate::schema::*;

/// Packages that are written together.
const BATCH: usize = 50;

/// The keys of stored packages by the names cargo gives to them.
type PackageIds = HashMap<String, PackageId>;

/// Stores a workspace and its packages in one transaction: another process sees the former state or the new one.
///
/// What is there already is changed rather than stored twice, what the workspace no longer uses goes away, and what
/// other workspaces use stays.
pub fn load(db: &Connection, metadata: &Metadata) -> Result<WorkspaceId, orm::Error> {
    let bar = ProgressBar::new(metadata.packages.len() as u64).with_style(style());
    db.transaction(|tx| {
        let mut ids = PackageIds::new();
        for packages in metadata.packages.chunks(BATCH) {
            ids.extend(store_packages(tx, packages)?);
            bar.inc(packages.len() as u64);
        }
        let workspace = store_workspace(tx, metadata)?;
        store_graph(tx, workspace, metadata, &ids)?;
        remove_unused(tx)?;
        bar.finish_and_clear();
        Ok(workspace)
    })
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("storing packages {bar:40} {pos}/{len}").expect("the template is well formed")
}

/// Stores packages with their features, targets and authors, and gives their keys.
fn store_packages(tx: &Transaction<'_>, packages: &[cargo_metadata::Package]) -> Result<PackageIds, orm::Error> {
    let crates = store_crates(tx, packages)?;
    let rows: Vec<NewPackage> = packages
        .iter()
        .map(|package| NewPackage {
            license: package.license.clone(),
            description: package.description.clone(),
            repository: package.repository.clone(),
            ..NewPackage::new(&package.id.repr, crates[package.name.as_str()], package.version.to_string())
        })
        .collect();
    let ids: PackageIds = Package::insert_many(&rows)
        .on_conflict(Package::cargo_id)
        .update((
            Package::license.set_to_excluded(),
            Package::description.set_to_excluded(),
            Package::repository.set_to_excluded(),
        ))
        .returning()
        .columns((Package::cargo_id, Package::id))
        .all(tx)?
        .into_iter()
        .collect();
    store_features(tx, packages, &ids)?;
    store_targets(tx, packages, &ids)?;
    store_authors(tx, packages, &ids)?;
    Ok(ids)
}

/// Stores the names that are new, and gives the keys of all.
fn store_crates(
    tx: &Transaction<'_>,
    packages: &[cargo_metadata::Package],
) -> Result<HashMap<String, CrateId>, orm::Error> {
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let rows: Vec<NewCrate> = names.iter().map(|name| NewCrate::new(*name)).collect();
    Crate::insert_many(&rows).on_conflict(Crate::name).do_nothing().execute(tx)?;
    let ids = Crate::select().filter(Crate::name.in_list(&names)).columns((Crate::name, Crate::id)).all(tx)?;
    Ok(ids.into_iter().collect())
}

/// Replaces the features of packages: those a package of the workspace no longer has are gone.
fn store_features(
    tx: &Transaction<'_>,
    packages: &[cargo_metadata::Package],
    ids: &PackageIds,
) -> Result<(), orm::Error> {
    let rows: Vec<NewFeature> = packages
        .iter()
        .flat_map(|package| {
            let id = ids[&package.id.repr];
            package.features.iter().map(move |(name, enables)| NewFeature::new(id, name, Json(enables.clone())))
        })
        .collect();
    let packages: Vec<PackageId> = ids.values().copied().collect();
    Feature::delete().filter(Feature::package_id.in_list(&packages)).execute(tx)?;
    Feature::insert_many(&rows).execute(tx)?;
    Ok(())
}

/// Replaces the targets of packages.
fn store_targets(
    tx: &Transaction<'_>,
    packages: &[cargo_metadata::Package],
    ids: &PackageIds,
) -> Result<(), orm::Error> {
    let mut rows = Vec::new();
    for package in packages {
        for target in &package.targets {
            for kind in &target.kind {
                rows.push(NewTarget::new(ids[&package.id.repr], target_kind(kind), &target.name));
            }
        }
    }
    let packages: Vec<PackageId> = ids.values().copied().collect();
    Target::delete().filter(Target::package_id.in_list(&packages)).execute(tx)?;
    // A library that is built in two ways, both unusual, is the same row twice.
    Target::insert_many(&rows)
        .on_conflict((Target::package_id, Target::kind, Target::name))
        .do_nothing()
        .execute(tx)?;
    Ok(())
}

fn target_kind(kind: &cargo_metadata::TargetKind) -> TargetKind {
    use cargo_metadata::TargetKind as Kind;
    match kind {
        Kind::Lib => TargetKind::Lib,
        Kind::ProcMacro => TargetKind::ProcMacro,
        Kind::Bin => TargetKind::Bin,
        Kind::Example => TargetKind::Example,
        Kind::Test => TargetKind::Test,
        Kind::Bench => TargetKind::Bench,
        Kind::CustomBuild => TargetKind::BuildScript,
        _ => TargetKind::Other,
    }
}

/// Stores the authors that are new, and replaces who wrote the packages.
fn store_authors(
    tx: &Transaction<'_>,
    packages: &[cargo_metadata::Package],
    ids: &PackageIds,
) -> Result<(), orm::Error> {
    let names: Vec<&str> = packages.iter().flat_map(|package| &package.authors).map(String::as_str).collect();
    let rows: Vec<NewAuthor> = names.iter().map(|name| NewAuthor::new(*name)).collect();
    Author::insert_many(&rows).on_conflict(Author::name).do_nothing().execute(tx)?;
    let authors: HashMap<String, AuthorId> = Author::select()
        .filter(Author::name.in_list(&names))
        .columns((Author::name, Author::id))
        .all(tx)?
        .into_iter()
        .collect();

    let rows: Vec<NewAuthorship> = packages
        .iter()
        .flat_map(|package| package.authors.iter().map(move |name| (package, name)))
        .map(|(package, name)| NewAuthorship::new(ids[&package.id.repr], authors[name]))
        .collect();
    let packages: Vec<PackageId> = ids.values().copied().collect();
    Authorship::delete().filter(Authorship::package_id.in_list(&packages)).execute(tx)?;
    // A manifest may name someone twice.
    Authorship::insert_many(&rows)
        .on_conflict((Authorship::package_id, Authorship::author_id))
        .do_nothing()
        .execute(tx)?;
    Ok(())
}

/// Stores the workspace, or that it was loaded again, and gives its key.
fn store_workspace(tx: &Transaction<'_>, metadata: &Metadata) -> Result<WorkspaceId, orm::Error> {
    Workspace::insert()
        .set(Workspace::root, metadata.workspace_root.as_str())
        .on_conflict(Workspace::root)
        .update(Workspace::loaded_at.set(now()))
        .returning()
        .columns(Workspace::id)
        .one(tx)
}

/// Replaces the packages a workspace uses, and the dependencies between them.
fn store_graph(
    tx: &Transaction<'_>,
    workspace: WorkspaceId,
    metadata: &Metadata,
    ids: &PackageIds,
) -> Result<(), orm::Error> {
    let nodes = metadata.resolve.as_ref().map_or(&[][..], |resolve| &resolve.nodes);
    let mut resolved = Vec::new();
    let mut dependencies = Vec::new();
    for node in nodes {
        let dependent = ids[&node.id.repr];
        resolved.push(NewResolved::new(workspace, dependent, metadata.workspace_members.contains(&node.id)));
        for dependency in &node.deps {
            for needed in &dependency.dep_kinds {
                let kind = dependency_kind(needed.kind);
                dependencies.push(NewDependency::new(workspace, dependent, ids[&dependency.pkg.repr], kind));
            }
        }
    }
    // The dependencies of the workspace go with its packages: their foreign keys cascade.
    Resolved::delete().filter(Resolved::workspace_id.eq(workspace)).execute(tx)?;
    Resolved::insert_many(&resolved).execute(tx)?;
    // Cargo says for each platform that a package is needed; here once is enough.
    Dependency::insert_many(&dependencies)
        .on_conflict((Dependency::workspace_id, Dependency::dependent_id, Dependency::dependency_id, Dependency::kind))
        .do_nothing()
        .execute(tx)?;
    Ok(())
}

fn dependency_kind(kind: cargo_metadata::DependencyKind) -> DependencyKind {
    match kind {
        cargo_metadata::DependencyKind::Build => DependencyKind::Build,
        cargo_metadata::DependencyKind::Development => DependencyKind::Development,
        _ => DependencyKind::Normal,
    }
}

/// Removes packages that no workspace uses any more, then crates and authors without packages.
///
/// A left join gives NULL for the other side where there is no partner: those rows are the unused ones.
fn remove_unused(tx: &Transaction<'_>) -> Result<(), orm::Error> {
    let packages: Vec<PackageId> = Package::select()
        .left_join(Resolved::on(Resolved::package_id.eq(Package::id)))
        .filter(Resolved::package_id.is_null())
        .columns(Package::id)
        .all(tx)?;
    Package::delete().filter(Package::id.in_list(&packages)).execute(tx)?;

    let crates: Vec<CrateId> = Crate::select()
        .left_join(Package::on(Package::crate_id.eq(Crate::id)))
        .filter(Package::id.is_null())
        .columns(Crate::id)
        .all(tx)?;
    Crate::delete().filter(Crate::id.in_list(&crates)).execute(tx)?;

    let authors: Vec<AuthorId> = Author::select()
        .left_join(Authorship::on(Authorship::author_id.eq(Author::id)))
        .filter(Authorship::author_id.is_null())
        .columns(Author::id)
        .all(tx)?;
    Author::delete().filter(Author::id.in_list(&authors)).execute(tx)?;
    Ok(())
}
