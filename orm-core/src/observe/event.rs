//! What a hook is told.

use std::{fmt, sync::Arc, time::Duration};

use crate::error::ErrorKind;

/// A statement that ran, for a hook. It has no values in it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct QueryEvent<'a> {
    /// The database management system: `postgresql` or `sqlite`.
    pub system: &'static str,
    /// What the statement does: `select`, `insert`, `update` or `delete`.
    pub operation: &'static str,
    /// The text, with placeholders.
    pub sql: &'a str,
    /// The table that is read or written.
    pub table: &'a str,
    /// How long it took, from being sent to the last row. Waiting for a connection is not part of it; what a program does
    /// between the rows of a stream is.
    pub duration: Duration,
    /// How many rows it gave or changed; 0 if it failed.
    pub rows: u64,
    /// Why it failed.
    pub error: Option<ErrorKind>,
}

/// A function that is called after a statement.
#[derive(Clone)]
pub(super) struct Hook(Arc<dyn Fn(&QueryEvent<'_>) + Send + Sync>);

impl Hook {
    pub(super) fn new(hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(super) fn call(&self, event: &QueryEvent<'_>) {
        (self.0)(event);
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}
