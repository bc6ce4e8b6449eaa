//! Watching one statement, or one wait for a connection.

use std::{sync::Arc, time::Instant};

use crate::{
    error::Error,
    observe::{Observer, Parent, QueryEvent, Summary, metrics, trace},
};

/// A statement that is watched, or not.
///
/// One that is dropped before it [finished](Watch::finish) was given up, and nobody but its span is told.
#[must_use = "a statement is over when `finish` is called"]
pub struct Watch(
    // Behind a pointer, so that there is next to nothing to hand around where nobody watches.
    Option<Box<Active>>,
);

/// A statement that is watched.
struct Active {
    observer: Arc<Observer>,
    summary: Arc<Summary>,
    started: Instant,
    span: trace::Span,
}

impl Watch {
    /// One that nobody watches.
    #[inline]
    pub fn nobody() -> Self {
        Self(None)
    }

    #[cold]
    pub(super) fn new(observer: &Arc<Observer>, summary: Arc<Summary>, parent: Parent<'_>) -> Self {
        let span = trace::Span::of_statement(observer.place(), &summary, parent);
        let observer = Arc::clone(observer);
        Self(Some(Box::new(Active { observer, summary, started: Instant::now(), span })))
    }

    /// Runs a part of the statement inside of its span.
    #[inline]
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.0.as_ref().map(|active| active.span.enter());
        work()
    }

    /// Like [`run`](Watch::run), for a part that takes its time.
    #[inline]
    pub fn within<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        trace::within(self.0.as_ref().map(|active| &active.span), future)
    }

    /// Tells whoever watches how it ended: with this many rows given or changed, or with an error.
    #[inline]
    pub fn finish(self, result: Result<u64, &Error>) {
        if let Some(active) = self.0 {
            (*active).finish(result);
        }
    }
}

impl Active {
    #[cold]
    fn finish(self, result: Result<u64, &Error>) {
        let Self { observer, summary, started, span } = self;
        let duration = started.elapsed();
        let rows = *result.as_ref().unwrap_or(&0);
        let error = result.err();
        metrics::finished(observer.place(), &summary, duration, error);
        span.finished(&summary, rows, error);
        if observer.hooks().is_slow(duration) {
            span.slow(observer.place(), &summary, duration, rows);
        }
        if let Some(table) = summary.table {
            observer.hooks().call(&QueryEvent {
                system: observer.place().system,
                operation: summary.operation,
                sql: &summary.sql,
                table,
                duration,
                rows,
                error: error.map(Error::kind),
            });
        }
    }
}

/// Somebody who waits for a connection.
#[must_use = "the wait is over when `finish` is called"]
pub struct Acquiring {
    span: trace::Span,
    wait: metrics::Wait,
}

impl Acquiring {
    pub(super) fn new(observer: &Arc<Observer>) -> Self {
        Self { span: trace::Span::of_wait(observer.place()), wait: metrics::Wait::new(observer) }
    }

    /// The wait itself.
    pub async fn within<T>(self, lease: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let result = trace::within(Some(&self.span), self.wait.within(lease)).await;
        self.span.waited(result.as_ref().err());
        self.wait.finish(result.as_ref().err());
        result
    }
}
