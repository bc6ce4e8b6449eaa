//! What the layer above a driver keeps with a connection.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    error::{Error, ErrorKind},
    observe::Observer,
};

pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// What is kept with a connection while it is on loan.
pub struct State {
    observer: Arc<Observer>,
    /// What runs after the commit, with the level of the transaction that asked for it.
    hooks: Mutex<Vec<(u32, Hook)>>,
    /// Whether something failed in the transaction that can go well when it is tried again.
    can_retry: AtomicBool,
}

impl State {
    /// The state of a new connection of a pool that is watched by this observer.
    pub fn new(observer: Arc<Observer>) -> Self {
        Self { observer, hooks: Mutex::default(), can_retry: AtomicBool::new(false) }
    }

    /// Who watches what runs.
    pub fn observer(&self) -> &Arc<Observer> {
        &self.observer
    }

    pub(crate) fn begin(&self, level: u32) {
        if level == 1 {
            self.can_retry.store(false, Ordering::Relaxed);
            self.hooks().clear();
        }
    }

    /// Remembers an error that is worth another try of the transaction.
    #[doc(hidden)]
    pub fn note(&self, error: &Error) {
        if is_transient(error.kind()) {
            self.can_retry.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn can_retry(&self) -> bool {
        self.can_retry.load(Ordering::Relaxed)
    }

    pub(crate) fn add_hook(&self, level: u32, hook: Hook) {
        self.hooks().push((level, hook));
    }

    /// The transaction of this level is kept. Its hooks are those of the one around it now; if there is none, they are due.
    pub(crate) fn committed(&self, level: u32) -> Vec<Hook> {
        let mut hooks = self.hooks();
        if level > 1 {
            for (owner, _) in hooks.iter_mut().filter(|(owner, _)| *owner >= level) {
                *owner = level - 1;
            }
            return Vec::new();
        }
        hooks.drain(..).map(|(_, hook)| hook).collect()
    }

    /// What the transaction of this level did is undone.
    pub(crate) fn rolled_back(&self, level: u32) {
        self.hooks().retain(|(owner, _)| *owner < level);
    }

    fn hooks(&self) -> std::sync::MutexGuard<'_, Vec<(u32, Hook)>> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for State {
    /// With the connection, when that is closed.
    fn drop(&mut self) {
        self.observer.closed();
    }
}

pub(crate) fn is_transient(kind: ErrorKind) -> bool {
    use ErrorKind::{Busy, Deadlock, SerializationFailure, StalePlan};
    matches!(kind, SerializationFailure | Deadlock | Busy | StalePlan)
}
