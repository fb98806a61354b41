//! What the broker did since the process began, for `/metrics`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::BrokerError;
use super::reads::{ReadCounts, Reads};

/// Counts since the process began, and how it is now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Renewals that ended with a token.
    pub renewed: u64,
    /// Refused by Entra until somebody acts.
    pub refused: u64,
    /// Ended by trouble of Entra, the network or the database.
    pub failed: u64,
    /// Given up because another replica took too long.
    pub busy: u64,
    /// Tokens whose time to be renewed had come at the last sweep.
    pub due: u64,
    /// Renewals under way.
    pub under_way: u64,
    /// Tokens that were handed out from memory, and those that somebody waited for.
    pub from_memory: Reads,
    pub waited_for: Reads,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Counts(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    renewed: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    busy: AtomicU64,
    due: AtomicU64,
    from_memory: ReadCounts,
    waited_for: ReadCounts,
}

impl Counts {
    pub(super) fn ended<T>(&self, outcome: &Result<T, BrokerError>) {
        let counter = match outcome {
            Ok(_) => &self.0.renewed,
            Err(BrokerError::Refused(_) | BrokerError::Unusable { .. }) => &self.0.refused,
            Err(BrokerError::Busy) => &self.0.busy,
            Err(BrokerError::Transient { .. } | BrokerError::Internal(_)) => &self.0.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn due(&self, number: usize) {
        self.0.due.store(number as u64, Ordering::Relaxed);
    }

    pub(super) fn read_from_memory(&self, took: Duration) {
        self.0.from_memory.add(took);
    }

    pub(super) fn waited_for(&self, took: Duration) {
        self.0.waited_for.add(took);
    }

    pub(super) fn now(&self, under_way: usize) -> Tally {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally {
            renewed: read(&self.0.renewed),
            refused: read(&self.0.refused),
            failed: read(&self.0.failed),
            busy: read(&self.0.busy),
            due: read(&self.0.due),
            under_way: under_way as u64,
            from_memory: self.0.from_memory.now(),
            waited_for: self.0.waited_for.now(),
        }
    }
}
