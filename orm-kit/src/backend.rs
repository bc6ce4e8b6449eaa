//! What differs between databases when a schema is read and changed.

use std::{collections::BTreeMap, time::Duration};

use orm_core::dialect::Dialect;

use crate::{
    change::Change,
    diff::Names,
    error::Error,
    model::Model,
    plan::{Plan, Texts},
    pull::{Lost, types::RustTypes},
    question::Answers,
    session::Session,
    shadow::Place,
    sql::Syntax,
};

/// Work on a connection.
pub type Body<'b> = dyn FnMut(&mut dyn Session) -> Result<(), Error> + 'b;

/// A database as the kit sees it.
pub trait Backend: Sync {
    /// How it spells what databases do not agree on.
    fn dialect(&self) -> &'static dyn Dialect;

    /// Whose words its text has.
    fn syntax(&self) -> Syntax {
        Syntax::of(self.dialect().name())
    }

    /// Opens a connection. A file that is not there is made.
    ///
    /// # Errors
    /// If the database cannot be reached.
    fn open(&self, url: &str) -> Result<Box<dyn Session>, Error>;

    /// Like [`open`](Backend::open), but nothing is made.
    ///
    /// # Errors
    /// If the database cannot be reached, or is not there.
    fn open_existing(&self, url: &str) -> Result<Box<dyn Session>, Error> {
        self.open(url)
    }

    /// Makes an empty database of this kind. It is gone, or empty again, when the session is dropped.
    ///
    /// # Errors
    /// If the database cannot be reached, its user may not create databases, or the place is not empty.
    fn shadow(&self, place: Place<'_>) -> Result<Box<dyn Session>, Error>;

    /// Runs a statement of a migration on a shadow, so that nothing outside of it changes.
    ///
    /// # Errors
    /// If the database refuses it.
    fn run_on_shadow(&self, shadow: &mut dyn Session, sql: &str) -> Result<(), Error> {
        shadow.run(sql)
    }

    /// Runs a body in an empty place of a shadow, which is gone afterwards.
    ///
    /// # Errors
    /// Those of the body.
    fn scratch(&self, shadow: &mut dyn Session, body: &mut Body<'_>) -> Result<(), Error>;

    /// Reads the schema of a database, without the kit's own table.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn introspect(&self, session: &mut dyn Session) -> Result<Model, Error>;

    /// What cannot be used any more, though the database keeps it.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn broken(&self, session: &mut dyn Session) -> Result<Vec<Broken>, Error> {
        let _ = session;
        Ok(Vec::new())
    }

    /// What the database has that its schema as it is read does not.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn unmodeled(&self, session: &mut dyn Session) -> Result<Vec<Lost>, Error>;

    /// How its types and defaults are said in Rust.
    fn rust_types(&self) -> &'static dyn RustTypes;

    /// Whether the names of constraints count when schemas are compared.
    fn names(&self) -> Names;

    /// The statements that turn one schema into another, of which the changes are known.
    fn plan(&self, from: &Model, to: &Model, changes: &[Change], answers: &Answers) -> Plan;

    /// The statements by which the tables of a database were made, if tables can be changed by editing them.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn texts(&self, session: &mut dyn Session) -> Result<BTreeMap<String, String>, Error> {
        let _ = session;
        Ok(BTreeMap::new())
    }

    /// Like [`plan`](Backend::plan), but rows stay where they are, as far as that is possible.
    fn plan_in_place(&self, from: &Model, to: &Model, changes: &[Change], answers: &Answers, texts: &Texts) -> Plan {
        let _ = texts;
        self.plan(from, to, changes, answers)
    }

    /// The same plan without keeping others waiting for long, in statements that may not share a transaction.
    fn online(&self, plan: Plan, from: &Model, changes: &[Change]) -> Plan {
        let _ = (from, changes);
        plan
    }

    /// Whether a statement cannot run in a transaction.
    fn is_outside_of_transactions(&self, sql: &str) -> bool;

    /// Whether a statement asks for something around the whole transaction of a migration.
    fn is_about_the_whole(&self, sql: &str) -> bool {
        !self.runs_in_body(sql)
    }

    /// Whether a statement of a migration's file is run by itself, and not by [`transaction`](Backend::transaction).
    fn runs_in_body(&self, sql: &str) -> bool {
        let _ = sql;
        true
    }

    /// Runs a body in a transaction, which is committed if the body is fine, with all that has to be set and checked around it
    /// for these statements.
    ///
    /// # Errors
    /// Those of the body, or what the statements left behind that is not consistent. Nothing is changed then.
    fn transaction(&self, session: &mut dyn Session, statements: &[&str], body: &mut Body<'_>) -> Result<(), Error>;

    /// Whether the database has the table in which the kit keeps what was applied.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn has_journal(&self, session: &mut dyn Session) -> Result<bool, Error>;

    /// Sets what a connection that migrates needs.
    ///
    /// # Errors
    /// If the database refuses.
    fn prepare(&self, session: &mut dyn Session) -> Result<(), Error> {
        let _ = session;
        Ok(())
    }

    /// The statements that restore what the text of a migration may set for the whole connection.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn settings(&self, session: &mut dyn Session) -> Result<Vec<String>, Error> {
        let _ = session;
        Ok(Vec::new())
    }

    /// What to do with a statement that was begun outside of a transaction, and of which nothing more is known. What it left
    /// half done is gone afterwards.
    ///
    /// # Errors
    /// If the database refuses to tell.
    fn resume(&self, session: &mut dyn Session, sql: &str) -> Result<Resume, Error> {
        let _ = (session, sql);
        Ok(Resume::Run)
    }

    /// Waits until no other process migrates, and keeps others from doing so until the session ends.
    ///
    /// # Errors
    /// If another process does not finish in time.
    fn lock(&self, session: &mut dyn Session, wait: Duration) -> Result<(), Error>;

    /// Whether a failure is due to what others did at the same time, so that the transaction can be tried again.
    fn is_transient(&self, error: &Error) -> bool;
}

/// Something that fails whenever it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What it is.
    pub what: String,
    /// What the database says of it.
    pub problem: String,
}

/// What to do with a statement of which nothing is known but that it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// It has to run.
    Run,
    /// It did all it should.
    Done,
}

/// The kind of database a URL is of: `postgres://…`, or `sqlite:` and a path.
///
/// # Errors
/// If it is of neither.
///
/// ```
/// assert_eq!(orm_kit::backend::of("sqlite:app.db")?.dialect().name(), "SQLite");
/// assert!(orm_kit::backend::of("mysql://localhost").is_err());
/// # Ok::<(), orm_kit::Error>(())
/// ```
pub fn of(url: &str) -> Result<&'static dyn Backend, Error> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(&crate::postgres::Postgres)
    } else if url.starts_with("sqlite:") {
        Ok(&crate::sqlite::Sqlite)
    } else {
        Err(Error::Usage("the URL of a database begins with `postgres://` or `sqlite:`".to_owned()))
    }
}
