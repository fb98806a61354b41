//! What a secret looks like wherever it may have come to lie: as it is, in base64 of any kind and alignment, in
//! hexadecimal, and escaped for JSON or a URL.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Of a longer secret, two pieces of this length are looked for, since a database cuts what does not fit into a page.
const PIECE: usize = 32;
/// What is shown of a secret that was found.
const SHOWN: usize = 6;

/// Many texts, to be looked for at once.
pub(crate) struct Needles {
    texts: Vec<(Vec<u8>, String)>,
    /// Which texts begin with these bytes.
    by_start: HashMap<[u8; 4], Vec<usize>>,
    /// Whether any begins with these two: most places need no closer look.
    starts: Vec<bool>,
}

impl Needles {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles = Self {
            texts: Vec::new(),
            by_start: HashMap::new(),
            starts: vec![false; 1 << 16],
        };
        for secret in secrets {
            assert!(
                secret.len() >= 8,
                "`{secret}` is too short to be told from chance"
            );
            for piece in pieces(secret) {
                for (form, text) in forms(piece) {
                    let shown: String = secret.chars().take(SHOWN).collect();
                    needles.add(text, format!("{shown}…, {form}"));
                }
            }
        }
        needles
    }

    /// Descriptions of those that occur.
    pub(crate) fn found_in(&self, haystack: &[u8]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (place, window) in haystack.windows(4).enumerate() {
            if !self.starts[usize::from(window[0]) << 8 | usize::from(window[1])] {
                continue;
            }
            for &index in self.by_start.get(window).into_iter().flatten() {
                let (text, description) = &self.texts[index];
                if haystack[place..].starts_with(text) && !found.contains(description) {
                    found.push(description.clone());
                }
            }
        }
        found
    }

    fn add(&mut self, text: Vec<u8>, description: String) {
        let start = [text[0], text[1], text[2], text[3]];
        self.starts[usize::from(start[0]) << 8 | usize::from(start[1])] = true;
        self.by_start
            .entry(start)
            .or_default()
            .push(self.texts.len());
        self.texts.push((text, description));
    }
}

/// The whole of a short secret; of a long one its end and its middle. The start of a token is no secret: its header.
fn pieces(secret: &str) -> Vec<&str> {
    if !secret.is_ascii() || secret.len() < 2 * PIECE {
        return vec![secret];
    }
    let middle = secret.len() / 2;
    vec![
        &secret[secret.len() - PIECE..],
        &secret[middle - PIECE / 2..middle + PIECE / 2],
    ]
}

fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = serde_json::to_string(text).unwrap();
    let json = json[1..json.len() - 1].to_owned();
    let url = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let hex = hex::encode(text);
    let mut forms = vec![
        ("as it is", text.to_owned()),
        ("in JSON", json.replace('/', "\\/")),
        ("in JSON", json),
        ("in a URL", url.to_lowercase()),
        ("in a URL", url),
        ("in a form", form),
        ("in hexadecimal", hex.to_uppercase()),
        ("in hexadecimal", hex),
    ];
    for alignment in 0..3 {
        forms.push(("in base64", base64(&STANDARD_NO_PAD, text, alignment)));
        forms.push(("in base64", base64(&URL_SAFE_NO_PAD, text, alignment)));
    }
    forms
        .into_iter()
        .map(|(form, text)| (form, text.into_bytes()))
        .collect()
}

/// What is the same in every base64 that holds the text `alignment` bytes after a multiple of three.
fn base64(engine: &impl Engine, text: &str, alignment: usize) -> String {
    let bytes = [&[0; 2][..alignment], text.as_bytes()].concat();
    let encoded = engine.encode(&bytes);
    // Characters that hold bits of what is before or after differ from place to place.
    let before = [0, 2, 3][alignment];
    let whole = bytes.len() * 8 / 6;
    encoded[before..whole].to_owned()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    const SECRET: &str = "a \"secret\"/pass?word>~";

    fn is_found(haystack: &str) -> bool {
        !Needles::new([SECRET])
            .found_in(haystack.as_bytes())
            .is_empty()
    }

    #[test]
    fn a_secret_is_found_in_every_disguise() {
        assert!(is_found(&format!("x{SECRET}y")));
        assert!(is_found(
            &serde_json::json!({ "password": SECRET }).to_string()
        ));
        assert!(is_found(
            &utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string()
        ));
        let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        assert!(is_found(&form));
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy"] {
                let text = format!("{before}{SECRET}{after}");
                assert!(is_found(&STANDARD.encode(&text)), "{text}");
                assert!(is_found(&URL_SAFE.encode(&text)), "{text}");
                assert!(is_found(&URL_SAFE_NO_PAD.encode(&text)), "{text}");
            }
        }
        assert!(!is_found("a secret/password, and nothing of ours"));
    }

    #[test]
    fn half_of_a_long_secret_is_enough() {
        let secret: String = ('!'..='~').cycle().step_by(7).take(200).collect();
        let needles = Needles::new([secret.as_str()]);
        assert!(!needles.found_in(&secret.as_bytes()[..130]).is_empty());
        assert!(!needles.found_in(&secret.as_bytes()[130..]).is_empty());
        assert!(needles.found_in(&secret.as_bytes()[..60]).is_empty());
    }
}
