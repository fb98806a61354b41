use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Part, Reply};

/// A change set's answer inside a batch's, and nothing deeper.
const DEEPEST: usize = 1;
const NEWLINE: &str = "\r\n";

/// The requests between boundaries. `boundary` must not be in any body: it is to be random.
pub fn multipart_body(boundary: &str, parts: &[Part]) -> Bytes {
    let mut text = Vec::new();
    for part in parts {
        write(&mut text, boundary, part, false);
    }
    end(&mut text, boundary);
    text.into()
}

/// The same as one change set; `Content-ID` is each one's id, by which later ones may name what it made: `$1`.
pub fn change_set_body(boundary: &str, set_boundary: &str, parts: &[Part]) -> Bytes {
    let mut text = format!(
        "--{boundary}{NEWLINE}Content-Type: multipart/mixed;boundary=\"{set_boundary}\"{NEWLINE}{NEWLINE}"
    )
    .into_bytes();
    for part in parts {
        write(&mut text, set_boundary, part, true);
    }
    end(&mut text, set_boundary);
    end(&mut text, boundary);
    text.into()
}

fn write(text: &mut Vec<u8>, boundary: &str, part: &Part, in_change_set: bool) {
    let mut head = format!(
        "--{boundary}{NEWLINE}Content-Type: application/http{NEWLINE}Content-Transfer-Encoding: binary{NEWLINE}"
    );
    // Writing to a string cannot fail.
    if in_change_set {
        let _ = write!(head, "Content-ID: {}{NEWLINE}", part.id);
    }
    let _ = write!(
        head,
        "{NEWLINE}{} {} HTTP/1.1{NEWLINE}",
        part.method, part.url
    );
    for (name, value) in &part.headers {
        if let Ok(value) = value.to_str() {
            let _ = write!(head, "{name}: {value}{NEWLINE}");
        }
    }
    head.push_str(NEWLINE);
    text.extend_from_slice(head.as_bytes());
    text.extend_from_slice(part.body.as_deref().unwrap_or_default());
    text.extend_from_slice(NEWLINE.as_bytes());
}

fn end(text: &mut Vec<u8>, boundary: &str) {
    text.extend_from_slice(format!("--{boundary}--{NEWLINE}").as_bytes());
}

/// The replies in their order, those of a change set among them. `None` for what is cut off or no such answer.
pub fn multipart_replies(content_type: &str, body: &[u8]) -> Option<Vec<Reply>> {
    let mut replies = Vec::new();
    read(content_type, body, 0, &mut replies)?;
    Some(replies)
}

fn read(content_type: &str, body: &[u8], depth: usize, replies: &mut Vec<Reply>) -> Option<()> {
    for piece in pieces(boundary(content_type)?, body)? {
        let (headers, content) = head(piece);
        let inner = headers.get(http::header::CONTENT_TYPE)?.to_str().ok()?;
        if inner.to_ascii_lowercase().starts_with("multipart/mixed") {
            if depth >= DEEPEST {
                return None;
            }
            read(inner, content, depth + 1, replies)?;
            continue;
        }
        let id = headers.get("content-id");
        let id = id.and_then(|id| id.to_str().ok()?.trim().parse().ok());
        replies.push(reply(id, content)?);
    }
    Some(())
}

/// `HTTP/1.1 204 No Content`, headers, and a body.
fn reply(id: Option<usize>, content: &[u8]) -> Option<Reply> {
    let (first, rest) = line(content);
    let words = std::str::from_utf8(first).ok()?;
    let status = words.strip_prefix("HTTP/")?.split_whitespace().nth(1)?;
    let (headers, body) = head(rest);
    Some(Reply {
        id,
        status: StatusCode::from_bytes(status.as_bytes()).ok()?,
        headers,
        body: Bytes::copy_from_slice(trimmed(body)),
    })
}

fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then_some(value)
    })?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then_some(value)
}

