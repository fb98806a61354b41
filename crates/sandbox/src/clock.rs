//! The sandbox's own time, the only place that asks the system for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time a sandbox lives in. Clones share it, so that advancing one advances all.
#[derive(Clone, Debug)]
pub struct Clock {
    base: Base,
    offset_micros: Arc<AtomicI64>,
}

#[derive(Clone, Debug)]
enum Base {
    System,
    Fixed(Timestamp),
}

impl Base {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate that asks the system for the time"
    )]
    fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(at) => *at,
        }
    }
}

impl Clock {
    /// Follows the system's clock, ahead of it by what was advanced.
    pub fn real() -> Self {
        Self::on(Base::System)
    }

    /// Stands still at an instant, and moves only when advanced.
    pub fn fixed(at: Timestamp) -> Self {
        Self::on(Base::Fixed(at))
    }

    fn on(base: Base) -> Self {
        Self {
            base,
            offset_micros: Arc::new(AtomicI64::new(0)),
        }
    }

    /// The present instant of the sandbox.
    pub fn now(&self) -> Timestamp {
        self.base
            .now()
            .saturating_add(SignedDuration::from_micros(self.offset_micros()))
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the time forward for everyone who shares this clock.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.offset_micros.fetch_add(micros, Ordering::AcqRel);
    }

    /// How far it has been advanced in all, in microseconds.
    pub(crate) fn offset_micros(&self) -> i64 {
        self.offset_micros.load(Ordering::Acquire)
    }

    /// Goes back, or on, to where it was advanced to at another moment.
    pub(crate) fn set_offset_micros(&self, offset_micros: i64) {
        self.offset_micros.store(offset_micros, Ordering::Release);
    }

    /// Goes on from where an earlier run had been advanced to: stored instants must not lie in the future.
    pub(crate) fn resume(&self, offset_micros: i64) {
        if matches!(self.base, Base::System) {
            self.offset_micros
                .fetch_max(offset_micros, Ordering::AcqRel);
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_advanced_and_clones_share_it() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let clone = clock.clone();
        clone.advance(Duration::from_secs(90));
        assert_eq!(clock.now().as_second(), 90);
        assert_eq!(clock.now(), clone.now());
    }
}
