//! Spans and events of `tracing`, named as OpenTelemetry does. See
//! <https://opentelemetry.io/docs/specs/semconv/db/database-spans/>.
//!
//! The fields that begin with `otel.` tell the layers which export spans what a span of `tracing` has no place for: a name
//! made at run time, the kind of span, the status.

use std::time::Duration;

use tracing::{Instrument, Level, field::Empty};

use crate::{
    error::Error,
    observe::{Place, Summary},
};

/// The span of a statement or a wait; none, where nobody wants one.
pub(in crate::observe) struct Span(tracing::Span);

/// The transaction that something is part of; whatever goes on, where it is none in particular.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parent<'a>(Option<&'a tracing::Span>);

/// The span of a transaction.
#[derive(Debug, Clone)]
pub struct TransactionSpan(tracing::Span);

/// Whether somebody wants spans of statements, or events of those that are slow.
#[inline]
pub(in crate::observe) fn is_watching(has_threshold: bool) -> bool {
    tracing::span_enabled!(target: "orm", Level::INFO)
        || (has_threshold && tracing::event_enabled!(target: "orm", Level::WARN))
}

#[inline]
pub(in crate::observe) fn within<F: Future>(
    span: Option<&Span>,
    future: F,
) -> impl Future<Output = F::Output> + use<F> {
    future.instrument(span.map_or_else(tracing::Span::none, |span| span.0.clone()))
}

impl Parent<'_> {
    fn id(self) -> Option<tracing::Id> {
        match self.0 {
            Some(span) => span.id(),
            None => tracing::Span::current().id(),
        }
    }
}

impl Span {
    pub(in crate::observe) fn of_statement(place: &Place, summary: &Summary, parent: Parent<'_>) -> Self {
        Self(tracing::span!(
            target: "orm",
            parent: parent.id(),
            Level::INFO,
            "statement",
            otel.name = &*summary.name,
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = place.system,
            db.namespace = &*place.namespace,
            db.operation.name = summary.operation,
            db.collection.name = summary.table,
            db.query.summary = &*summary.name,
            db.query.text = &*summary.sql,
            db.response.returned_rows = Empty,
            orm.affected_rows = Empty,
            db.response.status_code = Empty,
            error.type = Empty,
            server.address = place.address.as_deref(),
            server.port = place.port,
        ))
    }

    pub(in crate::observe) fn of_wait(place: &Place) -> Self {
        Self(tracing::span!(
            target: "orm",
            Level::DEBUG,
            "connection",
            otel.name = "wait for a connection",
            otel.kind = "internal",
            otel.status_code = Empty,
            db.system.name = place.system,
            db.namespace = &*place.namespace,
            error.type = Empty,
            server.address = place.address.as_deref(),
            server.port = place.port,
        ))
    }

    #[inline]
    pub(in crate::observe) fn enter(&self) -> tracing::span::Entered<'_> {
        self.0.enter()
    }

    pub(in crate::observe) fn finished(&self, summary: &Summary, rows: u64, error: Option<&Error>) {
        match error {
            Some(error) => record_error(&self.0, error),
            None if summary.operation == "select" => drop(self.0.record("db.response.returned_rows", rows)),
            None => drop(self.0.record("orm.affected_rows", rows)),
        }
    }

    pub(in crate::observe) fn waited(&self, error: Option<&Error>) {
        if let Some(error) = error {
            record_error(&self.0, error);
        }
    }

    pub(in crate::observe) fn slow(&self, place: &Place, summary: &Summary, duration: Duration, rows: u64) {
        tracing::event!(
            target: "orm",
            parent: &self.0,
            Level::WARN,
            db.system.name = place.system,
            db.operation.name = summary.operation,
            db.collection.name = summary.table,
            db.query.text = &*summary.sql,
            orm.duration_ms = millis(duration),
            orm.rows = rows,
            "slow statement"
        );
    }
}

impl TransactionSpan {
    pub(in crate::observe) fn new(place: &Place, level: u32, attempt: u32, parent: Parent<'_>) -> Self {
        if !tracing::span_enabled!(target: "orm", Level::INFO) {
            return Self(tracing::Span::none());
        }
        Self(tracing::span!(
            target: "orm",
            parent: parent.id(),
            Level::INFO,
            "transaction",
            otel.name = if level == 1 { "transaction" } else { "savepoint" },
            otel.kind = "internal",
            otel.status_code = Empty,
            db.system.name = place.system,
            db.namespace = &*place.namespace,
            orm.attempt = attempt,
            orm.outcome = Empty,
            error.type = Empty,
        ))
    }

    /// What is done in it.
    #[inline]
    pub fn parent(&self) -> Parent<'_> {
        // A span that nobody wanted has no place among those that somebody may want.
        Parent((!self.0.is_none()).then_some(&self.0))
    }

    /// Runs something inside of it.
    #[inline]
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.in_scope(work)
    }

    /// Runs something inside of it that takes its time.
    #[inline]
    pub fn within<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        future.instrument(self.0.clone())
    }

    /// It was committed, or could not be.
    pub fn committed(&self, result: Result<(), &Error>) {
        self.ended("committed", result);
    }

    /// It was rolled back, or could not be.
    pub fn rolled_back(&self, result: Result<(), &Error>) {
        self.ended("rolled back", result);
    }

    /// It was dropped before it ended, which rolls it back.
    pub fn dropped(&self) {
        self.ended("dropped", Ok(()));
    }

    /// It did not begin.
    pub fn refused(&self, error: &Error) {
        self.ended("begun", Err(error));
    }

    fn ended(&self, outcome: &'static str, result: Result<(), &Error>) {
        match result {
            Ok(()) => {
                self.0.record("orm.outcome", outcome);
                tracing::event!(target: "orm", parent: &self.0, Level::DEBUG, "{outcome}");
            }
            Err(error) => {
                record_error(&self.0, error);
                let kind = error.kind().name();
                tracing::event!(target: "orm", parent: &self.0, Level::DEBUG, error.type = kind, "not {outcome}");
            }
        }
    }

    /// It is tried again, after a pause.
    pub fn retried(attempt: u32, pause: Duration) {
        tracing::event!(
            target: "orm",
            Level::INFO,
            orm.attempt = attempt,
            orm.pause_ms = millis(pause),
            "the transaction is tried again"
        );
    }
}

fn record_error(span: &tracing::Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error.kind().name());
    if let Some(code) = error.code() {
        span.record("db.response.status_code", code);
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
