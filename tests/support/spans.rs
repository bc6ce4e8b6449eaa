//! Collects spans and events, with their fields as text.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry::LookupSpan};

/// A span or an event.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub id: Option<u64>,
    /// The span around it.
    pub parent: Option<u64>,
    pub name: &'static str,
    pub target: &'static str,
    pub level: String,
    pub fields: BTreeMap<&'static str, String>,
    pub is_closed: bool,
}

impl Seen {
    /// A field, or nothing where it has no value.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub fn message(&self) -> &str {
        self.field("message")
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

#[derive(Debug, Clone, Default)]
pub struct Spans(Arc<Mutex<Vec<Seen>>>);

impl Spans {
    /// Collects what happens on this thread until the guard is dropped.
    pub fn collect() -> (Self, DefaultGuard) {
        let spans = Self::default();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
        (spans, guard)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is so far.
    pub fn all(&self) -> Vec<Seen> {
        self.lock().clone()
    }

    /// The spans of this name.
    pub fn named(&self, name: &str) -> Vec<Seen> {
        self.lock().iter().filter(|seen| seen.id.is_some() && seen.name == name).cloned().collect()
    }

    /// The events of the library.
    pub fn events(&self) -> Vec<Seen> {
        self.lock().iter().filter(|seen| seen.id.is_none() && seen.target == "orm").cloned().collect()
    }

    pub fn forget(&self) {
        self.lock().clear();
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let parent = context.span(id).and_then(|span| span.parent()).map(|span| span.id().into_u64());
        let mut seen = Seen {
            id: Some(id.into_u64()),
            parent,
            name: metadata.name(),
            target: metadata.target(),
            level: metadata.level().to_string(),
            ..Seen::default()
        };
        attributes.record(&mut seen);
        self.lock().push(seen);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        let mut all = self.lock();
        if let Some(seen) = all.iter_mut().rev().find(|seen| seen.id == Some(id.into_u64())) {
            values.record(seen);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let parent = context.event_span(event).map(|span| span.id().into_u64());
        let (target, level) = (metadata.target(), metadata.level().to_string());
        let mut seen = Seen { parent, name: metadata.name(), target, level, ..Seen::default() };
        event.record(&mut seen);
        self.lock().push(seen);
    }

    fn on_close(&self, id: Id, _context: Context<'_, S>) {
        let mut all = self.lock();
        if let Some(seen) = all.iter_mut().rev().find(|seen| seen.id == Some(id.into_u64())) {
            seen.is_closed = true;
        }
    }
}
