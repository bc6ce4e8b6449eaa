//! Spans and events, without the feature `tracing`: none.

use std::{marker::PhantomData, time::Duration};

use crate::{
    error::Error,
    observe::{Place, Summary},
};

/// The span of a statement or a wait.
pub(in crate::observe) struct Span;

/// The transaction that something is part of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parent<'a>(PhantomData<&'a ()>);

/// The span of a transaction.
#[derive(Debug, Clone, Default)]
pub struct TransactionSpan;

#[inline]
pub(in crate::observe) fn is_watching(_has_threshold: bool) -> bool {
    false
}

#[inline]
pub(in crate::observe) fn within<F: Future>(_span: Option<&Span>, future: F) -> F {
    future
}

impl Span {
    pub(in crate::observe) fn of_statement(_place: &Place, _summary: &Summary, _parent: Parent<'_>) -> Self {
        Self
    }

    pub(in crate::observe) fn of_wait(_place: &Place) -> Self {
        Self
    }

    #[inline]
    pub(in crate::observe) fn enter(&self) -> impl Sized + use<> {}

    pub(in crate::observe) fn finished(&self, _summary: &Summary, _rows: u64, _error: Option<&Error>) {}

    pub(in crate::observe) fn waited(&self, _error: Option<&Error>) {}

    pub(in crate::observe) fn slow(&self, _place: &Place, _summary: &Summary, _duration: Duration, _rows: u64) {}
}

impl TransactionSpan {
    pub(in crate::observe) fn new(_place: &Place, _level: u32, _attempt: u32, _parent: Parent<'_>) -> Self {
        Self
    }

    /// What is done in it.
    #[inline]
    pub fn parent(&self) -> Parent<'_> {
        Parent(PhantomData)
    }

    /// Runs something inside of it.
    #[inline]
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }

    /// Runs something inside of it that takes its time.
    #[inline]
    pub fn within<F: Future>(&self, future: F) -> F {
        future
    }

    /// It was committed, or could not be.
    #[inline]
    pub fn committed(&self, _result: Result<(), &Error>) {}

    /// It was rolled back, or could not be.
    #[inline]
    pub fn rolled_back(&self, _result: Result<(), &Error>) {}

    /// It was dropped before it ended, which rolls it back.
    #[inline]
    pub fn dropped(&self) {}

    /// It did not begin.
    #[inline]
    pub fn refused(&self, _error: &Error) {}

    /// It is tried again, after a pause.
    #[inline]
    pub fn retried(_attempt: u32, _pause: Duration) {}
}
