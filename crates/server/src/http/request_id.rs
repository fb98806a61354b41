use std::sync::atomic::{AtomicU64, Ordering};

use model::Random;

/// Names requests: `req_`, eight digits of this start, and a count. Unique, and of no use to guess.
#[derive(Debug)]
pub(crate) struct RequestIds {
    start: u32,
    count: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(random: &dyn Random) -> Self {
        let mut start = [0; 4];
        random.fill(&mut start);
        Self {
            start: u32::from_be_bytes(start),
            count: AtomicU64::new(1),
        }
    }

    pub(crate) fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("req_{:08x}{count:08x}", self.start)
    }
}
