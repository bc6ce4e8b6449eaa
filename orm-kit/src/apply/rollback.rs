//! Takes migrations back.

use std::time::Duration;

use super::{Migrated, allowed, compare, one, parse, same_dialect};
use crate::{backend::Backend, error::Error, folder::Migration, journal, plan::losses, session::Session};

/// How far to go back, and what may be lost.
#[derive(Debug, Clone)]
pub struct RollbackOptions {
    /// How many migrations to take back.
    pub steps: usize,
    /// Instead of a number: the migration that is to be the last one applied.
    pub to: Option<String>,
    /// What may be lost, each by its name: `users.age`, or a table.
    pub allow: Vec<String>,
    /// How long to wait for another process that migrates.
    pub wait: Duration,
    /// Tell what would be done, and do nothing.
    pub dry_run: bool,
}

impl Default for RollbackOptions {
    fn default() -> Self {
        Self { steps: 1, to: None, allow: Vec::new(), wait: Duration::from_secs(60), dry_run: false }
    }
}

/// Takes the last migrations back, the newest first, one transaction for each.
///
/// # Errors
/// If a migration cannot be taken back, would lose what is not allowed to be lost, or a statement fails: what was taken back before
/// stays so.
pub fn rollback(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migrations: &[Migration],
    options: &RollbackOptions,
) -> Result<Migrated, Error> {
    same_dialect(backend, migrations)?;
    backend.prepare(session)?;
    if !backend.has_journal(session)? {
        return Ok(Migrated::default());
    }
    backend.lock(session, options.wait)?;
    let history = journal::read(session, true)?;
    let mut result = Migrated { warnings: compare(migrations, &history)?, ..Migrated::default() };
    let applied: Vec<&Migration> =
        migrations.iter().filter(|it| history.iter().any(|entry| entry.id == it.id)).collect();
    let kept = match &options.to {
        Some(to) => {
            let at = applied.iter().position(|it| it.id == *to);
            at.ok_or_else(|| Error::Usage(format!("`{to}` is not applied")))? + 1
        }
        None => applied.len().saturating_sub(options.steps),
    };
    let back: Vec<&Migration> = applied[kept..].iter().rev().copied().collect();
    if let Some((migration, reason)) = back.iter().find_map(|it| Some((it, it.irreversible()?))) {
        return Err(Error::Refused(format!("`{}` cannot be taken back: {reason}", migration.id)));
    }
    for migration in &back {
        let down = parse::statements(backend, &migration.down, &format!("`{}/down.sql`", migration.id))?;
        let up = parse::statements(backend, &migration.up, &format!("`{}/up.sql`", migration.id))?;
        if down.is_empty() && !up.is_empty() {
            return Err(Error::Refused(format!(
                "`{}` cannot be taken back: its `down.sql` has no statements",
                migration.id
            )));
        }
    }
    if options.dry_run {
        result.would_run = back.iter().map(|it| it.down.clone()).collect();
        result.applied = back.iter().map(|it| it.id.clone()).collect();
        return Ok(result);
    }
    allowed(back.iter().flat_map(|it| losses(&it.down)), &options.allow)?;
    let deadline = one::deadline(options.wait);
    for migration in back {
        let statements = migration.syntax().statements(&migration.down);
        let ran = one::patiently(backend, deadline, || {
            let settings = backend.settings(session)?;
            backend.transaction(session, &statements, &mut |session| {
                for sql in statements.iter().filter(|sql| backend.runs_in_body(sql)) {
                    session.run(sql)?;
                }
                session.run_all(&settings)?;
                journal::revert(session, &migration.id)
            })
        });
        ran.map_err(|error| error.doing(format!("taking back `{}`", migration.id)))?;
        result.applied.push(migration.id.clone());
    }
    Ok(result)
}
