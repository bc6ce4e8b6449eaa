//! Who watches the statements of a pool or a connection.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    dialect::Dialect,
    executor::Query,
    observe::{
        Parent, Place, QueryEvent, Status, Stopwatch, TransactionSpan, Usage, Watch, event::Hook, metrics,
        summary::Summary, trace, watch::Acquiring,
    },
};

/// Who watches the statements of a pool or a connection: its hooks, and where it is.
pub struct Observer {
    place: Place,
    hooks: Hooks,
    /// Whether a hook is called, so that a statement has one flag to look at.
    is_hooked: bool,
    statements: AtomicU64,
    status: OnceLock<Box<dyn Fn() -> Option<Status> + Send + Sync>>,
}

/// What is called after a statement, as part of the options of a pool or a connection.
#[derive(Debug, Clone, Default)]
pub struct Hooks {
    hook: Option<Hook>,
    slow: Option<Duration>,
    slow_hook: Option<(Duration, Hook)>,
}

impl Hooks {
    /// Calls a function after every statement.
    pub fn on_query(&mut self, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) {
        self.hook = Some(Hook::new(hook));
    }

    /// Calls a function after every statement that took at least this long.
    pub fn on_slow_query(&mut self, threshold: Duration, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) {
        self.slow = Some(threshold);
        self.slow_hook = Some((threshold, Hook::new(hook)));
    }

    /// Warns of every statement that took at least this long, if there are events.
    pub fn slow_query_threshold(&mut self, threshold: Duration) {
        self.slow = Some(threshold);
    }

    /// These, and for what they do not say, those of somebody else.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.hook = self.hook.or_else(|| other.hook.clone());
        self.slow_hook = self.slow_hook.or_else(|| other.slow_hook.clone());
        self.slow = self.slow.or(other.slow);
        self
    }

    /// Tells whoever wants to know.
    pub(super) fn call(&self, event: &QueryEvent<'_>) {
        if let Some(hook) = &self.hook {
            hook.call(event);
        }
        if let Some((threshold, hook)) = &self.slow_hook
            && event.duration >= *threshold
        {
            hook.call(event);
        }
    }

    pub(super) fn is_slow(&self, duration: Duration) -> bool {
        self.slow.is_some_and(|threshold| duration >= threshold)
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("statements", &self.statements()).finish_non_exhaustive()
    }
}

impl Observer {
    /// The observer of what runs in this place.
    pub fn new(place: Place, hooks: Hooks) -> Self {
        metrics::describe();
        let is_hooked = hooks.hook.is_some() || hooks.slow_hook.is_some();
        Self { place, hooks, is_hooked, statements: AtomicU64::new(0), status: OnceLock::new() }
    }

    /// Says how to look at the connections, for metrics. The function gives `None` when the pool is gone.
    pub fn look_at(&self, status: impl Fn() -> Option<Status> + Send + Sync + 'static) {
        // There is one pool for an observer, which says it once.
        let _ = self.status.set(Box::new(status));
    }

    /// How many statements of queries have run so far; those about transactions do not count.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Counts statements of queries.
    #[inline]
    pub fn count(&self, statements: u64) {
        self.statements.fetch_add(statements, Ordering::Relaxed);
    }

    /// Begins to watch the statement of a query, as part of a transaction or of whatever goes on.
    #[inline]
    pub fn watch<Q: Query>(self: &Arc<Self>, query: &Q, dialect: &dyn Dialect, parent: Parent<'_>) -> Watch {
        if self.is_watching() { self.watch_query(query, dialect, parent) } else { Watch::nobody() }
    }

    /// Begins to watch a text which takes no values; hooks are not called.
    #[inline]
    pub fn watch_text(self: &Arc<Self>, operation: &'static str, sql: &str, parent: Parent<'_>) -> Watch {
        if self.is_watching() {
            Watch::new(self, Arc::new(Summary::of_text(operation, sql)), parent)
        } else {
            Watch::nobody()
        }
    }

    #[cold]
    fn watch_query<Q: Query>(self: &Arc<Self>, query: &Q, dialect: &dyn Dialect, parent: Parent<'_>) -> Watch {
        match Summary::of_query(query, dialect) {
            Ok(summary) => Watch::new(self, summary, parent),
            // A statement that cannot be made is not sent.
            Err(_) => Watch::nobody(),
        }
    }

    #[inline]
    fn is_watching(&self) -> bool {
        self.is_hooked || metrics::ENABLED || trace::is_watching(self.hooks.slow.is_some())
    }

    /// Begins to wait for a connection.
    pub fn acquiring(self: &Arc<Self>) -> Acquiring {
        Acquiring::new(self)
    }

    /// Begins to watch a transaction, or a savepoint where the level is above 1.
    #[inline]
    pub fn transaction(&self, level: u32, attempt: u32, parent: Parent<'_>) -> TransactionSpan {
        TransactionSpan::new(&self.place, level, attempt, parent)
    }

    /// Tells of a connection that was opened.
    pub fn opened(&self, since: &Stopwatch) {
        metrics::opened(&self.place, since);
    }

    /// Tells of a connection that was closed.
    pub fn closed(&self) {
        metrics::closed(&self.place);
    }

    /// Watches a connection while it is in use: until what this gives is dropped, and the connection was returned before
    /// it.
    pub fn usage(self: &Arc<Self>) -> Usage {
        Usage::new(self)
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// The connections, if there is a pool.
    #[cfg_attr(not(feature = "metrics"), allow(dead_code, reason = "metrics are who asks"))]
    pub(super) fn status(&self) -> Option<Status> {
        self.status.get().and_then(|status| status())
    }
}
