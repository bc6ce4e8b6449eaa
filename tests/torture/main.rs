//! What the pools survive; the cases carry the numbers of the torture list in `README.md`.

#[path = "../support/harness.rs"]
mod support;

mod cancel;
mod faults;
#[cfg(all(feature = "metrics", feature = "tracing"))]
mod secrets;
mod server;
