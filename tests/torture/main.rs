//! What the library survives; the cases carry the numbers of the torture list in `README.md`.

#[path = "../support/shapes.rs"]
mod shapes;
#[path = "../support/stored.rs"]
mod stored;
#[path = "../support/harness.rs"]
mod support;

mod blobs;
mod canary;
mod cancel;
mod crash;
mod depth;
mod disk;
mod faults;
mod hostile;
mod limits;
mod open;
mod pgbouncer;
mod private;
mod process;
mod secret;
mod server;
mod settings;
mod text;
mod tls;
mod values;
