//! The self-signed certificate that a signing key is published with. Some clients read the key from it (`x5c`), and its
//! thumbprint names the key (`kid`, `x5t`).

/// `sha256WithRSAEncryption` with its empty parameters, RFC 4055.
const SHA256_WITH_RSA: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00,
];
/// `rsaEncryption` with its empty parameters.
const RSA: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];
const NAME: &str = "sandbox signing key";
/// Fixed, so that the same key always has the same thumbprint.
const NOT_BEFORE: &str = "200101000000Z";
const NOT_AFTER: &str = "491231235959Z";

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// A certificate in DER for a public key in PKCS #1, signed by `sign`. RFC 5280 section 4.1.
pub(super) fn self_signed(
    public_key: &[u8],
    serial: [u8; 16],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let body = to_be_signed(public_key, serial);
    let signature = bit_string(&sign(&body));
    element(SEQUENCE, &[&body, &SHA256_WITH_RSA, &signature])
}

fn to_be_signed(public_key: &[u8], mut serial: [u8; 16]) -> Vec<u8> {
    // A serial number is positive and has no leading zero byte.
    serial[0] = serial[0] & 0x7f | 0x40;
    let version = element(VERSION, &[&element(INTEGER, &[&[2]])]);
    let validity = [NOT_BEFORE, NOT_AFTER].map(|at| element(UTC_TIME, &[at.as_bytes()]));
    let key = element(SEQUENCE, &[&RSA, &bit_string(public_key)]);
    let name = name();
    element(
        SEQUENCE,
        &[
            &version,
            &element(INTEGER, &[&serial]),
            &SHA256_WITH_RSA,
            &name,
            &element(SEQUENCE, &[&validity[0], &validity[1]]),
            &name,
            &key,
        ],
    )
}

fn name() -> Vec<u8> {
    let text = element(UTF8_STRING, &[NAME.as_bytes()]);
    let attribute = element(SEQUENCE, &[&COMMON_NAME, &text]);
    element(SEQUENCE, &[&element(SET, &[&attribute])])
}

/// Whole bytes, so none of the bits at the end is unused.
fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}

/// A DER element around the given parts.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut der = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let first = length.iter().take_while(|byte| **byte == 0).count();
            let length = &length[first..];
            // A length has at most eight bytes.
            der.push(0x80 | u8::try_from(length.len()).unwrap_or(8));
            der.extend_from_slice(length);
        }
    }
    der.extend(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_in_their_shortest_form() {
        assert_eq!(element(SEQUENCE, &[&[1; 3]])[..2], [0x30, 3]);
        assert_eq!(element(SEQUENCE, &[&[1; 0x7f]])[..2], [0x30, 0x7f]);
        assert_eq!(element(SEQUENCE, &[&[1; 0x80]])[..3], [0x30, 0x81, 0x80]);
        assert_eq!(element(SEQUENCE, &[&[1; 300]])[..4], [0x30, 0x82, 1, 44]);
    }
}
