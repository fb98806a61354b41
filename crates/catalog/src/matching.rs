//! From a raw request to the operation that it is. The segments of all paths lie in one tree for each API, made when the crate
//! is built; a request walks it once.

use std::borrow::Cow;

use model::Api;
use percent_encoding::percent_decode_str;

use crate::compiled::{BUSINESS_CENTRAL, DATAVERSE, GRAPH, OPERATIONS};
use crate::{Operation, TargetKind, encode};

/// The operation that a raw request is.
#[derive(Debug, Clone)]
pub struct Matched {
    pub operation: &'static Operation,
    /// Path parameters by name, decoded.
    pub parameters: Vec<(&'static str, String)>,
}

/// A path that Microsoft might read otherwise than we do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment {position} of the path {reason}")]
pub struct PathError {
    /// From one.
    pub position: usize,
    pub reason: &'static str,
}

impl PathError {
    pub fn code(&self) -> &'static str {
        "path.refused"
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    /// By lower-case text, sorted.
    pub(crate) literals: &'static [(&'static str, Self)],
    /// The most particular first.
    pub(crate) patterns: &'static [(Pattern, Self)],
    pub(crate) leaves: &'static [Leaf],
}

#[derive(Debug)]
pub(crate) enum Pattern {
    /// Lower-case literals with a capture between each two.
    Segment(&'static [&'static str]),
    /// One segment or more, up to the first that ends with `:`, or all that are left when the text here is empty.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no path below a drive is in the catalogue yet")
    )]
    Rest(&'static str),
}

#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) method: &'static str,
    pub(crate) operation: usize,
    pub(crate) captures: &'static [&'static str],
    /// Names of query options, lower case and without `$`.
    pub(crate) requires: &'static [&'static str],
}

/// The operation that `method` on `path` is; `None` when the catalogue has none such.
///
/// `path` is what follows the API's version, still encoded; it is decoded once. `query` is what follows `?`, or empty; it
/// tells apart operations that share a path. [`PathError`] for dot segments, encoded slashes, double encodings and control
/// characters: no such request should be sent, matched or not.
pub fn matching(
    api: Api,
    method: &str,
    path: &str,
    query: &str,
) -> Result<Option<Matched>, PathError> {
    let segments = segments(api, path)?;
    let root = match api {
        Api::Graph => &GRAPH,
        Api::Dataverse => &DATAVERSE,
        Api::BusinessCentral => &BUSINESS_CENTRAL,
    };
    let mut walk = Walk {
        method,
        query,
        captured: Vec::new(),
    };
    let Some(leaf) = walk.down(root, &segments) else {
        return Ok(None);
    };
    Ok(Some(Matched {
        operation: &OPERATIONS[leaf.operation],
        parameters: leaf.captures.iter().copied().zip(walk.captured).collect(),
    }))
}

impl Matched {
    /// What the request acts on: a mailbox, `me` for the user's own; a drive, site, table or company.
    pub fn target(&self) -> Option<String> {
        if self.operation.target.kind == TargetKind::None {
            return None;
        }
        self.operation.target_of(|wanted| {
            let mut parameters = self.parameters.iter();
            parameters
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.clone())
        })
    }
}

/// One path segment, decoded.
struct Segment<'a> {
    text: Cow<'a, str>,
    /// The form that literals are compared in.
    lower: Cow<'a, str>,
}

impl<'a> Segment<'a> {
    fn new(text: Cow<'a, str>) -> Self {
        let lower = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            text.clone()
        };
        Self { text, lower }
    }
}

fn segments(api: Api, path: &str) -> Result<Vec<Segment<'_>>, PathError> {
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

struct Walk<'a> {
    method: &'a str,
    query: &'a str,
    captured: Vec<String>,
}

impl Walk<'_> {
    fn down(&mut self, node: &'static Node, rest: &[Segment<'_>]) -> Option<&'static Leaf> {
        let Some((segment, after)) = rest.split_first() else {
            return self.leaf(node);
        };
        let literal = segment.lower.strip_prefix("microsoft.graph.");
        let literal = literal.unwrap_or(&segment.lower);
        if let Ok(index) = node
            .literals
            .binary_search_by(|(text, _)| (*text).cmp(literal))
            && let Some(leaf) = self.down(&node.literals[index].1, after)
        {
            return Some(leaf);
        }
        let before = self.captured.len();
        for (pattern, next) in node.patterns {
            let taken = match pattern {
                Pattern::Segment(parts) => self.capture(parts, segment).then_some(1),
                Pattern::Rest(suffix) => self.capture_rest(suffix, rest),
            };
            if let Some(leaf) = taken.and_then(|taken| self.down(next, &rest[taken..])) {
                return Some(leaf);
            }
            self.captured.truncate(before);
        }
        None
    }

    fn leaf(&self, node: &'static Node) -> Option<&'static Leaf> {
        node.leaves.iter().find(|leaf| {
            leaf.method == self.method && leaf.requires.iter().all(|name| self.has_option(name))
        })
    }

    fn has_option(&self, wanted: &str) -> bool {
        self.query.split('&').any(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = percent_decode_str(name).decode_utf8_lossy();
            name.strip_prefix('$')
                .unwrap_or(&name)
                .eq_ignore_ascii_case(wanted)
        })
    }

    /// Takes what stands between the literals. Nothing is taken that begins with `$`: `$value`, `$count` and `$ref` are
    /// operations of their own.
    fn capture(&mut self, parts: &[&str], segment: &Segment<'_>) -> bool {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return false;
        };
        let (text, lower) = (&*segment.text, &*segment.lower);
        if text.starts_with('$') || !lower.starts_with(first) {
            return false;
        }
        let mut at = first.len();
        for (index, part) in parts.iter().enumerate().skip(1) {
            let end = if index + 1 == parts.len() {
                lower.ends_with(last).then(|| lower.len() - last.len())
            } else {
                lower[at..].find(part).map(|found| at + found)
            };
            match end {
                Some(end) if end > at => {
                    self.captured.push(text[at..end].to_owned());
                    at = end + part.len();
                }
                _ => return false,
            }
        }
        true
    }

    fn capture_rest(&mut self, suffix: &str, rest: &[Segment<'_>]) -> Option<usize> {
        let colon = rest.iter().position(|segment| segment.text.ends_with(':'));
        let taken = match colon {
            Some(index) if !suffix.is_empty() => index + 1,
            None if suffix.is_empty() => rest.len(),
            _ => return None,
        };
        let texts: Vec<_> = rest[..taken].iter().map(|segment| &*segment.text).collect();
        let path = texts.join("/");
        self.captured.push(path.strip_suffix(suffix)?.to_owned());
        Some(taken)
    }
}
