//! A picture.

use super::package::crc32;

/// A picture of shaded squares.
pub(crate) fn png(width: u8, height: u8) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        // Each line begins with its filter: none.
        pixels.push(0);
        for x in 0..width {
            let is_dark = (x / 16 + y / 16) % 2 == 0;
            pixels.extend(if is_dark {
                [0x1f, 0x4e, 0x79]
            } else {
                [0xdd, 0xe8, 0xf3]
            });
        }
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // Eight bits a channel, red, green and blue.
    let header = [0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0];
    for (kind, body) in [
        (b"IHDR", header.to_vec()),
        (b"IDAT", stored(&pixels)),
        (b"IEND", Vec::new()),
    ] {
        let length = u32::try_from(body.len()).unwrap_or_default();
        let named = [kind.as_slice(), &body].concat();
        file.extend(length.to_be_bytes());
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    }
    file
}

/// A zlib stream that stores, in one block: pictures here are below 64 KiB.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(bytes);
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}
