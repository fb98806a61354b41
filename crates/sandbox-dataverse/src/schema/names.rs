//! Ids of metadata, which are the same in every environment of the sandbox.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// An id that follows from what it names.
pub(crate) fn stable_id(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    Builder::from_random_bytes(first).into_uuid()
}
