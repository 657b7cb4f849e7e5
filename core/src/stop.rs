//! What passes between a long operation and whoever waits for it: how far it is, and that it should end early.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Workers look at the flag, and count what they did, between blocks of some milliseconds.
#[derive(Default)]
pub struct Stop {
    requested: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Stop {
    pub fn request(&self) {
        self.requested.store(true, Ordering::Relaxed);
    }

    /// Error::Stopped once a stop is requested.
    pub fn check(&self) -> Result<()> {
        if self.requested.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
    }

    /// Says that so much more is to be done.
    pub fn expect(&self, count: usize) {
        self.total.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Says that so much of it is done.
    pub fn advance(&self, count: usize) {
        self.done.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// What is done, of how much; never more than that.
    pub fn progress(&self) -> (u64, u64) {
        let total = self.total.load(Ordering::Relaxed);
        (self.done.load(Ordering::Relaxed).min(total), total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_never_exceeds_what_is_expected() {
        let stop = Stop::default();
        assert_eq!(stop.progress(), (0, 0));
        stop.expect(5);
        stop.advance(3);
        assert_eq!(stop.progress(), (3, 5));
        stop.advance(3);
        assert_eq!((stop.progress(), stop.check()), ((5, 5), Ok(())));
        stop.request();
        assert_eq!(stop.check(), Err(Error::Stopped));
    }
}
