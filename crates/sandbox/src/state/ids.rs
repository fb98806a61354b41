//! Identifiers that come out the same in every run, so that a demonstration and its documentation agree.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A counted, seeded source. Never for anything that must be unguessable: see [`crate::entra::secrets`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
    drawn: u64,
}

impl Ids {
    /// Thirty-two bytes that nothing else from this source equals.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(self.drawn.to_le_bytes());
        hash.finalize().into()
    }

    /// A version 4 UUID, as the directory uses for every object.
    pub(crate) fn uuid(&mut self) -> Uuid {
        let bytes = self.bytes();
        let mut first = [0; 16];
        first.copy_from_slice(&bytes[..16]);
        Builder::from_random_bytes(first).into_uuid()
    }

    /// A number in `from..=to`.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        let bytes = self.bytes();
        let mut first = [0; 8];
        first.copy_from_slice(&bytes[..8]);
        from + u64::from_le_bytes(first) % (to - from + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sources_draw_the_same_ids_and_one_never_repeats_itself() {
        let (mut one, mut two) = (Ids::default(), Ids::default());
        let first = one.uuid();
        assert_eq!(first, two.uuid());
        assert_ne!(first, one.uuid());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut ids = Ids::default();
        assert!((0..200).all(|_| (3600..=5399).contains(&ids.between(3600, 5399))));
    }
}
