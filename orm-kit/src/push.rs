//! Makes a database have the schema at once, without a migration: for databases of developers.

use orm_core::schema::Schema;
use serde::Serialize;

use crate::{
    apply::allowed,
    backend::Backend,
    error::Error,
    generate::{in_words, not_too_many},
    model::Model,
    prove::{Manner, prove},
    question::Answers,
    shadow::{Place, Shadow},
};

/// What a push may do.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// What the schema does not say.
    pub answers: Answers,
    /// What may be lost, each by its name: `users.age`, or a table.
    pub allow: Vec<String>,
    /// Tell what would be done, and do nothing.
    pub dry_run: bool,
    /// The URL of an empty database in which to try it, instead of one that is made on the server of the database.
    pub shadow_url: Option<String>,
}

/// What a push did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pushed {
    /// The changes, in words.
    pub changes: Vec<String>,
    /// The statements that were run, or would be.
    pub sql: String,
}

/// Compares the schema with the database itself, proves the difference on a shadow like the database, and applies it in one
/// transaction. Nothing is deleted to make a change fit.
///
/// # Errors
/// [`Error::Questions`], [`Error::Refused`] if something would be lost that is not allowed to be lost, [`Error::Unproved`], or that of
/// a statement: nothing is changed then.
pub fn push(backend: &'static dyn Backend, url: &str, schema: &Schema, options: &PushOptions) -> Result<Pushed, Error> {
    orm_core::ddl::check_types(schema, backend.dialect())?;
    if schema.tables().is_empty() {
        return Err(Error::Usage("the schema has no tables".to_owned()));
    }
    let mut session = if options.dry_run { backend.open_existing(url)? } else { backend.open(url)? };
    backend.prepare(&mut *session)?;
    backend.lock(&mut *session, std::time::Duration::from_secs(60))?;
    let live = backend.introspect(&mut *session)?;
    let mut shadow = Shadow::new(backend, options.shadow_url.as_deref().map_or(Place::Beside(url), Place::In))?;
    shadow.recreate(&live)?;
    let wanted = shadow.normalize(&Model::from_schema(schema, backend.dialect())?)?;
    let proved = prove(backend, &mut shadow, &wanted, &options.answers, Manner::default())?;
    let pushed = Pushed { changes: in_words(&proved), sql: proved.up.to_sql() };
    if options.dry_run || proved.up.steps.is_empty() {
        return Ok(pushed);
    }
    not_too_many(&proved.changes, &live, &options.allow)?;
    allowed(proved.up.losses().into_iter(), &options.allow)?;
    let statements = backend.syntax().statements(&pushed.sql);
    backend.transaction(&mut *session, &statements, &mut |session| {
        statements.iter().filter(|sql| backend.runs_in_body(sql)).try_for_each(|sql| session.run(sql))
    })?;
    Ok(pushed)
}
