//! Watching what runs: counting, a hook, and slow statements.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    cache,
    dialect::Dialect,
    error::{Error, ErrorKind},
    executor::Query,
    writer,
};

/// A statement that ran, for a hook. It has no values in it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct QueryEvent<'a> {
    /// The database management system: `postgresql` or `sqlite`.
    pub system: &'static str,
    /// The text, with placeholders.
    pub sql: &'a str,
    /// The table that is read or written.
    pub table: &'a str,
    /// How long it took, from being sent to the last row. Waiting for a connection is not part of it.
    pub duration: Duration,
    /// How many rows it gave or changed; 0 if it failed.
    pub rows: u64,
    /// Why it failed.
    pub error: Option<ErrorKind>,
}

type Hook = Arc<dyn Fn(&QueryEvent<'_>) + Send + Sync>;

/// Who watches the statements of a pool. When nobody does, a statement costs one count more.
#[derive(Clone)]
pub struct Observer {
    system: &'static str,
    hook: Option<Hook>,
    slow: Option<(Duration, Hook)>,
    statements: Arc<AtomicU64>,
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("statements", &self.statements()).finish_non_exhaustive()
    }
}

impl Observer {
    /// An observer of this database management system, named as
    /// [OpenTelemetry does](https://opentelemetry.io/docs/specs/semconv/database/), that watches nothing yet.
    pub fn new(system: &'static str) -> Self {
        Self { system, hook: None, slow: None, statements: Arc::default() }
    }

    /// Calls a function after every statement.
    pub fn on_query(&mut self, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) {
        self.hook = Some(Arc::new(hook));
    }

    /// Calls a function after every statement that took at least this long.
    pub fn on_slow_query(&mut self, threshold: Duration, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) {
        self.slow = Some((threshold, Arc::new(hook)));
    }

    /// How many statements of queries have run so far; those about transactions do not count.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Begins to watch a statement.
    pub(crate) fn start(&self) -> Option<Instant> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        (self.hook.is_some() || self.slow.is_some()).then(Instant::now)
    }

    /// Tells whoever watches of a statement.
    #[inline]
    pub(crate) fn finish<Q: Query>(
        &self,
        started: Option<Instant>,
        query: &Q,
        dialect: &dyn Dialect,
        result: Result<u64, &Error>,
    ) {
        if let Some(started) = started {
            self.tell(started.elapsed(), query, dialect, result);
        }
    }

    #[cold]
    fn tell<Q: Query>(&self, duration: Duration, query: &Q, dialect: &dyn Dialect, result: Result<u64, &Error>) {
        // A statement that cannot be made was not sent.
        let Ok(statement) = query.statement() else { return };
        let text = cache::text(query.key(), dialect, || Ok::<_, Error>(writer::write(&statement, dialect)));
        let Ok(sql) = text else { return };
        let event = QueryEvent {
            system: self.system,
            sql: &sql,
            table: statement.table(),
            duration,
            rows: *result.as_ref().unwrap_or(&0),
            error: result.err().map(Error::kind),
        };
        if let Some(hook) = &self.hook {
            hook(&event);
        }
        if let Some((threshold, hook)) = &self.slow
            && duration >= *threshold
        {
            hook(&event);
        }
    }
}
