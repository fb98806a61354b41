//! Customers, opportunities, cases and documents.

use super::{Fields, Numbers};
use crate::Dataverse;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::store::Row;

/// `fullname` is first, middle and last name.
pub(super) fn full_name(fields: &mut Fields<'_>) {
    let parts = ["firstname", "middlename", "lastname"].map(|name| fields.text(name));
    let words: Vec<String> = parts.into_iter().flatten().collect();
    let name = words.join(" ");
    if !name.is_empty() {
        fields.set("fullname", Some(Cell::text(&name)));
    }
    let parts = ["yomifirstname", "yomimiddlename", "yomilastname"].map(|name| fields.text(name));
    let words: Vec<String> = parts.into_iter().flatten().collect();
    let yomi = if words.is_empty() {
        name
    } else {
        words.join(" ")
    };
    if !yomi.is_empty() {
        fields.set("yomifullname", Some(Cell::text(&yomi)));
    }
}

/// The potential customer is the account, or the contact where there is none.
pub(super) fn opportunity(fields: &mut Fields<'_>) {
    if let Some(account) = fields.link_to("customerid", "account") {
        fields.default("parentaccountid", Cell::Link(account));
    }
    if let Some(contact) = fields.link_to("customerid", "contact") {
        fields.default("parentcontactid", Cell::Link(contact));
    }
    let customer = fields
        .link("parentaccountid")
        .or_else(|| fields.link("parentcontactid"));
    fields.set("customerid", customer.map(Cell::Link));
    customer_columns(fields);
}

/// `accountid` and `contactid` say which kind of customer it is.
fn customer_columns(fields: &mut Fields<'_>) {
    for (name, table) in [("accountid", "account"), ("contactid", "contact")] {
        let link = fields.link_to("customerid", table);
        fields.set(name, link.map(Cell::Link));
    }
}

/// A case has a customer and a number.
pub(super) fn case(
    dataverse: &mut Dataverse,
    old: Option<&Row>,
    fields: &mut Fields<'_>,
) -> Result<(), Fault> {
    if fields.link("customerid").is_none() {
        return Err(Fault::conflict(
            "0x80040203",
            "You should specify a parent contact or account.",
        ));
    }
    if fields.text("title").is_none() {
        return Err(Fault::missing_attribute("Case title is missing."));
    }
    customer_columns(fields);
    if old.is_none() && fields.text("ticketnumber").is_none() {
        let number = Numbers::next(&mut dataverse.numbers.case);
        let text = format!("CAS-{:05}-{}", 1000 + number, letters(number));
        fields.set("ticketnumber", Some(Cell::text(&text)));
    }
    Ok(())
}

/// Quote, order or invoice: a number, and no change of content once it is no draft.
pub(super) fn document(dataverse: &mut Dataverse, old: Option<&Row>, fields: &mut Fields<'_>) {
    let (column, number, prefix) = match fields.table.name.as_str() {
        "quote" => ("quotenumber", &mut dataverse.numbers.quote, "QUO"),
        "salesorder" => ("ordernumber", &mut dataverse.numbers.order, "ORD"),
        _ => ("invoicenumber", &mut dataverse.numbers.invoice, "INV"),
    };
    if old.is_none() && fields.text(column).is_none() {
        let number = Numbers::next(number);
        let text = format!("{prefix}-{:05}-{}", 1000 + number, letters(number));
        fields.set(column, Some(Cell::text(&text)));
    }
    if fields.table.name == "quote" && old.is_none() {
        fields.set("revisionnumber", Some(Cell::Whole(0)));
    }
}

/// The six letters behind a number, which follow from it.
fn letters(number: u32) -> String {
    let mut at = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut text = String::new();
    for _ in 0..6 {
        at = at.rotate_left(11).wrapping_mul(0x2545_f491_4f6c_dd1d);
        let digit = u8::try_from((at >> 33) % 32).unwrap_or_default();
        text.push(char::from(
            b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[usize::from(digit)],
        ));
    }
    text
}
