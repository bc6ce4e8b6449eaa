//! One migration: in one transaction, or statement by statement where a statement cannot run in one.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::parse;
use crate::{
    backend::{Backend, Resume},
    error::Error,
    folder::Migration,
    journal::{self, Entry},
    session::Session,
};

/// The statements of a migration, if they can be run.
pub(super) fn statements<'m>(backend: &'static dyn Backend, migration: &'m Migration) -> Result<Vec<&'m str>, Error> {
    parse::statements(backend, &migration.up, &format!("`{}/up.sql`", migration.id))
}

/// Applies a migration, and tells whether it was not applied by somebody else meanwhile.
pub(super) fn apply(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migration: &Migration,
    wait: Duration,
) -> Result<bool, Error> {
    let statements = statements(backend, migration)?;
    let deadline = Instant::now() + wait;
    if statements.iter().any(|sql| backend.is_outside_of_transactions(sql)) {
        return step_by_step(backend, session, migration, &statements, deadline)
            .map_err(|error| about(error, migration));
    }
    let mut is_ours = true;
    let result = patiently(backend, deadline, || {
        let settings = backend.settings(session)?;
        backend.transaction(session, &statements, &mut |session| {
            is_ours = find(session, &migration.id)?.is_none_or(|entry| !entry.is_applied());
            if !is_ours {
                return Ok(());
            }
            journal::begin(session, migration)?;
            for sql in statements.iter().filter(|sql| backend.runs_in_body(sql)) {
                session.run(sql)?;
            }
            session.run_all(&settings)?;
            journal::finish(session, &migration.id, &statements)
        })
    });
    result.map_err(|error| about(error, migration))?;
    Ok(is_ours)
}

fn find(session: &mut dyn Session, id: &str) -> Result<Option<Entry>, Error> {
    Ok(journal::read(session, true)?.into_iter().find(|entry| entry.id == id))
}

fn about(error: Error, migration: &Migration) -> Error {
    error.doing(format!("applying `{}`", migration.id))
}

/// Tries again what failed because of what others did at the same time, until it is too late.
pub(super) fn patiently<T>(
    backend: &'static dyn Backend,
    deadline: Instant,
    mut attempt: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut pause = Duration::from_millis(20);
    loop {
        match attempt() {
            Err(error) if backend.is_transient(&error) && Instant::now() + pause < deadline => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            result => return result,
        }
    }
}

/// Each statement with its own note of what is done, so that a run that ends in between is continued where it ended.
fn step_by_step(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migration: &Migration,
    statements: &[&str],
    deadline: Instant,
) -> Result<bool, Error> {
    let entry = find(session, &migration.id)?;
    if entry.as_ref().is_some_and(Entry::is_applied) {
        return Ok(false);
    }
    let (done, running) = match &entry {
        None => {
            journal::begin(session, migration)?;
            (0, None)
        }
        Some(entry) => {
            let is_same = statements.get(..entry.done).is_some_and(|done| journal::prefix(done) == entry.prefix);
            if !is_same {
                return Err(Error::Migrations(format!(
                    "`{}/up.sql` was applied in part, and a statement of that part was edited since",
                    migration.id
                )));
            }
            (entry.done, entry.running)
        }
    };
    for (at, sql) in statements.iter().enumerate().skip(done) {
        let after = &statements[..=at];
        if backend.is_outside_of_transactions(sql) {
            // What was begun may be half done, done without a note, or not done at all.
            let resume = if running == Some(at) { backend.resume(session, sql)? } else { Resume::Run };
            if resume == Resume::Run {
                journal::running(session, &migration.id, at)?;
                session.run(sql)?;
            }
            journal::progress(session, &migration.id, after)?;
        } else if backend.runs_in_body(sql) {
            patiently(backend, deadline, || {
                let settings = backend.settings(session)?;
                backend.transaction(session, &[sql], &mut |session| {
                    session.run(sql)?;
                    session.run_all(&settings)?;
                    journal::progress(session, &migration.id, after)
                })
            })?;
        }
    }
    journal::finish(session, &migration.id, statements)?;
    Ok(true)
}
