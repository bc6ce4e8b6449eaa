//! A database as Rust source: its tables as structs, with relations, as a person would write them.
//!
//! What the source cannot say is reported, and stands as a comment where it belongs.

mod attributes;
mod draft;
mod names;
mod relations;
mod report;
mod source;
pub mod types;
mod words;

pub use self::report::{Lost, Pulled};
use crate::{backend::Backend, error::Error, model::Model};

/// Reads the schema of a database and writes it as Rust.
///
/// The source is meant to be kept and edited: nothing is written twice, and names of SQL stand beside those of Rust only where they
/// differ. A database that is made of it is like the one it was pulled from, but for what [`Pulled::lost`] says.
///
/// # Errors
/// If the database cannot be reached, refuses to tell, or has no tables.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let url = format!("sqlite:{}", folder.path().join("app.db").display());
/// let backend = orm_kit::backend::of(&url)?;
/// backend.open(&url)?.run("create table users (id integer primary key, name text not null)")?;
///
/// let pulled = orm_kit::pull::pull(backend, &url)?;
/// assert!(pulled.source.contains("pub struct User {"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pull(backend: &'static dyn Backend, url: &str) -> Result<Pulled, Error> {
    let mut session = backend.open_existing(url)?;
    let model = backend.introspect(&mut *session)?;
    if model.tables.is_empty() {
        return Err(Error::Usage("the database has no tables".to_owned()));
    }
    let unmodeled = backend.unmodeled(&mut *session)?;
    Ok(write(&model, backend, unmodeled))
}

/// Like [`pull`], but of a schema that was read already. `unmodeled` is what the database has beyond it.
pub fn write(model: &Model, backend: &dyn Backend, unmodeled: Vec<Lost>) -> Pulled {
    source::source(model, backend, unmodeled)
}
