//! One migration: in one transaction, or statement by statement where a statement cannot run in one.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::parse;
use crate::{
    backend::{Backend, Body, Resume},
    error::Error,
    folder::Migration,
    journal::{self, Entry},
    session::Session,
};

/// When to stop trying: never, if that is further away than the clock reaches.
pub(super) fn deadline(wait: Duration) -> Option<Instant> {
    Instant::now().checked_add(wait)
}

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
    let deadline = deadline(wait);
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
            journal::finish(session, migration, &statements)
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
    deadline: Option<Instant>,
    mut attempt: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut pause = Duration::from_millis(20);
    loop {
        match attempt() {
            Err(error) if backend.is_transient(&error) && deadline.is_none_or(|it| Instant::now() + pause < it) => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            result => return result,
        }
    }
}

/// Each statement with its own note of what is done, so that a run that ends in between is continued where it ended.
///
/// Others may apply the same migration at the same time, where there is no lock for all of it: whoever comes first to a statement
/// runs it, and whoever ends has applied it.
fn step_by_step(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migration: &Migration,
    statements: &[&str],
    deadline: Option<Instant>,
) -> Result<bool, Error> {
    let mut begun = None;
    let mut is_done = false;
    patiently(backend, deadline, || {
        backend.transaction(session, &[], &mut |session| {
            let entry = find(session, &migration.id)?;
            is_done = entry.as_ref().is_some_and(Entry::is_applied);
            begun = entry.as_ref().and_then(|entry| entry.running);
            match &entry {
                None => journal::begin(session, migration),
                Some(entry) => is_same_so_far(migration, statements, entry),
            }
        })
    })?;
    if is_done {
        return Ok(false);
    }
    for (at, sql) in statements.iter().enumerate() {
        let after = &statements[..=at];
        if backend.is_outside_of_transactions(sql) {
            let mut was_begun = begun == Some(at);
            patiently(backend, deadline, || {
                let is_next = step(backend, session, migration, statements, at, &mut |session| {
                    journal::running(session, &migration.id, at)
                })?;
                if !is_next {
                    return Ok(());
                }
                // What was begun may be half done, done without a note, or not done at all.
                let resume = if was_begun { backend.resume(session, sql)? } else { Resume::Run };
                was_begun = true;
                if resume == Resume::Run { session.run(sql) } else { Ok(()) }
            })?;
            patiently(backend, deadline, || {
                step(backend, session, migration, statements, at, &mut |session| {
                    journal::progress(session, migration, after)
                })
            })?;
        } else {
            patiently(backend, deadline, || {
                let settings = backend.settings(session)?;
                step(backend, session, migration, statements, at, &mut |session| {
                    session.run(sql)?;
                    session.run_all(&settings)?;
                    journal::progress(session, migration, after)
                })
            })?;
        }
    }
    patiently(backend, deadline, || {
        step(backend, session, migration, statements, statements.len(), &mut |session| {
            journal::finish(session, migration, statements)
        })
    })
}

/// Runs a body in a transaction if a statement is the next one, and tells whether it was.
fn step(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migration: &Migration,
    statements: &[&str],
    at: usize,
    body: &mut Body<'_>,
) -> Result<bool, Error> {
    let mut is_next = false;
    backend.transaction(session, &[], &mut |session| {
        let Some(entry) = find(session, &migration.id)? else {
            return Err(Error::Migrations(format!("`{}` was taken back while it was applied", migration.id)));
        };
        is_same_so_far(migration, statements, &entry)?;
        is_next = entry.done == at && !entry.is_applied();
        if is_next { body(session) } else { Ok(()) }
    })?;
    Ok(is_next)
}

/// Checks that what is done of a migration is what its text has.
fn is_same_so_far(migration: &Migration, statements: &[&str], entry: &Entry) -> Result<(), Error> {
    let done = statements.get(..entry.done);
    if entry.is_applied() || done.is_some_and(|done| journal::prefix(migration.syntax(), done) == entry.prefix) {
        return Ok(());
    }
    Err(Error::Migrations(format!(
        "`{}/up.sql` was applied in part, and a statement of that part was edited since",
        migration.id
    )))
}
