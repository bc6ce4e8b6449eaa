//! Closing connections that nobody uses.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Pool};
use tokio::task::AbortHandle;

/// Since when a connection is not used.
pub(crate) struct Idle(Mutex<Instant>);

impl Default for Idle {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Idle {
    /// The connection is given back.
    pub(crate) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// How long it has been since.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// Looks for connections to close now and then, until it is dropped.
pub(crate) struct Sweep(AbortHandle);

impl Sweep {
    /// Closes the connections of a pool that were not used for so long, at most half of that time later.
    pub(crate) fn start<M>(pool: &Pool<M>, timeout: Duration, idle: fn(&M::Type) -> Duration) -> Self
    where
        M: Manager + 'static,
    {
        let pool = pool.weak();
        // A timeout of zero would look without a pause.
        let pause = (timeout / 2).max(Duration::from_millis(10));
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(pool) = pool.upgrade() else { return };
                drop(pool.retain(|connection, _| idle(connection) < timeout));
            }
        });
        Self(task.abort_handle())
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.0.abort();
    }
}
