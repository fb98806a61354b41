//! Certificates as they are registered.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::entra::der::Certificate;
use crate::state::directory::KeyCredential;

/// A credential for a certificate in DER. None when it is no certificate.
pub(crate) fn credential(key_id: String, name: &str, der: &[u8]) -> Option<KeyCredential> {
    let certificate = Certificate::read(der)?;
    let hash = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, der));
    Some(KeyCredential {
        key_id,
        display_name: name.to_owned(),
        certificate: STANDARD.encode(der),
        sha1: hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        sha256: hash(&digest::SHA256),
        starts_at: instant(certificate.not_before)?,
        ends_at: instant(certificate.not_after)?,
    })
}

/// The `SubjectPublicKeyInfo` of a registered certificate.
pub(super) fn public_key(key: &KeyCredential) -> Option<Vec<u8>> {
    let der = STANDARD.decode(&key.certificate).ok()?;
    Some(Certificate::read(&der)?.public_key.to_vec())
}

/// `UTCTime` has two digits of the year, of which fifty begins the last century; `GeneralizedTime` has four.
fn instant(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let whole = match text.len() {
        13 if text < "50" => format!("20{text}"),
        13 => format!("19{text}"),
        _ => text.to_owned(),
    };
    let civil = DateTime::strptime("%Y%m%d%H%M%SZ", whole).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        let read = |text: &str| instant(text.as_bytes()).map(|at| at.to_string());
        assert_eq!(
            read("491231235959Z").as_deref(),
            Some("2049-12-31T23:59:59Z")
        );
        assert_eq!(
            read("500101000000Z").as_deref(),
            Some("1950-01-01T00:00:00Z")
        );
        assert_eq!(
            read("20500101000000Z").as_deref(),
            Some("2050-01-01T00:00:00Z")
        );
        assert_eq!(read("nonsense"), None);
    }
}
