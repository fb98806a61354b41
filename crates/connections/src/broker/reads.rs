//! How long callers waited for a token. Counted by hand: a read from memory takes less than a call of the metrics library.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Where the buckets end, in microseconds; one more has no end.
pub const READ_ENDS_US: [u64; 12] = [
    1, 2, 5, 10, 50, 100, 250, 500, 1_000, 10_000, 100_000, 1_000_000,
];
const BUCKETS: usize = READ_ENDS_US.len() + 1;

/// Reads of tokens by how long they took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// How many fell into each bucket, and into none before it.
    pub buckets: [u64; BUCKETS],
    pub total: Duration,
}

#[derive(Debug, Default)]
pub(super) struct ReadCounts {
    buckets: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

impl ReadCounts {
    pub(super) fn add(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = READ_ENDS_US.partition_point(|end| end * 1_000 < nanos);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Reads {
        let mut buckets = [0; BUCKETS];
        for (number, counter) in buckets.iter_mut().zip(&self.buckets) {
            *number = counter.load(Ordering::Relaxed);
        }
        Reads {
            buckets,
            total: Duration::from_nanos(self.nanos.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_counts_in_the_first_bucket_that_it_fits_into() {
        let counts = ReadCounts::default();
        for nanos in [0, 1_000, 1_001, 1_000_000, 1_000_001, 2_000_000_000] {
            counts.add(Duration::from_nanos(nanos));
        }
        let reads = counts.now();
        assert_eq!(reads.buckets, [2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1]);
        assert_eq!(reads.total, Duration::from_nanos(2_002_002_002));
    }
}
