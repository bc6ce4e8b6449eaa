//! The table in which a database keeps what was applied to it.

use orm_core::ddl::quote_text;

use crate::{
    error::Error,
    folder::Migration,
    session::{Row, Session},
    snapshot::sha256,
    sql::Syntax,
};

const TABLE: &str = "_orm_migrations";

/// A migration that a database knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The migration.
    pub id: String,
    /// The hash of its text.
    pub checksum: String,
    /// The hash of its words.
    pub words: String,
    /// How many of its statements are done, if they are not run in one transaction.
    pub done: usize,
    /// The statement that was begun last, outside of a transaction.
    pub running: Option<usize>,
    /// The hash of the statements that are done.
    pub prefix: String,
    /// When all of it was done.
    pub finished_at: Option<String>,
}

impl Entry {
    /// Whether all of it was done.
    pub fn is_applied(&self) -> bool {
        self.finished_at.is_some()
    }
}

/// Makes the table if there is none.
pub(crate) fn create(session: &mut dyn Session) -> Result<(), Error> {
    session.run(&format!(
        "create table if not exists {TABLE} (\n    \
             id text not null primary key,\n    \
             checksum text not null,\n    \
             words text not null,\n    \
             done integer not null,\n    \
             running integer,\n    \
             prefix text not null,\n    \
             started_at text not null,\n    \
             finished_at text,\n    \
             reverted_at text\n)"
    ))
}

/// What was applied and not taken back, in the order of the ids. Nothing, if there is no table.
pub(crate) fn read(session: &mut dyn Session, exists: bool) -> Result<Vec<Entry>, Error> {
    if !exists {
        return Ok(Vec::new());
    }
    let rows = session.rows(&format!(
        "select id, checksum, words, done, running, prefix, finished_at from {TABLE} where reverted_at is null order by id"
    ))?;
    // The server may have an order of texts of its own.
    let mut entries: Vec<Entry> = rows.into_iter().map(entry).collect();
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(entries)
}

fn entry(row: Row) -> Entry {
    let mut values = row.into_iter();
    let mut next = || values.next().flatten();
    Entry {
        id: next().unwrap_or_default(),
        checksum: next().unwrap_or_default(),
        words: next().unwrap_or_default(),
        done: next().and_then(|done| done.parse().ok()).unwrap_or_default(),
        running: next().and_then(|at| at.parse().ok()),
        prefix: next().unwrap_or_default(),
        finished_at: next(),
    }
}

/// The time for the table, in UTC.
fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Notes that a migration begins, with nothing of it done.
pub(crate) fn begin(session: &mut dyn Session, migration: &Migration) -> Result<(), Error> {
    // It may have been taken back before.
    session.run(&format!("delete from {TABLE} where id = {}", quote_text(&migration.id)))?;
    session.run(&format!(
        "insert into {TABLE} (id, checksum, words, done, prefix, started_at) values ({}, {}, {}, 0, {}, {})",
        quote_text(&migration.id),
        quote_text(&migration.checksum()),
        quote_text(&migration.words()),
        quote_text(&prefix(migration.syntax(), &[])),
        quote_text(&now()),
    ))
}

/// Notes that a statement begins that cannot run in a transaction.
pub(crate) fn running(session: &mut dyn Session, id: &str, at: usize) -> Result<(), Error> {
    session.run(&format!("update {TABLE} set running = {at} where id = {}", quote_text(id)))
}

/// Notes how much is done.
pub(crate) fn progress(session: &mut dyn Session, migration: &Migration, done: &[&str]) -> Result<(), Error> {
    session.run(&format!(
        "update {TABLE} set done = {}, running = null, prefix = {} where id = {}",
        done.len(),
        quote_text(&prefix(migration.syntax(), done)),
        quote_text(&migration.id)
    ))
}

/// Notes that a migration is done, with the text that it has now: what was not done when it was begun may have been edited since.
pub(crate) fn finish(session: &mut dyn Session, migration: &Migration, statements: &[&str]) -> Result<(), Error> {
    progress(session, migration, statements)?;
    session.run(&format!(
        "update {TABLE} set checksum = {}, words = {}, finished_at = {} where id = {}",
        quote_text(&migration.checksum()),
        quote_text(&migration.words()),
        quote_text(&now()),
        quote_text(&migration.id)
    ))
}

/// Notes that a migration was taken back.
pub(crate) fn revert(session: &mut dyn Session, id: &str) -> Result<(), Error> {
    session.run(&format!("update {TABLE} set reverted_at = {} where id = {}", quote_text(&now()), quote_text(id)))
}

/// Notes the text of a migration whose layout was edited.
pub(crate) fn accept(session: &mut dyn Session, migration: &Migration) -> Result<(), Error> {
    let checksum = quote_text(&migration.checksum());
    session.run(&format!("update {TABLE} set checksum = {checksum} where id = {}", quote_text(&migration.id)))
}

/// The hash of statements, whatever their layout.
pub(crate) fn prefix(syntax: Syntax, statements: &[&str]) -> String {
    let words: Vec<String> = statements.iter().map(|sql| syntax.without_layout(sql)).collect();
    sha256(&words.join(";"))
}
