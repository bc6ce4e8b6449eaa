//! Several statements on one connection, without a transaction.

use std::fmt;

use crate::{
    error::Error,
    pool::{Access, Backend, lease, run::Place},
};

/// A connection on which statements run side by side: those that are awaited together are sent together.
///
/// Each statement stands by itself; one that fails does not undo the others.
pub struct Batch<B: Backend> {
    session: B::Session,
}

impl<B: Backend> Batch<B> {
    /// The connection, outside of transactions, for what a driver adds.
    #[doc(hidden)]
    pub fn place(&self) -> Place<'_, B::Session> {
        Place::outside(&self.session)
    }
}

impl<B: Backend> fmt::Debug for Batch<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").finish_non_exhaustive()
    }
}

/// Gives a closure a connection, on which statements that are awaited together are sent in one round trip.
///
/// # Errors
/// The closure's error, or that of getting a connection.
pub async fn batch<B, T, E, F>(backend: &B, body: F) -> Result<T, E>
where
    B: Backend,
    F: AsyncFnOnce(&Batch<B>) -> Result<T, E>,
    E: From<Error>,
{
    let batch = Batch { session: lease(backend, Access::Write).await? };
    body(&batch).await
}
