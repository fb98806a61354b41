//! A path of Microsoft Graph as Microsoft reads it, segment by segment, before anybody says what the segments mean.

use connections::Snapshot;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str};
use url::Url;

/// What ids and names of people are made of.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'@');

/// The path behind the API's version, still encoded. `None` for what is no address of the API.
pub(super) fn below_root<'a>(snapshot: &Snapshot, url: &'a Url) -> Option<&'a str> {
    let root = snapshot.api_root().ok()?;
    let (base, _) = root.path().rsplit_once('/')?;
    let rest = url.path().strip_prefix(base)?.strip_prefix('/')?;
    let (version, path) = rest.split_once('/')?;
    let is_api = url.origin() == root.origin() && matches!(version, "v1.0" | "beta");
    is_api.then_some(path)
}

/// The segments, decoded once, a key in quotes as one of its own. `None` where somebody else might read others.
pub(super) fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    for raw in path.split('/') {
        let text = percent_decode_str(raw).decode_utf8().ok()?;
        let again = percent_decode_str(&text).decode_utf8().ok()?;
        let is_hazard = text.is_empty()
            || text == "."
            || text == ".."
            || text.contains(['/', '\\'])
            || text.contains(char::is_control)
            || again != text;
        if is_hazard {
            return None;
        }
        match text
            .strip_suffix("')")
            .and_then(|text| text.split_once("('"))
        {
            Some((name, key)) if name.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                segments.push(name.to_owned());
                segments.push(key.replace("''", "'"));
            }
            _ => segments.push(text.into_owned()),
        }
    }
    Some(segments)
}

/// A name of Microsoft's, as it is compared.
pub(super) fn word(segment: &str) -> String {
    let word = segment.to_ascii_lowercase();
    match word.strip_prefix("microsoft.graph.") {
        Some(rest) => rest.to_owned(),
        None => word,
    }
}

/// An id or a name of somebody, as it stands in a path.
pub(super) fn encoded(segment: &str) -> String {
    percent_encoding::utf8_percent_encode(segment, KEPT).to_string()
}

/// Whether `text` is a GUID, as ids of people and sites are.
pub(super) fn is_guid(text: &str) -> bool {
    let is_place = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_place)
}
