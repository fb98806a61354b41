//! The documents themselves, each a valid file of its kind.

use super::package::{Package, crc32};
use crate::state::directory::User;

/// A document and the folder that it lies in.
pub(super) struct Document {
    pub(super) folder: &'static [&'static str],
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

const ROLLOUT: &[&str] = &["Projects", "Fabrikam rollout"];
const DESIGN: &[&str] = &["Projects", "Fabrikam rollout", "Design"];

/// What a person keeps.
pub(super) fn of(person: &User) -> Vec<Document> {
    let name = &person.display_name;
    let department = person.department.as_deref().unwrap_or("Contoso");
    let document = |folder, name, bytes| Document {
        folder,
        name,
        bytes,
    };
    vec![
        document(&[], "Getting started.txt", format!("Welcome to your OneDrive, {name}.\r\nEverything here is made up.\r\n").into_bytes()),
        document(&["Documents"], "Meeting notes.txt", format!("Notes of {department}\r\n\r\n- Fabrikam wants the rollout before the summer\r\n- Prices stay until the end of the quarter\r\n- {name} calls the supplier\r\n").into_bytes()),
        document(&["Documents"], "Expenses.csv", expenses(name).into_bytes()),
        document(&["Documents"], "Travel policy.pdf", pdf(&["Contoso travel policy", "Book early, travel light, keep the receipts."])),
        document(ROLLOUT, "Project plan.docx", docx(&["Fabrikam rollout", "Phase one: survey of two sites.", "Phase two: pilot with twenty people.", "Phase three: everyone."])),
        document(ROLLOUT, "Budget.xlsx", xlsx(&[("Item", "Amount"), ("Hardware", "48200"), ("Services", "31500"), ("Training", "7400")])),
        document(DESIGN, "Floor plan.png", png(96, 64)),
        document(&["Pictures"], "Contoso logo.png", png(64, 64)),
    ]
}

fn expenses(name: &str) -> String {
    format!(
        "Date,Who,What,Amount\r\n2026-08-03,{name},Train,84.50\r\n2026-08-04,{name},Hotel,132.00\r\n2026-08-21,{name},Lunch with Fabrikam,58.20\r\n"
    )
}

/// One page of lines.
fn pdf(lines: &[&str]) -> Vec<u8> {
    let text = joined(lines, |line| format!("({line}) Tj 0 -24 Td "));
    let stream = format!("BT /F1 16 Tf 72 760 Td {text}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
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

/// What each part gives, one after the other.
fn joined<T>(parts: &[T], write: impl Fn(&T) -> String) -> String {
    parts.iter().map(write).collect::<Vec<_>>().concat()
}

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

fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let mut package = office(
        "word/document.xml",
        "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    );
    let text = joined(paragraphs, |text| {
        format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    });
    package.add(
        "word/document.xml",
        &format!("{XML}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{text}</w:body></w:document>"),
    );
    package.finish()
}

fn xlsx(rows: &[(&str, &str)]) -> Vec<u8> {
    let mut package = office(
        "xl/workbook.xml",
        "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>",
    );
    let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    package.add(
        "xl/workbook.xml",
        &format!("{XML}<workbook xmlns=\"{namespace}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"Budget\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"),
    );
    package.add(
        "xl/_rels/workbook.xml.rels",
        &format!("{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
    );
    let cell = |text: &str| match text.parse::<u32>() {
        Ok(number) => format!("<c><v>{number}</v></c>"),
        Err(_) => format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"),
    };
    let cells = joined(rows, |(a, b)| format!("<row>{}{}</row>", cell(a), cell(b)));
    package.add(
        "xl/worksheets/sheet1.xml",
        &format!(
            "{XML}<worksheet xmlns=\"{namespace}\"><sheetData>{cells}</sheetData></worksheet>"
        ),
    );
    package.finish()
}

/// A picture of shaded squares.
fn png(width: u8, height: u8) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        // Each line begins with its filter: none.
        pixels.push(0);
        for x in 0..width {
            let is_dark = (x / 16 + y / 16) % 2 == 0;
            pixels.extend(if is_dark {
                [0x1f, 0x4e, 0x79]
            } else {
                [0xdd, 0xe8, 0xf3]
            });
        }
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // Eight bits a channel, red, green and blue.
    let header = [0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0];
    for (kind, body) in [
        (b"IHDR", header.to_vec()),
        (b"IDAT", stored(&pixels)),
        (b"IEND", Vec::new()),
    ] {
        let length = u32::try_from(body.len()).unwrap_or_default();
        let named = [kind.as_slice(), &body].concat();
        file.extend(length.to_be_bytes());
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    }
    file
}

/// A zlib stream that stores, in one block: pictures here are below 64 KiB.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(bytes);
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}
