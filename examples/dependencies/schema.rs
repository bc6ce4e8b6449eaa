//! The tables.
//!
//! ```text
//! workspaces ──< resolved >── packages >── crates
//!                  │  │         ├──< features
//!                  ^  ^         ├──< targets
//!               dependencies    └──< authorships >── authors
//! ```
//!
//! A crate is a name, a package is one version of it. Packages are shared by all workspaces that were loaded; which of
//! them a workspace uses, and what depends on what there, is its own: another lock file gives another graph.

use orm::prelude::*;

/// The key of a [`Workspace`]. Each table has a key type of its own, so that keys cannot be mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub struct WorkspaceId(i64);

/// The key of a [`Crate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub struct CrateId(i64);

/// The key of a [`Package`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, DbType)]
pub struct PackageId(i64);

/// The key of an [`Author`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub struct AuthorId(i64);

/// A workspace that was loaded.
#[derive(Debug, Table)]
pub struct Workspace {
    #[column(primary_key, auto_increment)]
    pub id: WorkspaceId,
    /// The folder of the root manifest.
    #[column(unique)]
    pub root: String,
    #[column(default = now())]
    pub loaded_at: DateTime<Utc>,
}

/// A name under which versions are published.
#[derive(Debug, Table)]
pub struct Crate {
    #[column(primary_key, auto_increment)]
    pub id: CrateId,
    #[column(unique)]
    pub name: String,
}

/// One version of a crate.
#[derive(Debug, Table)]
pub struct Package {
    #[column(primary_key, auto_increment)]
    pub id: PackageId,
    /// The name that cargo gives to the version and where it comes from, which is unique everywhere.
    #[column(unique)]
    pub cargo_id: String,
    #[column(index, references = Crate::id)]
    pub crate_id: CrateId,
    pub version: String,
    /// An SPDX expression, such as `MIT OR Apache-2.0`.
    pub license: Option<String>,
    pub description: Option<String>,
    pub repository: Option<String>,
}

/// A feature of a package, with the features and optional dependencies it turns on.
#[derive(Debug, Table)]
pub struct Feature {
    #[column(primary_key, references = Package::id, on_delete = cascade)]
    pub package_id: PackageId,
    #[column(primary_key)]
    pub name: String,
    pub enables: Json<Vec<String>>,
}

/// Something cargo builds from a package: its library, a program, a test.
#[derive(Debug, Table)]
pub struct Target {
    #[column(primary_key, references = Package::id, on_delete = cascade)]
    pub package_id: PackageId,
    #[column(primary_key)]
    pub kind: TargetKind,
    #[column(primary_key)]
    pub name: String,
}

/// What a target is built as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub enum TargetKind {
    Lib,
    ProcMacro,
    Bin,
    Example,
    Test,
    Bench,
    BuildScript,
    Other,
}

/// Someone who wrote packages.
#[derive(Debug, Table)]
pub struct Author {
    #[column(primary_key, auto_increment)]
    pub id: AuthorId,
    /// As in the manifest, often with an address: `Ann <ann@example.com>`.
    #[column(unique)]
    pub name: String,
}

/// Who wrote which package.
#[derive(Debug, Table)]
#[table(index(author_id))]
pub struct Authorship {
    #[column(primary_key, references = Package::id, on_delete = cascade)]
    pub package_id: PackageId,
    #[column(primary_key, references = Author::id)]
    pub author_id: AuthorId,
}

/// A package that a workspace uses.
#[derive(Debug, Table)]
#[table(name = "resolved", index(package_id))]
pub struct Resolved {
    #[column(primary_key, references = Workspace::id, on_delete = cascade)]
    pub workspace_id: WorkspaceId,
    #[column(primary_key, references = Package::id)]
    pub package_id: PackageId,
    /// Whether the package is part of the workspace, rather than something it depends on.
    pub is_member: bool,
}

/// That one package depends on another in a workspace. Both are among the packages of that workspace, which the composite
/// foreign keys make sure of.
#[derive(Debug, Table)]
#[table(
    index(workspace_id, dependency_id),
    foreign_key(
        columns(workspace_id, dependent_id),
        references = Resolved(workspace_id, package_id),
        on_delete = cascade
    ),
    foreign_key(
        columns(workspace_id, dependency_id),
        references = Resolved(workspace_id, package_id),
        on_delete = cascade
    )
)]
pub struct Dependency {
    #[column(primary_key)]
    pub workspace_id: WorkspaceId,
    /// The package that needs the other.
    #[column(primary_key)]
    pub dependent_id: PackageId,
    /// The package that is needed.
    #[column(primary_key)]
    pub dependency_id: PackageId,
    #[column(primary_key)]
    pub kind: DependencyKind,
}

/// What a dependency is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub enum DependencyKind {
    Normal,
    Build,
    /// Tests, examples and benchmarks.
    Development,
}

schema! {
    /// Everything this program stores.
    pub fn schema() = [
        Workspace, Crate, Package, Feature, Target, Author, Authorship, Resolved, Dependency,
    ]
}
