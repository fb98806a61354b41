//! Everything that must be unguessable, the only place that asks the system for randomness.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const SECRET_ALPHABET: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

/// Fresh unguessable bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)
        .expect("the system's random source works once it has made a signing key");
    bytes
}

/// An authorization code: opaque, of about the length that Entra's have.
pub(crate) fn code() -> String {
    format!("1.AXkA{}", URL_SAFE_NO_PAD.encode(random::<420>()))
}

/// A refresh token: opaque, about a kilobyte, as clients must be ready to store.
pub(crate) fn refresh_token() -> String {
    format!("1.AXkA{}", URL_SAFE_NO_PAD.encode(random::<768>()))
}

/// What a person types for a device: nine characters, none of which looks like another.
pub(crate) fn user_code() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let drawn = random::<9>();
    let letters = drawn
        .iter()
        .map(|byte| ALPHABET[usize::from(*byte) % ALPHABET.len()]);
    letters.map(char::from).collect()
}

/// A session cookie or a form's token.
pub(crate) fn nonce() -> String {
    URL_SAFE_NO_PAD.encode(random::<24>())
}

/// A client secret in the form that Entra gives them: forty characters, with `8Q~` after the first three.
pub(crate) fn client_secret() -> String {
    let drawn: String = random::<37>()
        .iter()
        .map(|byte| char::from(SECRET_ALPHABET[usize::from(*byte) % SECRET_ALPHABET.len()]))
        .collect();
    format!("{}8Q~{}", &drawn[..3], &drawn[3..])
}

/// What is kept of any of the above.
pub(crate) fn hash(secret: &str) -> String {
    Sha256::digest(secret)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}
