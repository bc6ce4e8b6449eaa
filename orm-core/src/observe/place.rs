//! Where statements run.

use std::sync::Arc;

/// A database, as spans and metrics name it. It has neither user nor password.
#[derive(Debug, Clone)]
pub struct Place {
    /// The database management system, named as
    /// [OpenTelemetry does](https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/).
    pub system: &'static str,
    /// The name of the database, or its file.
    pub namespace: Arc<str>,
    /// The name of the pool in metrics.
    pub pool: Arc<str>,
    /// The host of the server, or its socket; `None` for a database in the same process.
    pub address: Option<Arc<str>>,
    /// The port of the server.
    pub port: Option<u16>,
}
