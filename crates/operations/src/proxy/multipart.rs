//! `multipart/mixed`, as Dataverse takes batches and change sets in it.
//!
//! Readers differ in what they take for a boundary: with a bare line feed, with blanks behind it, as the beginning of another
//! boundary. Wherever the text of the boundary stands it has to be one, or the whole is refused.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>.

use crate::Result;
use crate::proxy::body::unreadable;

/// A part's headers by lower-case name, and what follows them.
pub(super) struct Piece<'a> {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: &'a [u8],
}

impl Piece<'_> {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The boundary that a content type names, if it is `multipart/mixed`.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let (name, value) = parameters.trim().split_once('=')?;
    let value = value.trim();
    let value = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.=+':,/?".contains(&b);
    let fits = name.trim().eq_ignore_ascii_case("boundary")
        && (1..=70).contains(&value.len())
        && value.bytes().all(is_plain);
    fits.then_some(value)
}

/// The pieces between the boundaries.
pub(super) fn pieces<'a>(bytes: &'a [u8], boundary: &str) -> Result<Vec<Piece<'a>>> {
    let odd = || unreadable("its boundaries can be read in more than one way");
    let delimiter = format!("--{boundary}").into_bytes();
    let places: Vec<usize> = memchr(bytes, &delimiter);
    let mut pieces = Vec::new();
    let mut begin = None;
    for (index, &place) in places.iter().enumerate() {
        let at_line = place == 0 || bytes[..place].ends_with(b"\r\n");
        let after = &bytes[place + delimiter.len()..];
        let is_last = index + 1 == places.len();
        let blank = |rest: &[u8]| rest.iter().all(u8::is_ascii_whitespace);
        let fits = if is_last {
            after.starts_with(b"--") && blank(&after[2..])
        } else {
            after.starts_with(b"\r\n")
        };
        if !at_line || !fits || (index == 0 && place != 0 && !blank(&bytes[..place])) {
            return Err(odd());
        }
        if let Some(begin) = begin {
            // The line's end before a boundary belongs to the boundary.
            let end = place
                .checked_sub(2)
                .filter(|end| *end >= begin)
                .ok_or_else(odd)?;
            pieces.push(piece(&bytes[begin..end])?);
        }
        begin = Some(place + delimiter.len() + 2);
    }
    if pieces.is_empty() {
        Err(odd())
    } else {
        Ok(pieces)
    }
}

/// Headers, an empty line, and the rest.
pub(super) fn piece(bytes: &[u8]) -> Result<Piece<'_>> {
    let odd = || unreadable("a part of it has no headers that read");
    let (head, body) = match bytes.strip_prefix(b"\r\n") {
        Some(body) => (&bytes[..0], body),
        None => match memchr(bytes, b"\r\n\r\n").first() {
            Some(&end) => (&bytes[..end], &bytes[end + 4..]),
            None => (bytes, &bytes[bytes.len()..]),
        },
    };
    let head = std::str::from_utf8(head).map_err(|_| odd())?;
    let mut headers = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(odd)?;
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || !name.bytes().all(is_name) || value.contains(char::is_control) {
            return Err(odd());
        }
        let name = name.to_ascii_lowercase();
        if headers.iter().any(|(other, _)| *other == name) {
            return Err(odd());
        }
        headers.push((name, value.trim().to_owned()));
    }
    Ok(Piece { headers, body })
}

fn memchr(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(|(_, window)| *window == wanted)
        .map(|(place, _)| place)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{boundary, pieces};

    #[test]
    fn parts_are_what_stands_between_boundaries() {
        let text = b"--b\r\nContent-Type: application/http\r\n\r\nGET a HTTP/1.1\r\n\r\n\r\n--b\r\nA: b\r\n\r\nx\n y\r\n--b--\r\n";
        let found = pieces(text, "b").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].header("content-type"), Some("application/http"));
        assert_eq!(found[1].body, b"x\n y");
    }

    #[test]
    fn what_another_reader_might_take_for_a_boundary_is_refused() {
        for text in [
            "",
            "--b--",
            "--b\r\n\r\nx",
            "x\r\n--b\r\n\r\nx\r\n--b--",
            "--b\r\n\r\nx\n--b\r\n\r\ny\r\n--b--",
            "--b\r\n\r\nx\r\n--b \r\n\r\ny\r\n--b--",
            "--b\r\n\r\nx\r\n--bb\r\n\r\ny\r\n--b--",
            "--b\r\n\r\nx--b\r\n--b--",
            "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--",
            "--b\r\n\r\nx\r\n--b--trailing",
            "--b\r\nA: 1\r\nA: 2\r\n\r\nx\r\n--b--",
            "--b\r\nA: 1\r\n folded\r\n\r\nx\r\n--b--",
            "--b\r\nA: 1\n\r\n\r\nx\r\n--b--",
        ] {
            assert!(pieces(text.as_bytes(), "b").is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_boundary_is_the_only_parameter() {
        assert_eq!(
            boundary("multipart/mixed;boundary=batch_1"),
            Some("batch_1")
        );
        assert_eq!(
            boundary("Multipart/Mixed; boundary=\"batch_1\""),
            Some("batch_1")
        );
        for text in [
            "multipart/mixed",
            "multipart/related; boundary=a",
            "multipart/mixed; boundary=a; boundary=b",
            "multipart/mixed; boundary=",
            "multipart/mixed; x=y",
        ] {
            assert_eq!(boundary(text), None, "{text}");
        }
    }
}
