//! Which answers of the server are still to come.

use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

/// The answers that are awaited on a connection, and those that nobody awaits any more.
///
/// The server answers in order, so an answer that nobody awaits has arrived when one does that was asked for later.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    /// How many are under way.
    awaited: AtomicU32,
    /// The number of the last one that began.
    begun: AtomicU64,
    /// How many went well, as far as anybody was there to hear it.
    succeeded: AtomicU64,
    /// The number of the last one that landed.
    landed: AtomicU64,
    /// What had begun when one was given up: nothing but the landing of a later one shows that its answer is over. It may
    /// be asked for in several steps, so the landing of one that began before, or meanwhile, shows nothing. 0 if none was.
    lost: AtomicU64,
}

impl Flights {
    /// Whether an answer is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        let lost = self.lost.load(Ordering::Acquire);
        self.awaited.load(Ordering::Acquire) > 0 || (lost > 0 && self.landed.load(Ordering::Acquire) <= lost)
    }

    /// How many did not go well, or are under way, or were given up.
    pub(crate) fn failed(&self) -> u64 {
        // In this order, so that what begins and succeeds meanwhile does not make it negative.
        let succeeded = self.succeeded.load(Ordering::Acquire);
        self.begun.load(Ordering::Acquire) - succeeded
    }

    /// Begins something that is to be sent.
    pub(crate) fn begin(self: &Arc<Self>) -> Flight {
        self.awaited.fetch_add(1, Ordering::AcqRel);
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        Flight { flights: Arc::clone(self), number, is_over: false }
    }
}

/// Something that is sent, until its answer is there. When it is dropped before, its answer is on its way.
#[derive(Debug)]
pub(crate) struct Flight {
    flights: Arc<Flights>,
    number: u64,
    is_over: bool,
}

impl Flight {
    /// The answer has arrived as a whole, and it is what was hoped for.
    pub(crate) fn land(self) {
        self.flights.succeeded.fetch_add(1, Ordering::AcqRel);
        self.fail();
    }

    /// The answer has arrived as a whole, and it is an error.
    pub(crate) fn fail(mut self) {
        self.flights.landed.fetch_max(self.number, Ordering::AcqRel);
        self.is_over = true;
    }

    /// Nothing was sent that is not answered.
    pub(crate) fn ground(mut self) {
        self.is_over = true;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.is_over {
            self.flights.lost.fetch_max(self.flights.begun.load(Ordering::Acquire), Ordering::AcqRel);
        }
        self.flights.awaited.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_landing_ends_what_is_awaited() {
        let flights = Arc::new(Flights::default());
        assert!(!flights.is_busy());
        let (first, second) = (flights.begin(), flights.begin());
        second.land();
        assert!(flights.is_busy(), "the first is under way");
        first.land();
        assert!(!flights.is_busy());
    }

    #[test]
    fn only_the_landing_of_a_later_one_shows_that_a_lost_one_is_over() {
        let flights = Arc::new(Flights::default());
        let before = flights.begin();
        let lost = flights.begin();
        let meanwhile = flights.begin();
        drop(lost);
        before.land();
        assert!(flights.is_busy());
        meanwhile.land();
        assert!(flights.is_busy(), "the lost one may have sent its last step after this");
        flights.begin().land();
        assert!(!flights.is_busy());
    }

    #[test]
    fn what_was_never_sent_shows_nothing() {
        let flights = Arc::new(Flights::default());
        drop(flights.begin());
        flights.begin().ground();
        assert!(flights.is_busy());
        flights.begin().land();
        assert!(!flights.is_busy());
        flights.begin().ground();
        assert!(!flights.is_busy());
    }
}
