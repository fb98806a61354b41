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

/// The segments of a path, decoded once, each checked to be one.
pub(super) fn segments(api: Api, path: &str) -> Result<Vec<Segment<'_>>, PathError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = Vec::with_capacity(8);
    for (position, raw) in (1..).zip(path.split('/')) {
        let text = decode(raw).map_err(|reason| PathError { position, reason })?;
        if api != Api::Graph {
            segments.push(Segment::new(text));
            continue;
        }
        match key_in_quotes(&text) {
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
