//! Certificates as people have them: PEM text, or the Base64 inside it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The DER of the first certificate in a text, RFC 7468. None when there is no readable one.
pub(crate) fn certificate(text: &str) -> Option<Vec<u8>> {
    let inside = match text.split_once(BEGIN) {
        Some((_, after)) => after.split_once(END)?.0,
        None => text,
    };
    let compact: String = inside.split_whitespace().collect();
    let der = STANDARD.decode(compact).ok()?;
    // Microsoft Graph's `key` is Base64 of whatever file was uploaded, PEM among them.
    match std::str::from_utf8(&der) {
        Ok(nested) if nested.contains(BEGIN) && !text.contains(BEGIN) => certificate(nested),
        _ => Some(der),
    }
}
