//! What is kept by query shape: built once per process, whatever the number of connections.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{dialect::Dialect, executor::QueryKey, observe::Summary};

/// The greatest number of shapes kept. A program has as many shapes as it has queries, times the optional parts that
/// vary; one that makes more than this keeps building texts instead of keeping memory.
const CAPACITY: usize = 8_192;

type Key = (QueryKey, &'static str);

static TEXTS: Cache<str> = Cache(RwLock::new(None));
static SUMMARIES: Cache<Summary> = Cache(RwLock::new(None));

/// Something for each query and dialect.
struct Cache<T: ?Sized>(RwLock<Option<HashMap<Key, Arc<T>>>>);

/// The text kept for this query and dialect, or the one `write` makes, which is kept.
///
/// # Errors
/// If `write` fails; nothing is kept then.
pub fn text<E>(key: QueryKey, dialect: &dyn Dialect, write: impl FnOnce() -> Result<String, E>) -> Result<Arc<str>, E> {
    text_of(key, dialect.name(), write)
}

/// Like [`text`], for a driver that has several texts of a query in one dialect, told apart by a name.
///
/// # Errors
/// If `write` fails; nothing is kept then.
pub fn text_of<E>(key: QueryKey, name: &'static str, write: impl FnOnce() -> Result<String, E>) -> Result<Arc<str>, E> {
    TEXTS.get((key, name), || Ok(write()?.into()))
}

/// Like [`text`], for what can be told of a statement.
pub(crate) fn summary<E>(
    key: QueryKey,
    dialect: &dyn Dialect,
    make: impl FnOnce() -> Result<Summary, E>,
) -> Result<Arc<Summary>, E> {
    SUMMARIES.get((key, dialect.name()), || Ok(Arc::new(make()?)))
}

impl<T: ?Sized> Cache<T> {
    fn get<E>(&self, key: Key, make: impl FnOnce() -> Result<Arc<T>, E>) -> Result<Arc<T>, E> {
        // A panic cannot leave the map half changed, so a poisoned lock is as good as any.
        if let Some(kept) = self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|it| it.get(&key)) {
            return Ok(Arc::clone(kept));
        }
        let made = make()?;
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get_or_insert_default();
        if kept.len() >= CAPACITY {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&made));
        Ok(made)
    }
}
