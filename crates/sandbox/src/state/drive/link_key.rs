//! Signatures of pre-authenticated addresses. Nothing is kept of an address that was given out: it carries its end and a
//! signature, as at Microsoft.

use sha2::{Digest, Sha256};

use crate::entra::secrets;

/// Drawn anew at each start, so that addresses of an earlier run are refused.
#[derive(Clone)]
pub(crate) struct LinkKey([u8; 32]);

impl Default for LinkKey {
    fn default() -> Self {
        Self(secrets::random())
    }
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LinkKey")
    }
}

impl LinkKey {
    /// The signature of what an address opens and until when.
    pub(crate) fn sign(&self, text: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(text);
        hash.update(self.0);
        secrets::hash(&format!("{:?}", hash.finalize()))
    }
}
