//! Moments that nobody chose, and that can be had again.

use std::hash::{BuildHasher, RandomState};

/// `SplitMix64`: <https://prng.di.unimi.it/splitmix64.c>.
pub(super) struct Chance {
    seed: u64,
    state: u64,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// A seed that differs from run to run.
pub(super) fn any() -> u64 {
    RandomState::new().hash_one(0) >> 32
}
