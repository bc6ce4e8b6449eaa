//! SQL text by query shape: built once per process, whatever the number of connections.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{dialect::Dialect, executor::QueryKey};

/// The greatest number of texts kept. A program has as many shapes as it has queries, times the optional parts that
/// vary; one that makes more than this keeps building texts instead of keeping memory.
const CAPACITY: usize = 8_192;

type Key = (QueryKey, &'static str);

static TEXTS: RwLock<Option<HashMap<Key, Arc<str>>>> = RwLock::new(None);

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
    let key = (key, name);
    // A panic cannot leave the map half changed, so a poisoned lock is as good as any.
    if let Some(text) = TEXTS.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|texts| texts.get(&key))
    {
        return Ok(Arc::clone(text));
    }
    let text: Arc<str> = write()?.into();
    let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    let texts = texts.get_or_insert_default();
    if texts.len() >= CAPACITY {
        texts.clear();
    }
    texts.insert(key, Arc::clone(&text));
    Ok(text)
}
