//! Runs migrations: the only part that writes to a database that is not a shadow.

mod one;
pub(crate) mod parse;
mod rollback;

use std::time::Duration;

use serde::Serialize;

pub use self::rollback::{RollbackOptions, rollback};
use crate::{
    backend::Backend,
    error::Error,
    folder::Migration,
    journal::{self, Entry},
    plan::losses,
    session::Session,
};

/// Whether a table is the kit's own, which no schema has.
pub(crate) fn is_own_table(name: &str) -> bool {
    name.starts_with("_orm_")
}

/// What a migration run may do, and how long it waits.
#[derive(Debug, Clone)]
pub struct MigrateOptions {
    /// The last migration to apply; all by default.
    pub to: Option<String>,
    /// What may be lost, each by its name: `users.age`, or a table.
    pub allow: Vec<String>,
    /// How long to wait for another process that migrates.
    pub wait: Duration,
    /// Tell what would be done, and do nothing.
    pub dry_run: bool,
    /// Take the migrations up to this one for applied, because the database is there already.
    pub baseline: Option<String>,
}

impl Default for MigrateOptions {
    fn default() -> Self {
        Self { to: None, allow: Vec::new(), wait: Duration::from_secs(60), dry_run: false, baseline: None }
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// The migrations that were applied, or taken back.
    pub applied: Vec<String>,
    /// What should be known.
    pub warnings: Vec<String>,
    /// With `dry_run`: the text of what would run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_run: Vec<String>,
}

/// Applies what was not applied yet.
///
/// One transaction for each migration, with its row in the history; another process that migrates is waited for.
///
/// # Errors
/// If the history does not fit the migrations, a migration would lose what is not allowed to be lost, another process does not
/// finish, or a statement fails: that migration has no effect then, those before it have.
pub fn migrate(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migrations: &[Migration],
    options: &MigrateOptions,
) -> Result<Migrated, Error> {
    same_dialect(backend, migrations)?;
    if options.dry_run {
        let exists = backend.has_journal(session)?;
        let history = journal::read(session, exists)?;
        let mut result = Migrated { warnings: compare(migrations, &history)?, ..Migrated::default() };
        for migration in pending(migrations, &history, options)? {
            one::statements(backend, migration)?;
            result.applied.push(migration.id.clone());
            result.would_run.push(migration.up.clone());
        }
        return Ok(result);
    }
    backend.prepare(session)?;
    backend.lock(session, options.wait)?;
    let deadline = one::deadline(options.wait);
    one::patiently(backend, deadline, || journal::create(session))?;
    // What was read before the lock may be old.
    let history = journal::read(session, true)?;
    let mut result = Migrated { warnings: compare(migrations, &history)?, ..Migrated::default() };
    for entry in &history {
        let migration = migrations.iter().find(|it| it.id == entry.id);
        if let Some(migration) = migration.filter(|it| it.checksum() != entry.checksum && entry.is_applied()) {
            one::patiently(backend, deadline, || journal::accept(session, migration))?;
        }
    }
    if let Some(last) = &options.baseline {
        return baseline(session, migrations, &history, last);
    }
    let pending = pending(migrations, &history, options)?;
    allowed(pending.iter().flat_map(|migration| losses(&migration.up)), &options.allow)?;
    // Not one is applied if another one cannot be.
    pending.iter().try_for_each(|migration| one::statements(backend, migration).map(drop))?;
    for migration in pending {
        if one::apply(backend, session, migration, options.wait)? {
            result.applied.push(migration.id.clone());
        }
    }
    Ok(result)
}

fn baseline(
    session: &mut dyn Session,
    migrations: &[Migration],
    history: &[Entry],
    last: &str,
) -> Result<Migrated, Error> {
    if !migrations.iter().any(|migration| migration.id == last) {
        return Err(Error::Usage(format!("there is no migration `{last}`")));
    }
    let mut result = Migrated::default();
    let is_new = |migration: &&Migration| !history.iter().any(|entry| entry.id == migration.id);
    for migration in migrations.iter().filter(|it| it.id.as_str() <= last).filter(is_new) {
        journal::begin(session, migration)?;
        journal::finish(session, migration, &migration.syntax().statements(&migration.up))?;
        result.applied.push(migration.id.clone());
    }
    Ok(result)
}

fn same_dialect(backend: &'static dyn Backend, migrations: &[Migration]) -> Result<(), Error> {
    let name = backend.dialect().name();
    match migrations.iter().find(|it| it.snapshot.dialect != name) {
        Some(other) => Err(Error::Migrations(format!(
            "`{}` is for {}, and the database is {name}",
            other.id, other.snapshot.dialect
        ))),
        None => Ok(()),
    }
}

/// Checks that what was applied is what the folder has, and tells what differs harmlessly.
pub(crate) fn compare(migrations: &[Migration], history: &[Entry]) -> Result<Vec<String>, Error> {
    let mut warnings = Vec::new();
    for entry in history {
        let Some(migration) = migrations.iter().find(|migration| migration.id == entry.id) else {
            return Err(Error::Migrations(format!(
                "`{}` was applied to this database, and is not among the migrations: it was deleted, or this is another branch",
                entry.id
            )));
        };
        if !entry.is_applied() || migration.checksum() == entry.checksum {
            continue;
        }
        if migration.words() != entry.words {
            return Err(Error::Migrations(format!(
                "`{}/up.sql` was edited after it was applied: write a new migration instead, and restore this one",
                migration.id
            )));
        }
        warnings
            .push(format!("the comments or the layout of `{}/up.sql` were edited after it was applied", migration.id));
    }
    Ok(warnings)
}

/// What is to be applied, in its order.
fn pending<'m>(
    migrations: &'m [Migration],
    history: &[Entry],
    options: &MigrateOptions,
) -> Result<Vec<&'m Migration>, Error> {
    if let Some(to) = options.to.as_ref().filter(|to| !migrations.iter().any(|it| it.id == **to)) {
        return Err(Error::Usage(format!("there is no migration `{to}`")));
    }
    let is_pending = |migration: &&Migration| {
        let is_applied = history.iter().any(|entry| entry.id == migration.id && entry.is_applied());
        !is_applied && options.to.as_ref().is_none_or(|to| migration.id <= *to)
    };
    let pending: Vec<&Migration> = migrations.iter().filter(is_pending).collect();
    let last = history.iter().filter(|entry| entry.is_applied()).map(|entry| entry.id.as_str()).max();
    for migration in &pending {
        // Two branches: the order does not matter if that was proved when they were merged.
        let comes_late = last.is_some_and(|last| migration.id.as_str() < last);
        if comes_late && !crate::branch::is_merged(migration, migrations) {
            return Err(Error::Migrations(format!(
                "`{}` comes before `{}`, which is applied already: run `check --merge`, which proves that their order does not matter",
                migration.id,
                last.unwrap_or_default()
            )));
        }
    }
    Ok(pending)
}

/// Checks that everything that would be lost was named.
pub(crate) fn allowed(losses: impl Iterator<Item = String>, allow: &[String]) -> Result<(), Error> {
    let missing: Vec<String> = losses.filter(|loss| !allow.contains(loss)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let options: Vec<String> = missing.iter().map(|name| format!("--allow {name}")).collect();
    Err(Error::Refused(format!(
        "what is stored in {} would be lost; say so with {}",
        names.join(", "),
        options.join(" ")
    )))
}
