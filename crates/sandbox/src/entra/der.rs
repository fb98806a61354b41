//! Just enough DER to find a public key in a certificate, X.690 and RFC 5280.

const SEQUENCE: u8 = 0x30;
/// The optional version of a certificate, `[0]`.
const VERSION: u8 = 0xa0;

/// The first element: its tag, its content, all of its bytes, and what follows it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Element<'a> {
    /// None for anything that is not a whole element of definite length.
    fn read(der: &'a [u8]) -> Option<Self> {
        let (&tag, after_tag) = der.split_first()?;
        let (&first, after_first) = after_tag.split_first()?;
        let (length, after_length) = if first < 0x80 {
            (usize::from(first), after_first)
        } else {
            let (bytes, rest) = after_first.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.is_empty() || bytes.len() > 4 {
                return None;
            }
            let fold = |length: usize, byte: &u8| length << 8 | usize::from(*byte);
            (bytes.iter().fold(0, fold), rest)
        };
        let (content, rest) = after_length.split_at_checked(length)?;
        Some(Self {
            tag,
            content,
            whole: &der[..der.len() - rest.len()],
            rest,
        })
    }

    fn sequence(der: &'a [u8]) -> Option<Self> {
        Self::read(der).filter(|element| element.tag == SEQUENCE)
    }
}

/// What a certificate says that a credential needs.
pub(crate) struct Certificate<'a> {
    /// The `SubjectPublicKeyInfo`, whole.
    pub(crate) public_key: &'a [u8],
    /// `UTCTime` or `GeneralizedTime` of both ends, as text.
    pub(crate) not_before: &'a [u8],
    pub(crate) not_after: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// None when these bytes are no certificate.
    pub(crate) fn read(der: &'a [u8]) -> Option<Self> {
        let certificate = Element::sequence(der)?;
        let body = Element::sequence(certificate.content)?;
        let mut serial = Element::read(body.content)?;
        if serial.tag == VERSION {
            serial = Element::read(serial.rest)?;
        }
        let algorithm = Element::read(serial.rest)?;
        let issuer = Element::read(algorithm.rest)?;
        let validity = Element::read(issuer.rest)?;
        let subject = Element::read(validity.rest)?;
        let key = Element::sequence(subject.rest)?;
        let not_before = Element::read(validity.content)?;
        let not_after = Element::read(not_before.rest)?;
        Some(Self {
            public_key: key.whole,
            not_before: not_before.content,
            not_after: not_after.content,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn whatever_the_bytes_are_reading_them_ends_well(bytes: Vec<u8>) {
            let _ = Certificate::read(&bytes);
            let nested = [[0x30, 0x06, 0x30, 0x04].as_slice(), &bytes].concat();
            let _ = Certificate::read(&nested);
        }
    }
}
