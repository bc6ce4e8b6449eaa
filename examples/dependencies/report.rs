//! Answers that take one query or two.

use orm::{prelude::*, sqlite::ReadTransaction};

use crate::{cli::Wanted, schema::*};

/// How much there is of a workspace.
#[derive(Debug, Row)]
pub struct Size {
    pub root: String,
    pub packages: i64,
    pub crates: i64,
    pub licenses: i64,
}

/// Counts the packages of a workspace.
pub fn size(tx: &ReadTransaction<'_>, workspace: WorkspaceId) -> Result<Size, orm::Error> {
    Workspace::select()
        .inner_join(Resolved::on(Resolved::workspace_id.eq(Workspace::id)))
        .inner_join(Package::on(Package::id.eq(Resolved::package_id)))
        .filter(Workspace::id.eq(workspace))
        .group_by(Workspace::id)
        .columns(SizeColumns {
            root: Workspace::root,
            packages: count(Package::id),
            crates: count_distinct(Package::crate_id),
            licenses: count_distinct(Package::license),
        })
        .one(tx)
}

/// A crate, and how many packages depend on it.
#[derive(Debug, Row)]
pub struct Popular {
    pub name: String,
    pub dependents: i64,
    pub versions: i64,
}

/// The crates that the most packages of a workspace depend on, in any version and for any purpose.
pub fn most_depended_on(
    tx: &ReadTransaction<'_>,
    workspace: WorkspaceId,
    rows: u64,
) -> Result<Vec<Popular>, orm::Error> {
    let dependents = || count_distinct(Dependency::dependent_id);
    Crate::select()
        .inner_join(Package::on(Package::crate_id.eq(Crate::id)))
        .inner_join(Dependency::on(Dependency::dependency_id.eq(Package::id)))
        .filter(Dependency::workspace_id.eq(workspace))
        // Tests may depend on the package they are part of.
        .filter(Dependency::dependent_id.ne(Dependency::dependency_id))
        .group_by(Crate::id)
        .columns(PopularColumns { name: Crate::name, dependents: dependents(), versions: count_distinct(Package::id) })
        .order_by((dependents().desc(), Crate::name))
        .limit(rows)
        .all(tx)
}

/// One of several versions of a crate, and one of the packages that need it.
#[derive(Debug, Row)]
pub struct Duplicate {
    pub name: String,
    pub version: String,
    /// `None` for a member of the workspace that nothing depends on.
    pub needed_by: Option<String>,
    pub needed_by_version: Option<String>,
}

alias!(Dependent);
alias!(DependentCrate);

/// The crates of which a workspace uses more than one version, each version once for each package that needs it.
pub fn duplicates(tx: &ReadTransaction<'_>, workspace: WorkspaceId) -> Result<Vec<Duplicate>, orm::Error> {
    let crates: Vec<CrateId> = Package::select()
        .inner_join(Resolved::on(Resolved::package_id.eq(Package::id)))
        .filter(Resolved::workspace_id.eq(workspace))
        .group_by(Package::crate_id)
        .having(count_all().gt(1))
        .columns(Package::crate_id)
        .all(tx)?;

    // Packages and crates are read twice, as what is needed and as what needs it; the second time under another name.
    let dependent = Package::alias::<Dependent>();
    let dependent_crate = Crate::alias::<DependentCrate>();
    Resolved::select()
        .inner_join(Package::on(Package::id.eq(Resolved::package_id)))
        .inner_join(Crate::on(Crate::id.eq(Package::crate_id)))
        .left_join(Dependency::on(
            Dependency::workspace_id.eq(Resolved::workspace_id).and(Dependency::dependency_id.eq(Package::id)),
        ))
        .left_join(dependent.on(dependent.id.eq(Dependency::dependent_id)))
        .left_join(dependent_crate.on(dependent_crate.id.eq(dependent.crate_id)))
        .filter(Resolved::workspace_id.eq(workspace))
        .filter(Package::crate_id.in_list(&crates))
        .distinct()
        .columns(DuplicateColumns {
            name: Crate::name,
            version: Package::version,
            needed_by: dependent_crate.name,
            needed_by_version: dependent.version,
        })
        .order_by((Crate::name, Package::version, dependent_crate.name, dependent.version))
        .all(tx)
}

/// The licences of a workspace's packages with the number of packages under each, `None` for packages that name none.
pub fn licenses(tx: &ReadTransaction<'_>, workspace: WorkspaceId) -> Result<Vec<(Option<String>, i64)>, orm::Error> {
    Package::select()
        .inner_join(Resolved::on(Resolved::package_id.eq(Package::id)))
        .filter(Resolved::workspace_id.eq(workspace))
        .group_by(Package::license)
        .columns((Package::license, count_all()))
        .order_by((count_all().desc(), Package::license))
        .all(tx)
}

/// A version of a crate.
#[derive(Debug, Row)]
pub struct Details {
    pub id: PackageId,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub description: Option<String>,
    pub repository: Option<String>,
}

/// The versions of a crate that a workspace uses: the one asked for, or all.
pub fn find(tx: &ReadTransaction<'_>, workspace: WorkspaceId, wanted: &Wanted) -> Result<Vec<Details>, orm::Error> {
    Package::select()
        .inner_join(Crate::on(Crate::id.eq(Package::crate_id)))
        .inner_join(Resolved::on(Resolved::package_id.eq(Package::id)))
        .filter(Resolved::workspace_id.eq(workspace))
        .filter(Crate::name.eq(&wanted.name))
        // `None` adds no condition.
        .filter(wanted.version.as_ref().map(|version| Package::version.eq(version)))
        .columns(DetailsColumns {
            id: Package::id,
            name: Crate::name,
            version: Package::version,
            license: Package::license,
            description: Package::description,
            repository: Package::repository,
        })
        .order_by(Package::version)
        .all(tx)
}

/// The crates of a workspace whose names contain a text.
pub fn names_like(tx: &ReadTransaction<'_>, workspace: WorkspaceId, text: &str) -> Result<Vec<String>, orm::Error> {
    Crate::select()
        .inner_join(Package::on(Package::crate_id.eq(Crate::id)))
        .inner_join(Resolved::on(Resolved::package_id.eq(Package::id)))
        .filter(Resolved::workspace_id.eq(workspace))
        .filter(Crate::name.contains(text))
        .distinct()
        .columns(Crate::name)
        .order_by(Crate::name)
        .limit(5)
        .all(tx)
}

/// The features of a package.
pub fn features(tx: &ReadTransaction<'_>, package: PackageId) -> Result<Vec<Feature>, orm::Error> {
    Feature::select().filter(Feature::package_id.eq(package)).order_by(Feature::name).all(tx)
}

/// What cargo builds from a package.
pub fn targets(tx: &ReadTransaction<'_>, package: PackageId) -> Result<Vec<Target>, orm::Error> {
    Target::select().filter(Target::package_id.eq(package)).order_by((Target::kind, Target::name)).all(tx)
}

/// Who wrote a package.
pub fn authors(tx: &ReadTransaction<'_>, package: PackageId) -> Result<Vec<String>, orm::Error> {
    Author::select()
        .inner_join(Authorship::on(Authorship::author_id.eq(Author::id)))
        .filter(Authorship::package_id.eq(package))
        .columns(Author::name)
        .order_by(Author::name)
        .all(tx)
}
