//! PDF with the text of a document on as many pages as it needs.

use super::joined;

/// What fits on a page of A4 in this size.
const LINES: usize = 30;
/// Longest line; longer ones are broken.
const WIDTH: usize = 80;

/// The lines, on pages of A4. What the standard font does not have becomes a question mark.
pub(crate) fn pdf(lines: &[&str]) -> Vec<u8> {
    let lines: Vec<String> = lines.iter().flat_map(|line| broken(line)).collect();
    let pages: Vec<&[String]> = if lines.is_empty() {
        vec![&[]]
    } else {
        lines.chunks(LINES).collect()
    };
    // Catalog, tree of pages, font; then a page and its content each.
    let kids = (0..pages.len()).map(|page| format!("{} 0 R ", 4 + 2 * page));
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.collect::<String>().trim_end(),
            pages.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    for (number, page) in pages.iter().enumerate() {
        let text = joined(page, |line| format!("({line}) Tj 0 -24 Td "));
        let stream = format!("BT /F1 12 Tf 72 760 Td {text}ET");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * number
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{stream}\nendstream",
            stream.len()
        ));
    }
    file(&objects)
}

/// A line in pieces that fit, each as a PDF string: printable ASCII, brackets escaped.
fn broken(line: &str) -> Vec<String> {
    let plain: Vec<char> = line
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if c.is_ascii() { c } else { '?' })
        .collect();
    if plain.is_empty() {
        return vec![String::new()];
    }
    let escape = |c: &char| match c {
        '(' | ')' | '\\' => format!("\\{c}"),
        c => c.to_string(),
    };
    plain
        .chunks(WIDTH)
        .map(|piece| piece.iter().map(escape).collect())
        .collect()
}

/// Numbered objects, the table of where they are, and where that is.
fn file(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        let entry = format!("{:010} 00000 n \n", file.len());
        table.push_str(&entry);
        let object = format!("{number} 0 obj\n{object}\nendobj\n");
        file.push_str(&object);
    }
    let start = file.len();
    let trailer = format!(
        "{table}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    file.push_str(&trailer);
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_go_on_on_the_next_page_and_brackets_stay_inside_of_their_text() {
        let lines = vec!["(one)"; LINES + 1];
        let text = String::from_utf8_lossy(&pdf(&lines)).into_owned();
        assert!(text.contains("/Count 2"));
        assert!(text.contains(r"(\(one\)) Tj"));
        assert_eq!(text.matches("endobj").count(), 7);
    }
}
