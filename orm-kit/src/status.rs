//! How a database stands to its migrations.

use orm_core::ddl::ident;
use serde::Serialize;

use crate::{
    apply::compare,
    backend::Backend,
    error::Error,
    folder::Migration,
    journal,
    model::Model,
    session::Session,
    shadow::{Place, Shadow, difference_of_texts},
};

/// How a database stands to its migrations.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Status {
    /// Every migration, in order.
    pub migrations: Vec<MigrationStatus>,
    /// What does not fit: edited or missing migrations.
    pub problems: Vec<String>,
    /// The tables.
    pub tables: Vec<TableStatus>,
    /// How the schema differs from the one the migrations lead to, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<String>,
}

/// How a migration stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationStatus {
    /// The migration.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// When it was applied, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<String>,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was applied.
    Applied,
    /// It is to be applied.
    Pending,
    /// Some of its statements were applied; the next run goes on with the others.
    Partial,
    /// It was applied, and is not in the folder.
    Missing,
}

/// A table and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableStatus {
    /// The name.
    pub name: String,
    /// How many columns it has.
    pub columns: usize,
    /// How many rows.
    pub rows: u64,
}

impl Status {
    /// Whether a migration is to be applied.
    pub fn is_pending(&self) -> bool {
        self.migrations.iter().any(|it| matches!(it.state, State::Pending | State::Partial))
    }
}

/// Looks at a database.
///
/// # Errors
/// If the database cannot be read. What does not fit is no error, but part of the result.
pub fn status(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    migrations: &[Migration],
) -> Result<Status, Error> {
    let exists = backend.has_journal(session)?;
    let history = journal::read(session, exists)?;
    let mut status = Status::default();
    for migration in migrations {
        let entry = history.iter().find(|entry| entry.id == migration.id);
        let state = match entry {
            None => State::Pending,
            Some(entry) if entry.is_applied() => State::Applied,
            Some(_) => State::Partial,
        };
        let applied_at = entry.and_then(|entry| entry.finished_at.clone());
        status.migrations.push(MigrationStatus { id: migration.id.clone(), state, applied_at });
    }
    for entry in history.iter().filter(|entry| !migrations.iter().any(|it| it.id == entry.id)) {
        let applied_at = entry.finished_at.clone();
        status.migrations.push(MigrationStatus { id: entry.id.clone(), state: State::Missing, applied_at });
    }
    match compare(migrations, &history) {
        Ok(warnings) => status.problems.extend(warnings),
        Err(error) => status.problems.push(error.to_string()),
    }
    for table in backend.introspect(session)?.tables {
        let sql = format!("select count(*) from {}", ident(backend.dialect(), &table.name));
        let rows = session.value(&sql)?.and_then(|rows| rows.parse().ok()).unwrap_or_default();
        status.tables.push(TableStatus { name: table.name, columns: table.columns.len(), rows });
    }
    Ok(status)
}

/// How the schema of a database differs from the one after the last migration that was applied to it; `None` if it does not.
///
/// # Errors
/// If the database cannot be read, or its schema not be made on a shadow.
pub fn drift<'u>(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    place: impl Into<Place<'u>>,
    migrations: &[Migration],
) -> Result<Option<String>, Error> {
    drift_at(backend, session, place.into(), migrations)
}

fn drift_at(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    place: Place<'_>,
    migrations: &[Migration],
) -> Result<Option<String>, Error> {
    let exists = backend.has_journal(session)?;
    let history = journal::read(session, exists)?;
    let is_applied = |it: &&Migration| history.iter().any(|entry| entry.id == it.id && entry.is_applied());
    let applied: Vec<&Migration> = migrations.iter().filter(is_applied).collect();
    let mut shadow = Shadow::new(backend, place)?;
    crate::replay::replay(backend, &mut shadow, &applied)?;
    let reached = shadow.introspect()?;
    let live = backend.introspect(session)?;
    // What the server printed in one round and in another is the same.
    if difference_of_texts(&reached, &live, backend).is_none() {
        return Ok(None);
    }
    let mut settled = |model: Model| -> Result<Model, Error> {
        let tables_and_types = shadow.normalize(&Model { objects: Vec::new(), ..model.clone() })?;
        Ok(Model { objects: model.objects, ..tables_and_types })
    };
    let (of_reached, of_live) = (settled(reached.clone())?, settled(live.clone())?);
    // There is one place for shadows.
    drop(shadow);
    let texts = (printed_again(backend, place, &reached), printed_again(backend, place, &live));
    let (mut reached, mut live) = (of_reached, of_live);
    // What cannot be made on a shadow is compared as it is.
    if let (Ok(of_reached), Ok(of_live)) = texts {
        (reached.objects, live.objects) = (of_reached.objects, of_live.objects);
    }
    Ok(difference_of_texts(&reached, &live, backend))
}

/// A schema as the server prints it when it is made of what it printed before, as after a dump was restored. PostgreSQL's printer
/// settles after two times.
fn printed_again(backend: &'static dyn Backend, place: Place<'_>, model: &Model) -> Result<Model, Error> {
    let mut current = model.clone();
    for _ in 0..2 {
        let mut copy = Shadow::new(backend, place)?;
        copy.recreate(&current)?;
        current = copy.introspect()?;
    }
    Ok(current)
}
