//! What the pools survive; the cases carry the numbers of the torture list in `README.md`.

#[path = "../support/pools.rs"]
mod pools;
#[path = "../support/harness.rs"]
mod support;

mod cancel;
mod fake;
mod growth;
mod leftovers;
mod lost;
mod measure;
mod network;
mod plans;
mod polls;
mod proxy;
mod runtime;
mod server;
mod streams;
mod waiting;
