//! Time as a parameter. Only [`SystemClock`] asks the machine what time it is.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Handed to everything that needs it, so that a test decides what time it is.
pub trait Clock: Debug + Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

pub type SharedClock = Arc<dyn Clock>;

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that is moved by hand: standing still in tests, or running beside the system's in a demonstration.
#[derive(Debug)]
pub struct ManualClock {
    /// `None` follows the system's clock.
    start: Option<Timestamp>,
    offset_millis: AtomicI64,
}

impl ManualClock {
    /// Stands still at `start` until advanced.
    pub fn fixed(start: Timestamp) -> Self {
        Self {
            start: Some(start),
            offset_millis: AtomicI64::new(0),
        }
    }

    /// Runs with the system's clock, and jumps when advanced.
    pub fn running() -> Self {
        Self {
            start: None,
            offset_millis: AtomicI64::new(0),
        }
    }

    /// Moves forward, or back with a negative duration.
    pub fn advance(&self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let base = self.start.unwrap_or_else(|| SystemClock.now());
        base + SignedDuration::from_millis(self.offset_millis.load(Ordering::SeqCst))
    }
}
