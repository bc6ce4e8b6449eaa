//! Watching what runs: hooks, spans and metrics.
//!
//! A driver makes an [`Observer`] for a pool or connection, and lets it [watch](Observer::watch) each statement. When nobody
//! watches, that reads a flag. Spans are made with the feature `tracing` and metrics with the feature `metrics`; without
//! them, what stands for them here is empty types and functions.

mod event;
mod observer;
mod place;
mod status;
mod summary;
mod watch;

#[cfg(feature = "tracing")]
#[path = "observe/trace/enabled.rs"]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "observe/trace/disabled.rs"]
mod trace;

#[cfg(feature = "metrics")]
#[path = "observe/metrics/enabled.rs"]
mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "observe/metrics/disabled.rs"]
mod metrics;

pub use self::{
    event::QueryEvent,
    metrics::{Stopwatch, Usage},
    observer::{Hooks, Observer},
    place::Place,
    status::Status,
    summary::Summary,
    trace::{Parent, TransactionSpan},
    watch::{Acquiring, Watch},
};
