//! What the asynchronous pools of every database share: running queries, transactions and their guards, hooks after a
//! commit, and watching what runs.
//!
//! A driver implements [`Backend`] for its pool and [`Session`] for a connection on loan; everything an application calls
//! is written once on top of the two.

mod backend;
mod batch;
mod methods;
mod one_of;
mod options;
#[doc(hidden)]
pub mod run;
mod state;
mod transaction;

pub use crate::observe::{Observer, QueryEvent, Status};

pub use self::{
    backend::{Access, Backend, BoxFuture, BoxStream, Company, Session, lease},
    batch::{Batch, batch},
    one_of::{Either, OneOf},
    options::{Isolation, TransactionOptions},
    run::{create_all, run_text},
    state::State,
    transaction::{ReadTransaction, Transaction, begin, read, transaction, transaction_with},
};
