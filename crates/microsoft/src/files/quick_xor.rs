use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bits of the hash, and how far each byte is shifted against the one before.
const BITS: usize = 160;
const SHIFT: usize = 11;

/// The hash that OneDrive for Business and SharePoint keep of each file: it notices a change that nobody aimed at it.
///
/// Bytes whose places differ by 160 are shifted alike, since 11 x 160 is a multiple of 160; so they are folded onto each
/// other as they come, and shifted once at the end.
/// Source: <https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash>
#[derive(Debug, Clone)]
pub(crate) struct QuickXor {
    folded: [u8; BITS],
    length: u64,
}

impl Default for QuickXor {
    fn default() -> Self {
        Self {
            folded: [0; BITS],
            length: 0,
        }
    }
}

impl QuickXor {
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let at = usize::try_from(self.length % BITS as u64).unwrap_or_default();
            let (now, later) = bytes.split_at(bytes.len().min(BITS - at));
            for (place, byte) in self.folded[at..].iter_mut().zip(now) {
                *place ^= byte;
            }
            self.length += now.len() as u64;
            bytes = later;
        }
    }

    pub(crate) fn to_base64(&self) -> String {
        let mut hash = [0_u8; BITS / 8];
        for (place, byte) in self.folded.iter().enumerate() {
            let bit = place * SHIFT % BITS;
            let [low, high] = (u16::from(*byte) << (bit % 8)).to_le_bytes();
            hash[bit / 8] ^= low;
            hash[(bit / 8 + 1) % hash.len()] ^= high;
        }
        for (place, byte) in hash[12..].iter_mut().zip(self.length.to_le_bytes()) {
            *place ^= byte;
        }
        STANDARD.encode(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit, as the page describes it.
    fn slowly(bytes: &[u8]) -> String {
        let mut bits = [false; BITS];
        for (place, byte) in bytes.iter().enumerate() {
            for bit in 0..8 {
                bits[(place * SHIFT + bit) % BITS] ^= byte >> bit & 1 == 1;
            }
        }
        let mut hash: Vec<u8> = bits
            .chunks(8)
            .map(|bits| (0..8).fold(0, |byte, bit| byte | u8::from(bits[bit]) << bit))
            .collect();
        for (place, byte) in (bytes.len() as u64).to_le_bytes().iter().enumerate() {
            hash[12 + place] ^= byte;
        }
        STANDARD.encode(hash)
    }

    #[test]
    fn it_is_the_same_however_the_bytes_come() {
        let bytes: Vec<u8> = (0..1_000_u32).map(|at| (at * at % 251) as u8).collect();
        for length in [0, 1, 19, 20, 159, 160, 161, 1_000] {
            for piece in [1, 7, 160, 333] {
                let mut hash = QuickXor::default();
                bytes[..length]
                    .chunks(piece)
                    .for_each(|piece| hash.add(piece));
                assert_eq!(
                    hash.to_base64(),
                    slowly(&bytes[..length]),
                    "{length}, {piece}"
                );
            }
        }
    }
}
