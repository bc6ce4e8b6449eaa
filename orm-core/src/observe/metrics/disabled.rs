//! Metrics, without the feature `metrics`: none.

use std::{sync::Arc, time::Duration};

use crate::{
    error::Error,
    observe::{Observer, Place, Summary},
};

/// Whether somebody may measure.
pub(in crate::observe) const ENABLED: bool = false;

/// Measures how long something takes.
#[derive(Debug)]
pub struct Stopwatch;

impl Stopwatch {
    /// Starts to measure.
    #[inline]
    pub fn start() -> Self {
        Self
    }
}

/// A connection in use.
#[derive(Debug)]
#[must_use = "the connection is in use until this is dropped"]
pub struct Usage;

impl Usage {
    #[inline]
    pub(in crate::observe) fn new(_observer: &Arc<Observer>) -> Self {
        Self
    }
}

/// Somebody who waits for a connection.
pub(in crate::observe) struct Wait;

impl Wait {
    #[inline]
    pub(in crate::observe) fn new(_observer: &Arc<Observer>) -> Self {
        Self
    }

    #[inline]
    pub(in crate::observe) fn within<F: Future>(&self, lease: F) -> F {
        lease
    }

    #[inline]
    pub(in crate::observe) fn finish(self, _error: Option<&Error>) {}
}

#[inline]
pub(in crate::observe) fn describe() {}

#[inline]
pub(in crate::observe) fn finished(_place: &Place, _summary: &Summary, _time: Duration, _error: Option<&Error>) {}

#[inline]
pub(in crate::observe) fn opened(_place: &Place, _since: &Stopwatch) {}

#[inline]
pub(in crate::observe) fn closed(_place: &Place) {}
