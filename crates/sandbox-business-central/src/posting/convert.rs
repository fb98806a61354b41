//! Documents made of other documents.

use rust_decimal::Decimal;

use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model;
use crate::rules::documents;
use crate::rules::family::Family;
use crate::rules::totals;

/// Fields of a line that say what is wanted, and not what was computed from it.
const WANTED: [&str; 17] = [
    "sequence",
    "itemId",
    "accountId",
    "lineType",
    "lineObjectNumber",
    "description",
    "description2",
    "unitOfMeasureId",
    "unitOfMeasureCode",
    "quantity",
    "discountPercent",
    "discountAmount",
    "discountAppliedBeforeTax",
    "taxCode",
    "shipmentDate",
    "itemVariantId",
    "locationId",
];

/// Turns a quote into an order or an invoice; the quote is gone afterwards.
pub(super) fn quote(
    work: &mut Work<'_>,
    id: &str,
    target: &'static str,
) -> Result<(&'static str, String), Fault> {
    let (Some(from), Some(to)) = (Family::of("salesQuotes"), Family::of(target)) else {
        return Err(Fault::segment_not_found(target));
    };
    let header = work.need(from.set, id)?.clone();
    let party = work.need(from.parties(), header.text(from.party_id()))?;
    documents::must_not_be_blocked(to, party, "create")?;
    let lines = totals::lines_of(work, from, id);
    let made = copy(work, from, &header, to);
    for line in &lines {
        copy_line(work, from, line, to, &made, line.amount("quantity"));
    }
    totals::settle(work, to.set, &made);
    for line in &lines {
        work.remove(from.lines, &line.id);
    }
    work.remove(from.set, id);
    Ok((to.set, made))
}

/// A draft with the head of another document; its id is answered.
pub(super) fn copy(
    work: &mut Work<'_>,
    from: &Family,
    header: &Record,
    to: &'static Family,
) -> String {
    let mut record = work.blank();
    let (Some(source), Some(target)) = (model::set(from.set), model::set(to.set)) else {
        return String::new();
    };
    let own = ["id", "number", "status", "lastModifiedDateTime"];
    for field in &target.fields {
        if source.field(field.name).is_some() && !own.contains(&field.name) {
            record.copy(header, &[field.name]);
        }
    }
    let today = work.today();
    record.set_date(to.date, today);
    record.set_date("postingDate", today);
    if target.field("dueDate").is_some() {
        let date = documents::due_on(work, to, &record, today);
        record.set_date("dueDate", date);
    }
    let (prefix, start) = to.series;
    let number = work.next_number(prefix, start);
    record.set("number", number);
    record.set("status", "Draft");
    record.set("discountAppliedBeforeTax", true);
    work.insert(to.set, record)
}

/// A line with so many of the same.
pub(super) fn copy_line(
    work: &mut Work<'_>,
    from: &Family,
    line: &Record,
    to: &'static Family,
    parent: &str,
    quantity: Decimal,
) {
    let mut copy = work.blank();
    parent.clone_into(&mut copy.parent);
    copy.copy(line, &WANTED);
    copy.copy_as(line, from.price, to.price);
    copy.set("documentId", parent);
    copy.set_amount("quantity", quantity);
    let whole = line.amount("quantity");
    if quantity != whole {
        let share = line.amount("discountAmount") * quantity;
        let share = share.checked_div(whole).unwrap_or_default();
        copy.set_amount("discountAmount", crate::money::cents(share));
    }
    if let Some(next) = to.to_deliver() {
        copy.set_amount(next, quantity);
        copy.set_amount("invoiceQuantity", quantity);
    }
    work.insert(to.lines, copy);
}
