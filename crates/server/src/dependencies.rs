use std::sync::Arc;

use model::{SharedClock, SharedRandom, SystemClock, SystemRandom};

/// Time and randomness: the machine's, or a test's.
#[derive(Debug, Clone)]
pub struct Dependencies {
    pub clock: SharedClock,
    pub random: SharedRandom,
}

impl Dependencies {
    /// The machine's own.
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}
