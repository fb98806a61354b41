//! The item ledger, which the inventory account follows entry by entry.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::ledger::Voucher;
use crate::books::{Record, Work, setup_accounts as accounts};
use crate::money;

/// A movement of goods.
pub(crate) struct Movement<'a> {
    /// `Sale`, `Purchase`, …
    pub(crate) entry_type: &'a str,
    /// `Sales_x0020_Invoice`, …
    pub(crate) document_type: &'a str,
    pub(crate) document_number: &'a str,
    /// `Customer`, `Vendor` or `Item`, and its number.
    pub(crate) source: (&'a str, &'a str),
    pub(crate) date: Date,
    /// Into the warehouse positive.
    pub(crate) quantity: Decimal,
    /// What they are worth, with the sign of the quantity; none takes the item's unit cost.
    pub(crate) cost: Option<Decimal>,
    pub(crate) sales_amount: Decimal,
}

/// Whether goods of this item are kept in stock.
pub(crate) fn is_stocked(item: &Record) -> bool {
    item.get("type").is_none()
}

/// Moves goods; what they are worth is answered, with the sign of the quantity.
pub(crate) fn post(work: &mut Work<'_>, item: &Record, movement: &Movement<'_>) -> Decimal {
    let cost = write(work, item, movement);
    let quantity = movement.quantity;
    let is_valued = movement.cost.is_some();
    work.update("items", &item.id, |item| {
        let (before, unit) = (item.amount("inventory"), item.amount("unitCost"));
        let after = before + quantity;
        item.set_amount("inventory", after);
        // The average cost moves with what comes in at another price.
        if is_valued && after > Decimal::ZERO && before >= Decimal::ZERO {
            let average = (before * unit + cost) / after;
            item.set_amount(
                "unitCost",
                money::round(average.max(Decimal::ZERO), money::UNIT),
            );
        }
    });
    cost
}

fn write(work: &mut Work<'_>, item: &Record, movement: &Movement<'_>) -> Decimal {
    let unit = item.amount("unitCost");
    let cost = movement
        .cost
        .unwrap_or_else(|| money::cents(movement.quantity * unit));
    let mut entry = work.blank();
    entry.set("entryNumber", work.next_entry("itemLedger"));
    entry.copy_as(item, "number", "itemNumber");
    entry.copy_as(item, "displayName", "description");
    entry.set_date("postingDate", movement.date);
    // The first option is the default, and is not kept.
    if movement.entry_type != "Purchase" {
        entry.set("entryType", movement.entry_type);
    }
    entry.set("documentType", movement.document_type);
    entry.set("documentNumber", movement.document_number);
    entry.set("sourceType", movement.source.0);
    entry.set("sourceNumber", movement.source.1);
    entry.set_amount("quantity", movement.quantity);
    entry.set_amount("costAmountActual", cost);
    entry.set_amount("salesAmountActual", movement.sales_amount);
    work.insert("itemLedgerEntries", entry);
    cost
}

/// Counts the stock anew: the difference is adjusted, and the item itself is left to the caller to write.
pub(crate) fn adjust(work: &mut Work<'_>, item: &Record, difference: Decimal) {
    let number = work.next_number("ADJ", 1_000);
    let date = work.today();
    let entry_type = if difference.is_sign_negative() {
        "Negative_x0020_Adjmt."
    } else {
        "Positive_x0020_Adjmt."
    };
    let cost = write(
        work,
        item,
        &Movement {
            entry_type,
            document_type: "",
            document_number: &number,
            source: ("Item", item.text("number")),
            date,
            quantity: difference,
            cost: None,
            sales_amount: Decimal::ZERO,
        },
    );
    let mut voucher = Voucher::new(date, "", &number, "Inventory adjustment");
    voucher.add(accounts::INVENTORY, cost);
    voucher.add(accounts::INVENTORY_ADJUSTMENT, -cost);
    // Its two entries are equal, and its accounts are part of every chart.
    let _ = voucher.post(work);
}
