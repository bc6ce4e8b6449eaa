//! Metrics of the `metrics` facade, named as OpenTelemetry does where it has a name. See
//! <https://opentelemetry.io/docs/specs/semconv/db/database-metrics/>.
//!
//! Nothing is kept between calls, so a recorder that is installed late, or for one thread only, gets what comes after.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use metrics::{Label, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::{
    error::{Error, ErrorKind},
    observe::{Observer, Place, Summary},
};

const DURATION: &str = "db.client.operation.duration";
const CONNECTIONS: &str = "db.client.connection.count";
const MOST: &str = "db.client.connection.max";
const PENDING: &str = "db.client.connection.pending_requests";
const TIMEOUTS: &str = "db.client.connection.timeouts";
const CREATE_TIME: &str = "db.client.connection.create_time";
const WAIT_TIME: &str = "db.client.connection.wait_time";
const USE_TIME: &str = "db.client.connection.use_time";
const OPENED: &str = "orm.connections.opened";
const CLOSED: &str = "orm.connections.closed";

/// Whether somebody may measure.
pub(in crate::observe) const ENABLED: bool = true;

/// Measures how long something takes.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

/// A connection in use.
#[derive(Debug)]
#[must_use = "the connection is in use until this is dropped"]
pub struct Usage {
    observer: Arc<Observer>,
    since: Instant,
}

impl Usage {
    pub(in crate::observe) fn new(observer: &Arc<Observer>) -> Self {
        Self { observer: Arc::clone(observer), since: Instant::now() }
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        histogram!(USE_TIME, of_pool(self.observer.place())).record(self.since.elapsed());
        look_at_connections(&self.observer);
    }
}

/// Somebody who waits for a connection.
pub(in crate::observe) struct Wait {
    observer: Arc<Observer>,
    since: Instant,
}

impl Wait {
    pub(in crate::observe) fn new(observer: &Arc<Observer>) -> Self {
        Self { observer: Arc::clone(observer), since: Instant::now() }
    }

    /// Looks at the connections when it turns out that none is free.
    pub(in crate::observe) async fn within<F: Future>(&self, lease: F) -> F::Output {
        let mut lease = pin!(lease);
        let mut waits = false;
        poll_fn(|context| {
            let polled = lease.as_mut().poll(context);
            if polled.is_pending() && !waits {
                waits = true;
                look_at_connections(&self.observer);
            }
            polled
        })
        .await
    }

    pub(in crate::observe) fn finish(self, error: Option<&Error>) {
        let mut labels = of_pool(self.observer.place());
        if error.is_some_and(|error| error.kind() == ErrorKind::PoolTimeout) {
            counter!(TIMEOUTS, labels.clone()).increment(1);
        }
        labels.extend(error.map(of_error));
        histogram!(WAIT_TIME, labels).record(self.since.elapsed());
    }
}

impl Drop for Wait {
    /// Also when the wait is given up.
    fn drop(&mut self) {
        look_at_connections(&self.observer);
    }
}

/// Says what the metrics mean.
pub(in crate::observe) fn describe() {
    describe_histogram!(DURATION, Unit::Seconds, "Duration of database client operations.");
    describe_gauge!(CONNECTIONS, Unit::Count, "The number of connections that are idle or used.");
    describe_gauge!(MOST, Unit::Count, "The greatest number of connections.");
    describe_gauge!(PENDING, Unit::Count, "The number of callers that wait for a connection.");
    describe_counter!(TIMEOUTS, Unit::Count, "The number of callers that waited too long for a connection.");
    describe_histogram!(CREATE_TIME, Unit::Seconds, "The time it took to open a connection.");
    describe_histogram!(WAIT_TIME, Unit::Seconds, "The time it took to get a connection.");
    describe_histogram!(USE_TIME, Unit::Seconds, "The time between getting a connection and returning it.");
    describe_counter!(OPENED, Unit::Count, "The number of connections that were opened.");
    describe_counter!(CLOSED, Unit::Count, "The number of connections that were closed.");
}

pub(in crate::observe) fn finished(place: &Place, summary: &Summary, time: Duration, error: Option<&Error>) {
    let mut labels = of_place(place);
    labels.push(Label::from_static_parts("db.operation.name", summary.operation));
    labels.extend(summary.table.map(|table| Label::from_static_parts("db.collection.name", table)));
    labels.extend(error.map(of_error));
    histogram!(DURATION, labels).record(time);
}

pub(in crate::observe) fn opened(place: &Place, since: &Stopwatch) {
    histogram!(CREATE_TIME, of_pool(place)).record(since.0.elapsed());
    counter!(OPENED, of_pool(place)).increment(1);
}

pub(in crate::observe) fn closed(place: &Place) {
    counter!(CLOSED, of_pool(place)).increment(1);
}

/// Sets the gauges to what there is. Counting up and down instead would go wrong for a recorder that is installed late.
fn look_at_connections(observer: &Observer) {
    let Some(status) = observer.status() else { return };
    let place = observer.place();
    for (state, connections) in [("idle", status.idle), ("used", status.in_use)] {
        let mut labels = of_pool(place);
        labels.push(Label::from_static_parts("db.client.connection.state", state));
        gauge!(CONNECTIONS, labels).set(whole(connections));
    }
    gauge!(MOST, of_pool(place)).set(whole(status.max));
    gauge!(PENDING, of_pool(place)).set(whole(status.waiting));
}

#[allow(clippy::cast_precision_loss, reason = "nobody has so many connections")]
fn whole(number: usize) -> f64 {
    number as f64
}

fn of_place(place: &Place) -> Vec<Label> {
    vec![
        Label::from_static_parts("db.system.name", place.system),
        Label::new("db.namespace", Arc::clone(&place.namespace)),
    ]
}

fn of_pool(place: &Place) -> Vec<Label> {
    vec![
        Label::from_static_parts("db.system.name", place.system),
        Label::new("db.client.connection.pool.name", Arc::clone(&place.pool)),
    ]
}

fn of_error(error: &Error) -> Label {
    Label::from_static_parts("error.type", error.kind().name())
}
