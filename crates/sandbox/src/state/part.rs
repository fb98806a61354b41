//! Memory beside [`State`]: services that live in crates of their own keep theirs.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::State;
use crate::sandbox::Seed;

/// A part of the sandbox's memory in a crate of its own. Whoever is among the [`Parts`] is saved with `--data`, is in every
/// snapshot, and begins anew when the sandbox does: an implementation here and a line where [`Parts::new`] is called.
/// After each request it is asked for its [`Part::version`], and saved when that is another.
pub(crate) trait Part: Send {
    /// Of its file and in snapshots: `dataverse`.
    fn name(&self) -> &'static str;
    /// Another number after every change, so that what has not changed is not written again.
    fn version(&self) -> u64;
    /// Everything that it remembers.
    fn to_json(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>;
    /// Becomes what [`Part::to_json`] wrote; stays as it is when that cannot be read.
    fn restore(&mut self, json: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>>;
    /// Becomes what a new sandbox has, with the tenants and people of its state.
    fn begin(&mut self, state: &State, seed: Seed, now: Timestamp);
}

/// Every part, in the order in which they begin.
#[derive(Clone, Default)]
pub(crate) struct Parts(Vec<Arc<Mutex<dyn Part>>>);

impl Parts {
    pub(crate) fn new(parts: Vec<Arc<Mutex<dyn Part>>>) -> Self {
        Self(parts)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = MutexGuard<'_, dyn Part + 'static>> {
        let parts = self.0.iter();
        parts.map(|part| part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
