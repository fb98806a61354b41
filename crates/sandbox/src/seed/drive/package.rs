//! A ZIP archive that stores its parts, which is what an Office file is.

/// Parts in the order in which they were added.
#[derive(Default)]
pub(super) struct Package {
    parts: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Package {
    pub(super) fn add(&mut self, name: &str, text: &str) {
        let offset = length(&self.parts);
        // Version 2.0, no flags, stored, 1 January 2026.
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5c];
        common.extend(crc32(text.as_bytes()).to_le_bytes());
        common.extend(length(text.as_bytes()).to_le_bytes());
        common.extend(length(text.as_bytes()).to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
        common.extend([0, 0]);
        self.parts.extend(b"PK\x03\x04");
        self.parts.extend(&common);
        self.parts.extend(name.as_bytes());
        self.parts.extend(text.as_bytes());
        self.directory.extend(b"PK\x01\x02\x14\x00");
        self.directory.extend(&common);
        self.directory.extend([0; 10]);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.count += 1;
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend(self.count.to_le_bytes());
        end.extend(self.count.to_le_bytes());
        end.extend(length(&self.directory).to_le_bytes());
        end.extend(length(&self.parts).to_le_bytes());
        end.extend([0, 0]);
        [self.parts, self.directory, end].concat()
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or_default()
}

/// The checksum of ZIP and PNG.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = sum & 1;
            sum = sum >> 1 ^ if carry == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
