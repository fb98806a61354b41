//! Identifiers that come out the same in every run.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A counted, seeded source. Never for anything that must be unguessable.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Ids {
    drawn: u64,
}

impl Ids {
    pub(crate) fn uuid(&mut self) -> Uuid {
        Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.bytes()[..8]);
        u64::from_le_bytes(first) % end.max(1)
    }

    fn bytes(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let mut hash = Sha256::new();
        hash.update(b"dataverse");
        hash.update(self.drawn.to_le_bytes());
        let digest = hash.finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        first
    }
}
