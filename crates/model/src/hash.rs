use sha2::{Digest, Sha256};

/// SHA-256, for what only needs to be recognised again: key and session secrets, chain links, request bodies.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
