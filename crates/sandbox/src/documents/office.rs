//! Word and Excel: packages of XML. <https://learn.microsoft.com/office/open-xml/open-xml-sdk>

use super::package::Package;
use super::{escaped, joined};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";

/// The two parts that every Office file begins with.
fn office(main: &str, content_types: &str) -> Package {
    let mut package = Package::default();
    package.add(
        "[Content_Types].xml",
        &format!("{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{content_types}</Types>"),
    );
    package.add(
        "_rels/.rels",
        &format!("{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"{main}\"/></Relationships>"),
    );
    package
}

/// Paragraphs of text.
pub(crate) fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let mut package = office(
        "word/document.xml",
        "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    );
    let text = joined(paragraphs, |text| {
        format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", escaped(text))
    });
    package.add(
        "word/document.xml",
        &format!("{XML}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{text}</w:body></w:document>"),
    );
    package.finish()
}

/// One sheet of rows; what looks like a number is one.
pub(crate) fn xlsx(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    let mut package = office(
        "xl/workbook.xml",
        "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>",
    );
    let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    package.add(
        "xl/workbook.xml",
        &format!("{XML}<workbook xmlns=\"{namespace}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>", escaped(sheet)),
    );
    package.add(
        "xl/_rels/workbook.xml.rels",
        &format!("{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
    );
    let cell = |text: &&str| match text.parse::<f64>() {
        Ok(number) => format!("<c><v>{number}</v></c>"),
        Err(_) => format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text)),
    };
    let cells = joined(rows, |row| format!("<row>{}</row>", joined(row, cell)));
    package.add(
        "xl/worksheets/sheet1.xml",
        &format!(
            "{XML}<worksheet xmlns=\"{namespace}\"><sheetData>{cells}</sheetData></worksheet>"
        ),
    );
    package.finish()
}
