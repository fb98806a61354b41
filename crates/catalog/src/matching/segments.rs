use std::borrow::Cow;

use model::Api;
use percent_encoding::percent_decode_str;

use super::PathError;
use crate::encode;

/// One path segment, decoded.
pub(super) struct Segment<'a> {
    pub(super) text: Cow<'a, str>,
    /// The form that literals are compared in.
    pub(super) lower: Cow<'a, str>,
}

impl<'a> Segment<'a> {
    pub(super) fn new(text: Cow<'a, str>) -> Self {
        let lower = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            text.clone()
        };
        Self { text, lower }
    }
}

/// The segments of a path, decoded once, each checked to be one and to be read in one way only.
pub(super) fn segments(api: Api, path: &str) -> Result<Vec<Segment<'_>>, PathError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = Vec::with_capacity(8);
    // Between two colons a path names files and folders, whose names may be almost anything.
    let mut is_file_name = false;
    for (position, raw) in (1..).zip(path.split('/')) {
        let refused = |reason| PathError { position, reason };
        let text = decode(raw).map_err(refused)?;
        let ends_in_colon = text.ends_with(':');
        if !is_file_name && !is_quoted(&text) {
            plain(raw, &text).map_err(refused)?;
        }
        if ends_in_colon {
            is_file_name = !is_file_name;
        }
        if api != Api::Graph {
            segments.push(Segment::new(text));
            continue;
        }
        match key_in_quotes(&text) {
            Some((_, key)) if !is_escaped(key) => {
                return Err(refused("holds a quote within a key"));
            }
            Some((collection, key)) => {
                let key = key.replace("''", "'");
                segments.push(Segment::new(Cow::Owned(collection.to_owned())));
                segments.push(Segment::new(Cow::Owned(key)));
            }
            None => segments.push(Segment::new(text)),
        }
    }
    Ok(segments)
}

/// What no name or id of Microsoft's has, and what one reader of a URL drops or changes where another keeps it: parameters
/// behind a `;`, blanks and dots at the end, letters that become `/`, `\`, `.`, `%` or `?` in another alphabet.
fn plain(raw: &str, text: &str) -> Result<(), &'static str> {
    if raw.contains(';') {
        return Err("has parameters behind a `;`");
    }
    if text.ends_with('.')
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
    {
        return Err("begins or ends with a blank, or ends with a dot");
    }
    if text.starts_with('@') {
        return Err("is an alias, whose value is elsewhere");
    }
    if text.contains(is_lookalike) {
        return Err("holds a letter that another alphabet reads as part of a path");
    }
    Ok(())
}

fn is_lookalike(letter: char) -> bool {
    matches!(
        letter,
        '\u{2024}'..='\u{2026}'
            | '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29f8}' | '\u{29f9}' | '\u{fe52}'
            | '\u{ff05}' | '\u{ff0e}' | '\u{ff0f}' | '\u{ff1f}' | '\u{ff3c}' | '\u{fe68}' | '\u{fe6a}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
    )
}

/// Whether the segment ends with a text in quotes: what stands there is what somebody looks for, and no name.
fn is_quoted(text: &str) -> bool {
    text.ends_with("')") && text.contains("='")
}

/// Whether each quote is doubled.
fn is_escaped(key: &str) -> bool {
    !key.replace("''", "").contains('\'')
}

fn decode(raw: &str) -> Result<Cow<'_, str>, &'static str> {
    if raw.is_empty() {
        return Err("is empty");
    }
    if raw.contains(['?', '#']) {
        return Err("holds `?` or `#`");
    }
    let text = percent_decode_str(raw)
        .decode_utf8()
        .map_err(|_| "is not UTF-8")?;
    if raw.contains('%') && !is_well_encoded(raw) {
        return Err("has a `%` that encodes nothing");
    }
    if encode::is_encoded(&text) {
        return Err("is percent-encoded twice");
    }
    encode::hazard(&text)?;
    Ok(text)
}

/// Whether each `%` is followed by two hexadecimal digits.
fn is_well_encoded(raw: &str) -> bool {
    raw.split('%')
        .skip(1)
        .all(|part| part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

/// Graph takes `users('adele@contoso.com')` for `users/adele@contoso.com`.
fn key_in_quotes(text: &str) -> Option<(&str, &str)> {
    let (collection, key) = text.strip_suffix("')")?.split_once("('")?;
    let is_name = !collection.is_empty() && collection.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_name && !key.is_empty()).then_some((collection, key))
}
