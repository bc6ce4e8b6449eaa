//! Answers that follow dependencies to any depth.
//!
//! A chain of three packages is a self join: `Dependency` joined to itself under another name. The depth of the whole
//! graph is not known before, though, and a join per step would give every path through it, of which a graph of some
//! hundred packages has millions. So one query gives what a level of packages needs, and runs again for the level it
//! found: at most as many times as the longest chain has packages, each time with every package at most once. It is the
//! same prepared statement every time, because the list of packages is one bound value.

use std::collections::HashSet;

use orm::{prelude::*, sqlite::ReadTransaction};

use crate::schema::*;

/// A package that was reached, and the one it was reached from.
#[derive(Debug, Row)]
pub struct Step {
    pub from: PackageId,
    pub id: PackageId,
    pub name: String,
    pub version: String,
}

/// What these packages need to be built, which leaves out what only their tests need. Cargo refuses circles of such
/// dependencies.
fn needs(tx: &ReadTransaction<'_>, workspace: WorkspaceId, level: &[Step]) -> Result<Vec<Step>, orm::Error> {
    let packages: Vec<PackageId> = level.iter().map(|step| step.id).collect();
    Dependency::select()
        .inner_join(Package::on(Package::id.eq(Dependency::dependency_id)))
        .inner_join(Crate::on(Crate::id.eq(Package::crate_id)))
        .filter(Dependency::workspace_id.eq(workspace))
        .filter(Dependency::dependent_id.in_list(packages))
        .filter(Dependency::kind.ne(DependencyKind::Development))
        // The same package may be needed both to build and to run.
        .distinct()
        .columns(StepColumns {
            from: Dependency::dependent_id,
            id: Package::id,
            name: Crate::name,
            version: Package::version,
        })
        .order_by((Crate::name, Package::id, Dependency::dependent_id))
        .all(tx)
}

/// The members of a workspace, where every chain begins: reached from themselves.
fn members(tx: &ReadTransaction<'_>, workspace: WorkspaceId) -> Result<Vec<Step>, orm::Error> {
    Package::select()
        .inner_join(Crate::on(Crate::id.eq(Package::crate_id)))
        .inner_join(Resolved::on(Resolved::package_id.eq(Package::id)))
        .filter(Resolved::workspace_id.eq(workspace))
        .filter(Resolved::is_member.eq(true))
        .columns(StepColumns { from: Package::id, id: Package::id, name: Crate::name, version: Package::version })
        .order_by(Crate::name)
        .all(tx)
}

/// The longest chain of packages in which each needs the next; the first of them, if several are equally long.
pub fn longest_chain(tx: &ReadTransaction<'_>, workspace: WorkspaceId) -> Result<Vec<Step>, orm::Error> {
    let mut levels = Vec::new();
    let mut level = members(tx, workspace)?;
    while !level.is_empty() {
        let mut next = needs(tx, workspace, &level)?;
        // One way to each package is enough.
        next.dedup_by_key(|step| step.id);
        levels.push(level);
        level = next;
    }

    // The last level is what a longest chain ends with. From there it goes back, level by level.
    let mut chain: Vec<Step> = Vec::new();
    for level in levels.into_iter().rev() {
        let from = chain.last().map(|step| step.from);
        chain.extend(level.into_iter().find(|step| from.is_none_or(|from| step.id == from)));
    }
    chain.reverse();
    Ok(chain)
}

/// All that a package needs to be built: first what it needs itself, then what that needs, and so on. Each package stands
/// in the first level that needs it.
pub fn pulled_in(
    tx: &ReadTransaction<'_>,
    workspace: WorkspaceId,
    package: Step,
) -> Result<Vec<Vec<Step>>, orm::Error> {
    let mut seen = HashSet::from([package.id]);
    let mut levels = vec![vec![package]];
    while let Some(level) = levels.last().filter(|level| !level.is_empty()) {
        let mut next = needs(tx, workspace, level)?;
        next.retain(|step| seen.insert(step.id));
        levels.push(next);
    }
    levels.pop();
    Ok(levels)
}
