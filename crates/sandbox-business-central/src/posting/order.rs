//! Orders: what is ready is delivered and invoiced, the rest waits.

use rust_decimal::Decimal;

use super::{convert, invoice};
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model;
use crate::rules::family::{Family, Side};
use crate::rules::totals;

/// Posts delivery and invoice of an order. An order that is done is removed; the posted invoice is answered.
pub(super) fn deliver(
    work: &mut Work<'_>,
    family: &'static Family,
    id: &str,
) -> Result<(&'static str, String), Fault> {
    let (Some(delivered), Some(next)) = (family.delivered(), family.to_deliver()) else {
        return Err(Fault::segment_not_found(family.set));
    };
    let header = work.need(family.set, id)?.clone();
    let lines = totals::lines_of(work, family, id);
    let to_invoice: Vec<(Record, Decimal)> = lines
        .iter()
        .map(|line| (line.clone(), invoiceable(line, delivered, next)))
        .collect();
    if to_invoice.iter().all(|(_, quantity)| quantity.is_zero()) {
        return Err(Fault::dialog("There is nothing to post."));
    }
    ship(work, family, &header, &lines, next);
    let made = bill(work, family, &header, &to_invoice)?;
    for (line, quantity) in &to_invoice {
        work.update(family.lines, &line.id, |line| {
            let ordered = line.amount("quantity");
            let shipped = line.amount(delivered) + line.amount(next);
            let billed = line.amount("invoicedQuantity") + quantity;
            line.set_amount(delivered, shipped);
            line.set_amount("invoicedQuantity", billed);
            line.set_amount(next, ordered - shipped);
            line.set_amount("invoiceQuantity", ordered - billed);
        });
    }
    finish(work, family, id, delivered);
    Ok(made)
}

/// No more than will have been delivered can be invoiced.
fn invoiceable(line: &Record, delivered: &str, next: &str) -> Decimal {
    let ready = line.amount(delivered) + line.amount(next) - line.amount("invoicedQuantity");
    line.amount("invoiceQuantity").min(ready).max(Decimal::ZERO)
}

/// The posted shipment, or receipt.
fn ship(work: &mut Work<'_>, family: &Family, header: &Record, lines: &[Record], next: &str) {
    let (set, below, series) = match family.side {
        Side::Sales => ("salesShipments", "salesShipmentLines", ("PS-SHPT", 102_000)),
        Side::Purchase => (
            "purchaseReceipts",
            "purchaseReceiptLines",
            ("PP-RCPT", 107_000),
        ),
    };
    if lines.iter().all(|line| line.amount(next).is_zero()) {
        return;
    }
    let (Some(target), Some(target_line)) = (model::set(set), model::set(below)) else {
        return;
    };
    let number = work.next_number(series.0, series.1);
    let mut shipment = work.blank();
    for field in &target.fields {
        if field.name != "id" {
            shipment.copy(header, &[field.name]);
        }
    }
    shipment.set("number", number.as_str());
    shipment.copy_as(header, "number", "orderNumber");
    shipment.copy_as(header, "orderDate", "invoiceDate");
    let codes = [
        ("paymentTerms", "paymentTermsId", "paymentTermsCode"),
        ("shipmentMethods", "shipmentMethodId", "shipmentMethodCode"),
    ];
    for (table, field, code) in codes {
        let found = work.get(table, header.text(field));
        let text = found.map(|it| it.text("code").to_owned());
        if target.field(code).is_some() {
            shipment.set(code, text.unwrap_or_default());
        }
    }
    let id = work.insert(set, shipment);
    for line in lines.iter().filter(|line| !line.amount(next).is_zero()) {
        let mut copy = work.blank();
        copy.parent.clone_from(&id);
        for field in &target_line.fields {
            if field.name != "id" {
                copy.copy(line, &[field.name]);
            }
        }
        copy.copy_as(
            line,
            family.price,
            match family.side {
                Side::Sales => "unitPrice",
                Side::Purchase => "unitCost",
            },
        );
        copy.set("documentId", id.as_str());
        if target_line.field("documentNo").is_some() {
            copy.set("documentNo", number.as_str());
        }
        copy.set_amount("quantity", line.amount(next));
        work.insert(below, copy);
    }
}

fn bill(
    work: &mut Work<'_>,
    family: &'static Family,
    header: &Record,
    lines: &[(Record, Decimal)],
) -> Result<(&'static str, String), Fault> {
    let set = match family.side {
        Side::Sales => "salesInvoices",
        Side::Purchase => "purchaseInvoices",
    };
    let target = Family::of(set).ok_or_else(|| Fault::segment_not_found(set))?;
    let made = convert::copy(work, family, header, target);
    let is_whole = lines
        .iter()
        .all(|(line, quantity)| *quantity == line.amount("quantity"));
    for (line, quantity) in lines {
        let is_comment = line.text("lineObjectNumber").is_empty();
        if !quantity.is_zero() || is_comment {
            convert::copy_line(work, family, line, target, &made, *quantity);
        }
    }
    work.update(set, &made, |invoice| {
        invoice.set("orderId", header.id.as_str());
        invoice.copy_as(header, "number", "orderNumber");
        invoice.copy_as(header, "number", "vendorInvoiceNumber");
        invoice.copy(header, &["postingDate"]);
        // A discount on the whole order is given with the whole order only.
        if !is_whole {
            invoice.set("discountAmount", 0);
        }
    });
    totals::settle(work, set, &made);
    invoice::post(work, target, &made)?;
    Ok((set, made))
}

fn finish(work: &mut Work<'_>, family: &Family, id: &str, delivered: &str) {
    let lines = totals::lines_of(work, family, id);
    let all = |field: &str| {
        lines
            .iter()
            .all(|line| line.amount(field) >= line.amount("quantity"))
    };
    if all("invoicedQuantity") {
        for line in &lines {
            work.remove(family.lines, &line.id);
        }
        work.remove(family.set, id);
        return;
    }
    let flag = match family.side {
        Side::Sales => "fullyShipped",
        Side::Purchase => "fullyReceived",
    };
    let is_delivered = all(delivered);
    work.update(family.set, id, |order| {
        order.set("status", "Open");
        order.set(flag, is_delivered);
    });
    totals::settle(work, family.set, id);
}
