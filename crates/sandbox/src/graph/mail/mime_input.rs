//! Reading a message as it travels between servers: headers, parts, encodings.
//! Source: <https://learn.microsoft.com/graph/outlook-send-mime-message>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::graph::fault::Fault;
use crate::state::ids::Ids;
use crate::state::mail::message::{
    Address, Attachment, AttachmentKind, Body, Content, Header, Importance,
};

/// Parts within parts; deeper ones are not looked at.
const MAX_DEPTH: usize = 16;

/// A message that came as MIME.
pub(super) struct Parsed {
    pub(super) content: Content,
    pub(super) internet_message_id: Option<String>,
}

/// One part with its transfer encoding undone.
struct Part {
    headers: Vec<(String, String)>,
    /// `multipart/mixed; boundary=x`, lower case but for the values.
    media: String,
    parameters: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Reads the base64 of a MIME message, which is how Graph takes it.
pub(super) fn read(encoded: &[u8], ids: &mut Ids, now: Timestamp) -> Result<Parsed, Fault> {
    let compact: Vec<u8> = encoded
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let bytes = STANDARD
        .decode(compact)
        .ok()
        .filter(|bytes| !bytes.is_empty())
        .ok_or_else(Fault::invalid_mime)?;
    let whole = Part::parse(&bytes);
    let mut content = Content::default();
    let mut bodies = (None, None);
    collect(&whole, &mut content, &mut bodies, ids, now, 0);
    let body = match bodies {
        (_, Some(html)) => Body::html(&html),
        (text, None) => Body::text(&text.unwrap_or_default()),
    };
    content.set_body(body);
    for (name, value) in &whole.headers {
        set(&mut content, name, value);
    }
    Ok(Parsed {
        content,
        internet_message_id: whole.header("message-id").map(str::to_owned),
    })
}

fn set(content: &mut Content, name: &str, value: &str) {
    match name.to_ascii_lowercase().as_str() {
        "subject" => content.subject = decode_words(value),
        "from" => content.from = addresses(value).into_iter().next(),
        "sender" => content.sender = addresses(value).into_iter().next(),
        "to" => content.to = addresses(value),
        "cc" => content.cc = addresses(value),
        "bcc" => content.bcc = addresses(value),
        "reply-to" => content.reply_to = addresses(value),
        "importance" => {
            content.importance = match value.trim().to_ascii_lowercase().as_str() {
                "high" => Importance::High,
                "low" => Importance::Low,
                _ => Importance::Normal,
            };
        }
        lower if lower.starts_with("x-") => content.headers.push(Header {
            name: name.to_owned(),
            value: decode_words(value),
        }),
        _ => {}
    }
}

/// Takes the texts and files out of a part and what is in it.
fn collect(
    part: &Part,
    content: &mut Content,
    bodies: &mut (Option<String>, Option<String>),
    ids: &mut Ids,
    now: Timestamp,
    depth: usize,
) {
    if let Some(boundary) = part
        .parameter("boundary")
        .filter(|_| part.media.starts_with("multipart/"))
    {
        for inner in pieces(&part.body, boundary)
            .iter()
            .filter(|_| depth < MAX_DEPTH)
        {
            collect(&Part::parse(inner), content, bodies, ids, now, depth + 1);
        }
        return;
    }
    let disposition = part.header("content-disposition").unwrap_or_default();
    let (disposition, parameters) = split_parameters(disposition);
    let named = parameters.iter().find(|(name, _)| name == "filename");
    let name = named
        .map(|(_, value)| value.as_str())
        .or_else(|| part.parameter("name"));
    let is_text = part.media == "text/plain" || part.media == "text/html";
    if is_text && name.is_none() && disposition != "attachment" {
        let slot = if part.media == "text/html" {
            &mut bodies.1
        } else {
            &mut bodies.0
        };
        slot.get_or_insert_with(|| part.text());
        return;
    }
    let content_id = part.header("content-id");
    content.attachments.push(Attachment {
        id: ids.uuid(),
        name: name.map_or_else(|| "attachment".to_owned(), decode_words),
        content_type: part.media.clone(),
        is_inline: disposition == "inline" && content_id.is_some(),
        content_id: content_id.map(|id| id.trim_matches(['<', '>']).to_owned()),
        modified: now,
        content: part.body.clone(),
        kind: AttachmentKind::File,
    });
}

impl Part {
    fn parse(bytes: &[u8]) -> Self {
        let (head, body) = split_head(bytes);
        let headers = unfold(&String::from_utf8_lossy(head));
        let find = |wanted: &str| {
            let mut all = headers.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.as_str())
        };
        let (media, parameters) = split_parameters(find("content-type").unwrap_or("text/plain"));
        let encoding = find("content-transfer-encoding")
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let body = match encoding.as_str() {
            "base64" => {
                let compact: Vec<u8> = body
                    .iter()
                    .copied()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .collect();
                STANDARD.decode(compact).unwrap_or_default()
            }
            "quoted-printable" => quoted_printable(body),
            _ => body.to_vec(),
        };
        Self {
            headers,
            media,
            parameters,
            body,
        }
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    }

    fn parameter(&self, wanted: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        all.find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    }

    fn text(&self) -> String {
        let text = decode_charset(self.parameter("charset").unwrap_or("utf-8"), &self.body);
        text.trim_end_matches(['\r', '\n']).to_owned()
    }
}

