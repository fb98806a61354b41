//! Bodies as HTML and as text, each made from the other the way Exchange does it in essence.

use super::message::{Body, BodyKind};

/// Characters of `bodyPreview`.
const PREVIEW: usize = 255;

impl Body {
    pub(crate) fn text(content: &str) -> Self {
        Self {
            kind: BodyKind::Text,
            content: content.to_owned(),
        }
    }

    pub(crate) fn html(content: &str) -> Self {
        Self {
            kind: BodyKind::Html,
            content: content.to_owned(),
        }
    }

    /// As Exchange stores it: a fragment of HTML becomes a document.
    pub(crate) fn normalised(self) -> Self {
        let is_fragment =
            self.kind == BodyKind::Html && !self.content.to_ascii_lowercase().contains("<html");
        if is_fragment {
            Self {
                content: document(&self.content),
                ..self
            }
        } else {
            self
        }
    }

    /// The beginning of the text, on one line.
    pub(crate) fn preview(&self) -> String {
        let text = self.as_text();
        let mut preview = String::new();
        for (count, character) in text.trim().chars().enumerate() {
            if count == PREVIEW {
                break;
            }
            preview.push(character);
        }
        preview
    }

    /// The content as plain text.
    pub(crate) fn as_text(&self) -> String {
        match self.kind {
            BodyKind::Text => self.content.clone(),
            BodyKind::Html => strip(&self.content),
        }
    }

    /// The content as an HTML document.
    pub(crate) fn as_html(&self) -> String {
        match self.kind {
            BodyKind::Html => self.content.clone(),
            BodyKind::Text => document(&paragraph(&self.content)),
        }
    }
}

/// Text as HTML that shows the same lines.
pub(crate) fn paragraph(text: &str) -> String {
    escape(text).replace("\r\n", "\n").replace('\n', "<br>\r\n")
}

/// Text that means itself inside HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn document(inner: &str) -> String {
    format!(
        "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>{inner}</body></html>"
    )
}

/// Puts `before` at the start of what the document shows.
pub(super) fn prepend(html: &str, before: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let body_end = lower
        .find("<body")
        .and_then(|at| lower[at..].find('>').map(|end| at + end + 1));
    let at = body_end.unwrap_or(0);
    format!("{}{before}{}", &html[..at], &html[at..])
}

/// The text between the tags; block ends become lines, head, style and script vanish.
fn strip(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut text, &rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            return finish(&text);
        };
        let tag = rest[at + 1..at + end].to_ascii_lowercase();
        rest = &rest[at + end + 1..];
        let name: String = tag
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect();
        match name.as_str() {
            "head" | "style" | "script" | "title" => rest = after_close(rest, &name),
            "br" | "br/" | "/p" | "/div" | "/tr" | "/li" | "hr" => text.push_str("\r\n"),
            _ => {}
        }
    }
    push_text(&mut text, rest);
    finish(&text)
}

fn after_close<'a>(rest: &'a str, name: &str) -> &'a str {
    let close = format!("</{name}");
    match rest.to_ascii_lowercase().find(&close) {
        Some(at) => rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]),
        None => rest,
    }
}

fn push_text(text: &mut String, raw: &str) {
    let plain = raw.replace(['\r', '\n', '\t'], " ");
    let decoded = plain
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    for character in decoded.chars() {
        let doubled = character == ' ' && text.ends_with([' ', '\n']);
        if !doubled {
            text.push(character);
        }
    }
}

fn finish(text: &str) -> String {
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_its_text() {
        let body = Body::html(
            "<html><head><style>p{}</style></head><body><p>Tea &amp; milk</p>\n<div>second <b>line</b></div></body></html>",
        );
        assert_eq!(body.as_text(), "Tea & milk\r\nsecond line");
    }

    #[test]
    fn a_fragment_is_stored_as_a_document() {
        let body = Body::html("<p>Hi</p>").normalised();
        assert!(
            body.content.starts_with("<html>") && body.content.contains("<body><p>Hi</p></body>")
        );
        assert_eq!(body.preview(), "Hi");
    }

    #[test]
    fn a_preview_has_at_most_255_characters_of_any_script() {
        assert_eq!(Body::text(&"é".repeat(400)).preview().chars().count(), 255);
    }

    #[test]
    fn broken_html_is_no_trouble() {
        for html in [
            "<",
            "<b",
            "a<b",
            "<head>",
            "</",
            "<style>x",
            "<İ>x</İ>",
            "<head>İ</head>x",
        ] {
            let _ = Body::html(html).as_text();
        }
    }
}
