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

/// Names and bodies of the parts that are stored as they are.
pub(super) fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(part) = first_part(rest) {
        let (name, body, after) = part;
        found.push((name, body));
        rest = after;
    }
    found
}

/// The part at the beginning, and what follows it.
fn first_part(bytes: &[u8]) -> Option<(String, Vec<u8>, &[u8])> {
    let header = bytes.strip_prefix(b"PK\x03\x04")?;
    let number = |at: usize, width: usize| {
        let bytes = header.get(at..at + width)?;
        let folded = bytes.iter().rev();
        Some(folded.fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let is_stored = number(4, 2)? == 0;
    let (size, name_length, extra) = (number(14, 4)?, number(22, 2)?, number(24, 2)?);
    let name = header.get(26..26 + name_length)?;
    let start = 26 + name_length + extra;
    let body = header.get(start..start.checked_add(size)?)?;
    let body = if is_stored { body.to_vec() } else { Vec::new() };
    let name = String::from_utf8_lossy(name).into_owned();
    Some((name, body, &header[start + size..]))
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
