//! A batch's body, taken apart. Total: any bytes give its requests or none.

use bytes::Bytes;
use http::Method;

/// Largest nesting: a change set in a batch.
const MAX_DEPTH: usize = 1;

/// What a batch holds.
pub(super) enum Item {
    Single(Inner),
    ChangeSet(Vec<Inner>),
}

impl Item {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Single(_) => 1,
            Self::ChangeSet(inners) => inners.len(),
        }
    }
}

/// A request within a batch.
pub(super) struct Inner {
    pub(super) content_id: Option<String>,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// The requests of a body; `None` for what is no batch.
pub(super) fn read(content_type: &str, body: &[u8]) -> Option<Vec<Item>> {
    parts(content_type, body)?
        .into_iter()
        .map(|part| item(part, 0))
        .collect()
}

fn item(part: &[u8], depth: usize) -> Option<Item> {
    let (headers, content) = head(part)?;
    let content_type = find(&headers, "content-type")?;
    if content_type
        .to_ascii_lowercase()
        .starts_with("multipart/mixed")
    {
        if depth >= MAX_DEPTH {
            return None;
        }
        let inners = parts(content_type, content)?
            .into_iter()
            .map(|part| match item(part, depth + 1)? {
                Item::Single(inner) => Some(inner),
                Item::ChangeSet(_) => None,
            })
            .collect::<Option<_>>()?;
        return Some(Item::ChangeSet(inners));
    }
    let content_id = find(&headers, "content-id").map(str::to_owned);
    let (line, rest) = line(content)?;
    let line = std::str::from_utf8(line).ok()?.trim();
    let (method, rest_of_line) = line.split_once(' ')?;
    // Addresses may hold blanks, as some clients write filters.
    let url = rest_of_line
        .rsplit_once(" HTTP/")
        .map_or(rest_of_line, |(url, _)| url);
    let (headers, body) = head(rest).unwrap_or_default();
    Some(Item::Single(Inner {
        content_id,
        method: method.parse().ok()?,
        url: url.trim().to_owned(),
        headers,
        body: Bytes::copy_from_slice(trimmed(body)),
    }))
}

/// What lies between the boundaries.
fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let boundary = content_type.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"'))
    })?;
    if boundary.is_empty() {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let end = format!("{delimiter}--");
    let (mut found, mut start, mut at) = (Vec::new(), None, 0);
    while at < body.len() {
        let (text, _) = line(&body[at..])?;
        let next = at + text.len() + newline(&body[at + text.len()..]);
        let bare = text.trim_ascii();
        if bare == delimiter.as_bytes() || bare == end.as_bytes() {
            if let Some(start) = start {
                found.push(&body[start..at]);
            }
            if bare == end.as_bytes() {
                return Some(found);
            }
            start = Some(next);
        }
        at = next;
    }
    // A batch that was cut off is none.
    None
}

/// The first line, and what follows it.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(text.len());
    let rest = text.get(end + 1..).unwrap_or_default();
    let line = text.get(..end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// Length of the line's end.
fn newline(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\n', ..] => 2,
        [] => 0,
        _ => 1,
    }
}

type Head<'a> = (Vec<(String, String)>, &'a [u8]);

/// Headers up to an empty line, and what follows it.
fn head(mut text: &[u8]) -> Option<Head<'_>> {
    let mut headers = Vec::new();
    while !text.is_empty() {
        let (first, rest) = line(text)?;
        text = rest;
        if first.is_empty() {
            break;
        }
        let (name, value) = std::str::from_utf8(first).ok()?.split_once(':')?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Some((headers, text))
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// Without the line end that belongs to the boundary.
fn trimmed(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: &str = "--b\r\nContent-Type: application/http\r\n\r\nGET accounts?$filter=name eq 'a' HTTP/1.1\r\nAccept: x\r\n\r\n\r\n--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPOST /accounts HTTP/1.1\r\n\r\n{}\r\n--c--\r\n\r\n--b--\r\n";

    #[test]
    fn requests_and_change_sets_are_taken_apart() {
        let items = read("multipart/mixed; boundary=\"b\"", BATCH.as_bytes()).unwrap_or_default();
        let [Item::Single(get), Item::ChangeSet(set)] = &items[..] else {
            panic!("two items were expected");
        };
        assert_eq!(get.url, "accounts?$filter=name eq 'a'");
        assert_eq!(
            (set[0].content_id.as_deref(), set[0].body.as_ref()),
            (Some("1"), &b"{}"[..])
        );
        assert!(read("multipart/mixed; boundary=b", &BATCH.as_bytes()[..200]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in "(--b|--c|\r\n|\n|Content-Type: multipart/mixed;boundary=c|Content-Type: application/http|GET a HTTP/1.1|--|[a:/ ]){0,30}") {
            let _ = read("multipart/mixed; boundary=b", text.as_bytes());
        }
    }
}
