//! `quickXorHash`, the hash that OneDrive for work and SharePoint give of a file.
//! Source: <https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

const WIDTH_BITS: usize = 160;
const SHIFT: usize = 11;

/// Each byte is folded in 11 bits after the one before, so bytes 160 apart meet at the same place: it is enough to keep
/// one lane for each of 160 places, which a processor fills many bytes at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct QuickXor {
    lanes: Vec<u8>,
    length: u64,
}

impl Default for QuickXor {
    fn default() -> Self {
        Self {
            lanes: vec![0; WIDTH_BITS],
            length: 0,
        }
    }
}

impl QuickXor {
    /// Base64 of the hash of all of `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> String {
        let mut hash = Self::default();
        hash.update(bytes);
        hash.finish()
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let offset = usize::try_from(self.length % WIDTH_BITS as u64).unwrap_or_default();
        let (head, rest) = bytes.split_at(bytes.len().min(WIDTH_BITS - offset));
        fold(&mut self.lanes[offset..], head);
        for chunk in rest.chunks(WIDTH_BITS) {
            fold(&mut self.lanes, chunk);
        }
        self.length += bytes.len() as u64;
    }

    /// Base64 of twenty bytes.
    pub(crate) fn finish(&self) -> String {
        let mut hash = [0_u8; WIDTH_BITS / 8];
        for (place, lane) in self.lanes.iter().enumerate() {
            let bit = place * SHIFT % WIDTH_BITS;
            let spread = u16::from(*lane) << (bit % 8);
            let [low, high] = spread.to_le_bytes();
            hash[bit / 8] ^= low;
            hash[(bit / 8 + 1) % hash.len()] ^= high;
        }
        let tail = hash.len() - 8;
        for (byte, length) in hash[tail..].iter_mut().zip(self.length.to_le_bytes()) {
            *byte ^= length;
        }
        STANDARD.encode(hash)
    }
}

fn fold(lanes: &mut [u8], bytes: &[u8]) {
    for (lane, byte) in lanes.iter_mut().zip(bytes) {
        *lane ^= byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of a widely used implementation.
    #[test]
    fn known_texts_have_their_known_hashes() {
        assert_eq!(QuickXor::of(b""), "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!(
            QuickXor::of(&STANDARD.decode("Sg==").unwrap_or_default()),
            "SgAAAAAAAAAAAAAAAQAAAAAAAAA="
        );
        assert_eq!(
            QuickXor::of(&STANDARD.decode("tbQ=").unwrap_or_default()),
            "taAFAAAAAAAAAAAAAgAAAAAAAAA="
        );
    }

    #[test]
    fn it_does_not_matter_in_which_pieces_a_file_comes() {
        let bytes: Vec<u8> = (0..5_000_u32)
            .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
            .collect();
        let mut hash = QuickXor::default();
        for piece in bytes.chunks(77) {
            hash.update(piece);
        }
        assert_eq!(hash.finish(), QuickXor::of(&bytes));
    }
}
