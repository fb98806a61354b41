//! A document as a PDF of one page: enough for a reader to open, and to see what it is about.

use std::fmt::Write;

use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::money;
use crate::rules::family::Family;
use crate::rules::totals;

/// Sets whose entities can be had as a PDF.
const SETS: [&str; 7] = [
    "salesQuotes",
    "salesOrders",
    "salesInvoices",
    "salesCreditMemos",
    "purchaseOrders",
    "purchaseInvoices",
    "purchaseCreditMemos",
];
const LINES_ON_PAGE: usize = 40;

/// The PDF that belongs to a document, by the document's id.
pub(crate) fn record(work: &Work<'_>, id: &str) -> Option<Record> {
    let set = SETS.into_iter().find(|set| work.get(set, id).is_some())?;
    let document = work.get(set, id)?;
    let mut record = Record::computed(id, document.modified);
    record.version = document.version;
    record.set("parentId", id);
    record.set("parentType", parent_type(set));
    Some(record)
}

fn parent_type(set: &str) -> &'static str {
    match set {
        "salesQuotes" => "Sales_x0020_Quote",
        "salesOrders" => "Sales_x0020_Order",
        "salesInvoices" => "Sales_x0020_Invoice",
        "salesCreditMemos" => "Sales_x0020_Credit_x0020_Memo",
        "purchaseOrders" => "Purchase_x0020_Order",
        "purchaseInvoices" => "Purchase_x0020_Invoice",
        _ => "Purchase_x0020_Credit_x0020_Memo",
    }
}

/// Its bytes.
pub(crate) fn content(work: &Work<'_>, record: &Record) -> Result<Vec<u8>, Fault> {
    let found = SETS
        .into_iter()
        .find_map(|set| Some((Family::of(set)?, work.get(set, &record.id)?)));
    let (family, document) =
        found.ok_or_else(|| Fault::record_not_found("pdfDocument", &record.id))?;
    Ok(write(&text(work, family, document)))
}

fn text(work: &Work<'_>, family: &Family, document: &Record) -> Vec<String> {
    let us = work.books.rows("companyInformation").next();
    let name = us.map(|us| us.text("displayName")).unwrap_or_default();
    let party = format!("{}Name", family.party());
    let mut lines = vec![
        name.to_owned(),
        format!(
            "{} {}",
            family.title.to_uppercase(),
            document.text("number")
        ),
        format!("Date: {}", document.text(family.date)),
        format!("For: {}", document.text(&party)),
        String::new(),
    ];
    for line in totals::lines_of(work, family, &document.id) {
        lines.push(format!(
            "{}  {} x {}  {:.2}",
            line.text("description"),
            line.amount("quantity").normalize(),
            line.amount(family.price).normalize(),
            line.amount("netAmount")
        ));
    }
    let currency = match document.text("currencyCode") {
        "" => work.books.setup.currency.as_str(),
        code => code,
    };
    let total = |title: &str, field: &str| {
        format!(
            "{title}: {:.2} {currency}",
            money::cents(document.amount(field))
        )
    };
    lines.push(String::new());
    lines.push(total("Excluding tax", "totalAmountExcludingTax"));
    lines.push(total("Tax", "totalTaxAmount"));
    lines.push(total("Total", "totalAmountIncludingTax"));
    lines
}

/// Objects and their table of offsets, as the format wants them.
fn write(lines: &[String]) -> Vec<u8> {
    let mut page = String::from("BT /F1 11 Tf 56 790 Td 16 TL\n");
    for line in lines.iter().take(LINES_ON_PAGE) {
        page.push('(');
        page.push_str(&escaped(line));
        page.push_str(") Tj T*\n");
    }
    page.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        // Writing to a text cannot fail.
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        let _ = writeln!(file, "{offset:010} 00000 n ");
    }
    let _ = write!(
        file,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    file.into_bytes()
}

/// Text in the font's encoding; what it does not have becomes a question mark.
fn escaped(line: &str) -> String {
    line.chars()
        .map(|letter| match letter {
            '(' | ')' | '\\' => format!("\\{letter}"),
            ' '..='~' => letter.to_string(),
            '\u{a0}'..='\u{ff}' => format!("\\{:03o}", u32::from(letter)),
            _ => "?".to_owned(),
        })
        .collect()
}