fn decode_charset(charset: &str, bytes: &[u8]) -> String {
    match charset.to_ascii_lowercase().as_str() {
        "iso-8859-1" | "windows-1252" | "latin1" => bytes.iter().copied().map(char::from).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    let find = |separator: &[u8]| {
        let mut windows = bytes.windows(separator.len());
        windows
            .position(|window| window == separator)
            .map(|at| (at, at + separator.len()))
    };
    let ends = [find(b"\r\n\r\n"), find(b"\n\n")];
    match ends.into_iter().flatten().min() {
        Some((head, body)) => (&bytes[..head], &bytes[body..]),
        None => (bytes, &[]),
    }
}

/// Header lines, continued ones joined.
fn unfold(head: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    headers
}

/// `text/plain; charset="utf-8"` as its kind and its parameters by lower-case name.
fn split_parameters(value: &str) -> (String, Vec<(String, String)>) {
    let mut fields = split_outside_quotes(value, ';').into_iter();
    let kind = fields
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let parameters = fields.filter_map(|field| {
        let (name, value) = field.split_once('=')?;
        Some((
            name.trim().to_ascii_lowercase(),
            value.trim().trim_matches('"').to_owned(),
        ))
    });
    (kind, parameters.collect())
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        quoted ^= character == '"';
        if character == separator && !quoted {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(character);
        }
    }
    fields
}

/// What lies between the boundary's lines.
fn pieces<'b>(body: &'b [u8], boundary: &str) -> Vec<&'b [u8]> {
    let marker = format!("--{boundary}").into_bytes();
    let mut starts = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(&marker) {
            starts.push((at, at + line.len()));
        }
        at += line.len();
    }
    let mut pieces = Vec::new();
    for pair in starts.windows(2) {
        let piece = &body[pair[0].1..pair[1].0];
        let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
        pieces.push(piece.strip_suffix(b"\r").unwrap_or(piece));
    }
    pieces
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes
            .get(at + 1..at + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        if byte != b'=' {
            decoded.push(byte);
            at += 1;
        } else if let Some(value) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            // A soft line break.
            let rest = &bytes[at + 1..];
            at += 1 + rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
        }
    }
    decoded
}

/// Encoded words (RFC 2047) as the text that they stand for.
fn decode_words(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let before = &rest[..at];
        if !(after_word && before.trim().is_empty()) {
            text.push_str(before);
        }
        let mut fields = rest[at + 2..].splitn(3, '?');
        let word = (|| {
            let (charset, encoding) = (fields.next()?, fields.next()?);
            let (encoded, after) = fields.next()?.split_once("?=")?;
            let bytes = if encoding.eq_ignore_ascii_case("b") {
                STANDARD.decode(encoded).ok()?
            } else {
                quoted_printable(encoded.replace('_', " ").as_bytes())
            };
            Some((decode_charset(charset, &bytes), after))
        })();
        let Some((decoded, after)) = word else {
            text.push_str(&rest[at..]);
            return text;
        };
        text.push_str(&decoded);
        rest = after;
        after_word = true;
    }
    text.push_str(rest);
    text
}

/// `Ana Reis <ana.reis@contoso.com>, ben@contoso.com`
fn addresses(value: &str) -> Vec<Address> {
    let fields = split_outside_quotes(value, ',');
    let parsed = fields
        .iter()
        .map(|field| field.trim())
        .filter(|field| !field.is_empty());
    parsed
        .map(|field| match field.rsplit_once('<') {
            Some((name, address)) => {
                let address = address.trim_end_matches('>').trim().to_owned();
                let name = decode_words(name.trim().trim_matches('"'));
                Address {
                    name: if name.is_empty() {
                        address.clone()
                    } else {
                        name
                    },
                    address,
                }
            }
            None => Address {
                name: field.to_owned(),
                address: field.to_owned(),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_parts_is_taken_apart() -> Result<(), Fault> {
        let mime = "From: \"Reis, Ana\" <ana@contoso.com>\r\nTo: ben@contoso.com,\r\n Eva <eva@contoso.com>\r\n\
            Subject: =?utf-8?B?w6l0w6k=?= =?utf-8?Q?_2027?=\r\nX-Run: 7\r\nMessage-ID: <1@contoso.com>\r\n\
            Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n\
            --b2\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=C3=A9 =\r\nat noon\r\n\
            --b2\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>\r\n--b2--\r\n--b1\r\nContent-Type: text/csv; name=a.csv\r\n\
            Content-Disposition: attachment; filename=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxi\r\n--b1--\r\n";
        let parsed = read(
            STANDARD.encode(mime).as_bytes(),
            &mut Ids::default(),
            Timestamp::UNIX_EPOCH,
        )?;
        let content = parsed.content;
        assert_eq!(content.subject, "été 2027");
        assert_eq!(
            content.from.map(|from| from.name).as_deref(),
            Some("Reis, Ana")
        );
        assert_eq!(content.to.len(), 2);
        assert!(content.body.content.contains("<p>Hi</p>"));
        assert_eq!(
            (
                content.attachments[0].name.as_str(),
                content.attachments[0].content.as_slice()
            ),
            ("a.csv", b"a,b".as_slice())
        );
        assert_eq!(content.headers[0].value, "7");
        assert_eq!(
            parsed.internet_message_id.as_deref(),
            Some("<1@contoso.com>")
        );
        Ok(())
    }

    #[test]
    fn nonsense_is_read_without_harm() {
        let mut ids = Ids::default();
        for text in [
            "",
            "=?",
            "Subject: =?utf-8?B?",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b--",
            "=\r",
            "a: =?x?q?=4?=",
        ] {
            let _ = read(
                STANDARD.encode(text).as_bytes(),
                &mut ids,
                Timestamp::UNIX_EPOCH,
            );
        }
        assert!(read(b"no base64!", &mut ids, Timestamp::UNIX_EPOCH).is_err());
    }
}