/// What lies between the boundaries, up to the last one.
fn pieces<'a>(boundary: &str, body: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let delimiter = format!("--{boundary}");
    let last = format!("{delimiter}--");
    let (mut pieces, mut began, mut rest) = (Vec::new(), None, body);
    while !rest.is_empty() {
        let at = body.len() - rest.len();
        let (first, after) = line(rest);
        let bare = first.trim_ascii_end();
        if bare == delimiter.as_bytes() || bare == last.as_bytes() {
            pieces.extend(began.map(|began| &body[began..at]));
            if bare == last.as_bytes() {
                return Some(pieces);
            }
            began = Some(body.len() - after.len());
        }
        rest = after;
    }
    None
}

/// Headers up to an empty line, and what follows it. A line that is no header is passed over.
fn head(mut text: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    while !text.is_empty() {
        let (first, rest) = line(text);
        text = rest;
        if first.is_empty() {
            break;
        }
        let colon = first.iter().position(|byte| *byte == b':');
        let Some((name, value)) = colon.map(|at| (&first[..at], &first[at + 1..])) else {
            continue;
        };
        let name = HeaderName::from_bytes(name.trim_ascii());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.trim_ascii())) {
            headers.append(name, value);
        }
    }
    (headers, text)
}

/// The first line without its end, and what follows it.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[][..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// Without the line end that belongs to the boundary.
fn trimmed(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn part(id: usize, url: &str, body: &'static str) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert("if-match", HeaderValue::from_static("*"));
        Part {
            id,
            method: Method::PATCH,
            url: url.to_owned(),
            headers,
            body: Some(Bytes::from(body)),
            after: Vec::new(),
        }
    }

    #[test]
    fn a_change_set_names_its_requests() {
        let body = change_set_body("b", "c", &[part(1, "/api/data/v9.2/accounts(x)", "{}")]);
        assert_eq!(
            body,
            "--b\r\nContent-Type: multipart/mixed;boundary=\"c\"\r\n\r\n--c\r\nContent-Type: application/http\r\n\
             Content-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\nPATCH /api/data/v9.2/accounts(x) HTTP/1.1\r\n\
             if-match: *\r\n\r\n{}\r\n--c--\r\n--b--\r\n"
        );
        let plain = multipart_body("b", &[part(1, "/x", "{}")]);
        assert!(!String::from_utf8_lossy(&plain).contains("Content-ID"));
    }

    const ANSWER: &str = "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=\"changesetresponse_2\"\r\n\r\n--changesetresponse_2\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nHTTP/1.1 204 No Content\r\nOData-EntityId: https://x/accounts(1)\r\n\r\n\r\n--changesetresponse_2--\r\n--batchresponse_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\r\n\"value\":[]}\r\n--batchresponse_1--\r\n";

    #[test]
    fn replies_come_with_those_of_change_sets_in_their_order() {
        let replies = multipart_replies(
            "multipart/mixed; boundary=batchresponse_1",
            ANSWER.as_bytes(),
        )
        .expect("replies");
        let shown: Vec<_> = replies
            .iter()
            .map(|reply| (reply.id, reply.status.as_u16(), reply.body.as_ref()))
            .collect();
        assert_eq!(
            shown,
            [
                (Some(2), 204, &b""[..]),
                (None, 200, &b"{\r\n\"value\":[]}"[..])
            ]
        );
        assert_eq!(
            replies[0].headers["odata-entityid"],
            "https://x/accounts(1)"
        );
    }

    #[test]
    fn whatever_is_cut_off_or_changed_is_read_or_refused() {
        let content_type = "multipart/mixed; boundary=batchresponse_1";
        for end in 0..ANSWER.len() - 4 {
            assert!(multipart_replies(content_type, &ANSWER.as_bytes()[..end]).is_none());
        }
        for (at, byte) in (0..ANSWER.len()).flat_map(|at| [(at, b'\n'), (at, 0), (at, b'-')]) {
            let mut changed = ANSWER.as_bytes().to_vec();
            changed[at] = byte;
            let _ = multipart_replies(content_type, &changed);
        }
    }
}
