//! The text of a document, as far as the sandbox reads it: plain text, and Office files whose parts are stored as they are or
//! deflated by nobody, which is how it writes them itself.

use super::package::parts;

/// Lines of text of a file by its name's ending; none where it is of a kind that has no text here.
pub(crate) fn text_of(name: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    match extension.as_str() {
        "txt" | "csv" | "md" | "log" | "rtf" | "json" | "xml" | "htm" | "html" => {
            Some(lines(&String::from_utf8_lossy(bytes)))
        }
        "docx" => Some(part_lines(bytes, "word/document.xml", "</w:p>")),
        "xlsx" => Some(part_lines(bytes, "xl/worksheets/sheet1.xml", "</row>")),
        "pptx" => Some(part_lines(bytes, "ppt/slides/slide1.xml", "</a:p>")),
        _ => None,
    }
}

/// The text of a part of a package, a line each time that an element ends. A package that cannot be read has no lines.
fn part_lines(bytes: &[u8], part: &str, end: &str) -> Vec<String> {
    let parts = parts(bytes);
    let xml = parts
        .iter()
        .find(|(name, _)| name == part)
        .map(|(_, body)| String::from_utf8_lossy(body).into_owned());
    let xml = xml.unwrap_or_default();
    xml.split(end)
        .map(bare)
        .filter(|line| !line.is_empty())
        .collect()
}

/// Text without its elements.
fn bare(xml: &str) -> String {
    let mut text = String::new();
    for piece in xml.split('<').skip(1) {
        let Some((element, rest)) = piece.split_once('>') else {
            continue;
        };
        let is_cell = element == "c" || element.starts_with("c ");
        if is_cell && !text.is_empty() {
            text.push_str("   ");
        }
        text.push_str(rest);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{docx, xlsx};

    #[test]
    fn what_was_written_is_read() {
        let text = text_of("a.DOCX", &docx(&["One & two", "three"]));
        assert_eq!(text, Some(vec!["One & two".to_owned(), "three".to_owned()]));
        let sheet = xlsx("S", &[&["Item", "1"], &["More", "2.5"]]);
        let text = text_of("a.xlsx", &sheet);
        assert_eq!(
            text,
            Some(vec!["Item   1".to_owned(), "More   2.5".to_owned()])
        );
        assert_eq!(text_of("a.docx", b"no package"), Some(Vec::new()));
        assert_eq!(text_of("a.zip", b""), None);
    }
}
