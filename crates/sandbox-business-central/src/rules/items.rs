//! Items: their stock follows from the item ledger, and writing it makes an adjustment.

use rust_decimal::Decimal;

use super::masters;
use crate::books::{Record, Work};
use crate::engine::input::Input;
use crate::fault::Fault;
use crate::money;
use crate::posting::inventory;

pub(super) fn insert(work: &mut Work<'_>, record: &mut Record, input: &Input) -> Result<(), Fault> {
    if input.has("inventory") {
        return Err(Fault::dialog(
            "Inventory cannot be changed when you create an item. Create the item first, then update its inventory.",
        ));
    }
    masters::must_have_name(record)?;
    masters::number(work, "items", record, ("1", 900_000))?;
    if record.text("baseUnitOfMeasureCode").is_empty()
        && let Some(piece) = work.books.find("unitsOfMeasure", "code", "PCS").cloned()
    {
        record.set("baseUnitOfMeasureId", piece.id.as_str());
        record.copy_as(&piece, "code", "baseUnitOfMeasureCode");
    }
    groups(work, record);
    must_not_be_negative(record)
}

pub(super) fn update(
    work: &mut Work<'_>,
    old: &Record,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    masters::must_have_name(record)?;
    masters::renumber(work, "items", old, record)?;
    must_not_be_negative(record)?;
    if old.get("type") != record.get("type") && has_entries(work, old) {
        return Err(Fault::dialog(format!(
            "You cannot change the Type field on Item {} because ledger entries exist for this item.",
            old.text("number")
        )));
    }
    if input.has("inventory") {
        let wanted = record.amount("inventory");
        record.set_amount("inventory", old.amount("inventory"));
        return adjust(work, record, wanted);
    }
    Ok(())
}

/// An adjustment brings the stock to what is wanted.
fn adjust(work: &mut Work<'_>, item: &mut Record, wanted: Decimal) -> Result<(), Fault> {
    let difference = wanted - item.amount("inventory");
    if difference.is_zero() {
        return Ok(());
    }
    if item.get("type").is_some() {
        return Err(Fault::field(format!(
            "Type must be equal to 'Inventory' in Item: No.={}.",
            item.text("number")
        )));
    }
    if money::is_beyond(difference * item.amount("unitCost")) {
        return Err(Fault::dialog("The value of the adjustment is too large."));
    }
    inventory::adjust(work, item, difference);
    item.set_amount("inventory", wanted);
    Ok(())
}

/// Posting groups that a new item goes by.
fn groups(work: &Work<'_>, record: &mut Record) {
    let is_stocked = record.get("type").is_none();
    let product = if is_stocked { "RETAIL" } else { "SERVICES" };
    if record.text("generalProductPostingGroupCode").is_empty()
        && let Some(group) = work
            .books
            .find("generalProductPostingGroups", "code", product)
    {
        record.set("generalProductPostingGroupId", group.id.as_str());
        record.set("generalProductPostingGroupCode", product);
    }
    if is_stocked
        && record.text("inventoryPostingGroupCode").is_empty()
        && let Some(group) = work.books.find("inventoryPostingGroups", "code", "RESALE")
    {
        record.set("inventoryPostingGroupId", group.id.as_str());
        record.set("inventoryPostingGroupCode", "RESALE");
    }
}

fn must_not_be_negative(record: &Record) -> Result<(), Fault> {
    for name in ["unitPrice", "unitCost"] {
        if record.amount(name).is_sign_negative() {
            return Err(Fault::dialog(format!(
                "The value of {name} must be equal to or greater than 0."
            )));
        }
    }
    Ok(())
}

/// Whether anything was ever posted for an item.
pub(super) fn has_entries(work: &Work<'_>, item: &Record) -> bool {
    let number = item.text("number");
    work.books
        .find("itemLedgerEntries", "itemNumber", number)
        .is_some()
}
