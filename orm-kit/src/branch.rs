//! Migrations of several branches: which comes after which, and whether their order matters.

use std::collections::BTreeSet;

use crate::folder::Migration;

/// Whether a migration was merged with others: one comes after it that has several before it. Such a one is only written after it
/// was proved that their order does not matter.
pub(crate) fn is_merged(migration: &Migration, migrations: &[Migration]) -> bool {
    let id = migration.snapshot.id();
    migrations.iter().any(|it| it.snapshot.prev.len() > 1 && ancestors(it, migrations).contains(&id))
}

/// The ids of the states a migration comes after, near and far.
pub(crate) fn ancestors(migration: &Migration, migrations: &[Migration]) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = migration.snapshot.prev.clone();
    while let Some(id) = open.pop() {
        if let Some(before) = migrations.iter().find(|it| it.snapshot.id() == id) {
            open.extend(before.snapshot.prev.iter().filter(|id| !found.contains(*id)).cloned());
        }
        found.insert(id);
    }
    found
}
