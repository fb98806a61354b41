use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

use super::QuickXor;

/// What was read of a file so far: how much, and what it looks like. Clones share it.
#[derive(Clone, Default)]
pub struct Tally(Arc<Mutex<Read>>);

#[derive(Default)]
struct Read {
    bytes: u64,
    quick: QuickXor,
    sha256: Option<Context>,
}

impl Tally {
    /// One whose beginning is to be recognised later, by a digest that nobody can aim at.
    pub fn recognisable() -> Self {
        let tally = Self::default();
        tally.lock().sha256 = Some(Context::new(&SHA256));
        tally
    }

    pub(super) fn add(&self, bytes: &[u8]) {
        let mut read = self.lock();
        read.bytes += bytes.len() as u64;
        read.quick.add(bytes);
        if let Some(digest) = &mut read.sha256 {
            digest.update(bytes);
        }
    }

    /// Bytes read.
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// As OneDrive and SharePoint give it for an item: `file.hashes.quickXorHash`.
    pub fn quick_xor_hash(&self) -> String {
        self.lock().quick.to_base64()
    }

    /// SHA-256 of what was read, where it is recognisable.
    pub fn sha256(&self) -> Option<[u8; 32]> {
        let digest = self.lock().sha256.clone()?.finish();
        digest.as_ref().try_into().ok()
    }

    fn lock(&self) -> MutexGuard<'_, Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tally")
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
