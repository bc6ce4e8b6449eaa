//! What the pools survive; the cases carry the numbers of the torture list in `README.md`.

#[path = "../support/harness.rs"]
mod support;

mod cancel;
mod faults;
mod hostile;
mod open;
mod pgbouncer;
mod private;
mod secret;
mod server;
mod settings;
mod tls;
