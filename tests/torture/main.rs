//! What the library survives; the cases carry the numbers of the torture list in `README.md`.

#[path = "../support/pools.rs"]
mod pools;
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
mod fake;
mod growth;
mod hostile;
mod leftovers;
mod limits;
mod lost;
mod measure;
mod network;
mod open;
mod pgbouncer;
mod plans;
mod polls;
mod private;
mod process;
mod proxy;
mod runtime;
mod secret;
#[cfg(all(feature = "metrics", feature = "tracing"))]
mod secrets;
mod server;
mod settings;
mod streams;
mod text;
mod tls;
mod values;
mod waiting;
