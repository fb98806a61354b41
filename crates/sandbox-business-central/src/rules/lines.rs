//! Lines of documents: an item, an account, or a comment.

use rust_decimal::Decimal;

use super::documents;
use super::family::{Family, Side};
use crate::books::{Record, Work};
use crate::engine::input::Input;
use crate::fault::Fault;
use crate::money;

pub(super) fn insert(
    work: &mut Work<'_>,
    family: &Family,
    line: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    let header = work.need(family.set, &line.parent)?;
    documents::must_be_open(family, header)?;
    let last = work
        .books
        .children(family.lines, &line.parent)
        .map(|row| row.amount("sequence"))
        .max();
    if input.has("sequence") {
        let sequence = line.amount("sequence");
        let mut others = work.books.children(family.lines, &line.parent);
        if others.any(|row| row.amount("sequence") == sequence) {
            return Err(Fault::exists(family.lines, &sequence.to_string()));
        }
    } else {
        let next = last.unwrap_or_default() + Decimal::from(10_000);
        line.set_amount("sequence", next);
    }
    line.set("discountAppliedBeforeTax", true);
    object(work, family, line, input)?;
    quantities(family, line, None, input)?;
    discount(family, line, input)
}

pub(super) fn update(
    work: &mut Work<'_>,
    family: &Family,
    old: &Record,
    line: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    let header = work.need(family.set, &old.parent)?;
    documents::must_be_open(family, header)?;
    for name in ["documentId", "sequence"] {
        if old.get(name) != line.get(name) {
            return Err(Fault::dialog(format!(
                "The value for \"{name}\" cannot be modified."
            )));
        }
    }
    if !old.text("lineObjectNumber").is_empty()
        && input.has("lineObjectNumber")
        && old.text("lineObjectNumber") != line.text("lineObjectNumber")
    {
        return Err(Fault::dialog(
            "The value for \"lineObjectNumber\" cannot be modified.",
        ));
    }
    let is_other = ["itemId", "accountId", "lineObjectNumber"]
        .iter()
        .any(|name| old.get(name) != line.get(name));
    if is_other {
        object(work, family, line, input)?;
    }
    quantities(family, line, Some(old), input)?;
    discount(family, line, input)
}

/// What the line is about, and the defaults that follow from it.
fn object(work: &Work<'_>, family: &Family, line: &mut Record, input: &Input) -> Result<(), Fault> {
    if input.has("itemId") && input.has("accountId") {
        return Err(Fault::dialog(
            "Both the Item ID and the Account ID are specified. Specify only one of them.",
        ));
    }
    let number = line.text("lineObjectNumber").to_owned();
    let by_number = input.has("lineObjectNumber") && !number.is_empty();
    let type_ = line.text("lineType").to_owned();
    if input.has("itemId") || (by_number && type_ == "Item") {
        let item = if input.has("itemId") {
            work.get("items", line.text("itemId"))
        } else {
            work.books.find("items", "number", &number)
        };
        let item = item.ok_or_else(|| Fault::dialog("The item does not exist."))?;
        return take_item(work, family, line, &item.clone(), input);
    }
    if input.has("accountId") || (by_number && type_ == "Account") {
        let account = if input.has("accountId") {
            work.get("accounts", line.text("accountId"))
        } else {
            work.books.find("accounts", "number", &number)
        };
        let account = account.ok_or_else(|| Fault::dialog("The account does not exist."))?;
        return take_account(line, &account.clone(), input);
    }
    if by_number {
        return Err(Fault::dialog(format!(
            "The line type {type_} with the number {number} is not available here."
        )));
    }
    Ok(())
}

fn take_item(
    work: &Work<'_>,
    family: &Family,
    line: &mut Record,
    item: &Record,
    input: &Input,
) -> Result<(), Fault> {
    if item.is("blocked") {
        return Err(Fault::field(format!(
            "Blocked must be equal to 'No' in Item: No.={}. Current value is 'Yes'.",
            item.text("number")
        )));
    }
    line.set("lineType", "Item");
    line.set("itemId", item.id.as_str());
    line.set("accountId", "");
    line.copy_as(item, "number", "lineObjectNumber");
    let price = match family.side {
        Side::Sales => "unitPrice",
        Side::Purchase => "unitCost",
    };
    let defaults = [
        ("displayName", "description"),
        ("displayName2", "description2"),
        ("baseUnitOfMeasureId", "unitOfMeasureId"),
        ("baseUnitOfMeasureCode", "unitOfMeasureCode"),
        ("taxGroupCode", "taxCode"),
        (price, family.price),
    ];
    let has_unit = input.has("unitOfMeasureId") || input.has("unitOfMeasureCode");
    for (name, field) in defaults {
        let is_given = input.has(field) || (has_unit && field.starts_with("unitOfMeasure"));
        if !is_given {
            line.copy_as(item, name, field);
        }
    }
    must_be_known_tax(work, line)
}

fn must_be_known_tax(work: &Work<'_>, line: &Record) -> Result<(), Fault> {
    let code = line.text("taxCode");
    if code.is_empty() || work.books.find("taxGroups", "code", code).is_some() {
        return Ok(());
    }
    Err(Fault::relation(
        "Tax Group Code",
        "Sales Line",
        code,
        "Tax Group",
    ))
}

fn take_account(line: &mut Record, account: &Record, input: &Input) -> Result<(), Fault> {
    if !account.text("accountType").is_empty() || !account.is("directPosting") {
        return Err(Fault::field(format!(
            "Direct Posting must be equal to 'Yes' in G/L Account: No.={}. Current value is 'No'.",
            account.text("number")
        )));
    }
    line.set("lineType", "Account");
    line.set("accountId", account.id.as_str());
    line.set("itemId", "");
    line.copy_as(account, "number", "lineObjectNumber");
    if !input.has("description") {
        line.copy_as(account, "displayName", "description");
    }
    Ok(())
}

/// A comment has no amounts; an order cannot go below what has been delivered.
fn quantities(
    family: &Family,
    line: &mut Record,
    old: Option<&Record>,
    input: &Input,
) -> Result<(), Fault> {
    let is_comment = line.text("lineObjectNumber").is_empty();
    if is_comment && !line.amount("quantity").is_zero() {
        return Err(Fault::field(
            "Type must not be equal to ' ' in Sales Line. Current value is ' '.",
        ));
    }
    let quantity = line.amount("quantity");
    line.set_amount("quantity", money::round(quantity, money::UNIT));
    let (Some(delivered), Some(next)) = (family.delivered(), family.to_deliver()) else {
        return Ok(());
    };
    let open = quantity - line.amount(delivered);
    if open.is_sign_negative() && !quantity.is_sign_negative() {
        return Err(Fault::dialog(format!(
            "Quantity must not be less than {} in the line.",
            line.amount(delivered)
        )));
    }
    let is_new = old.is_none_or(|old| old.amount("quantity") != quantity);
    for field in [next, "invoiceQuantity"] {
        if is_new && !input.has(field) {
            let done = if field == next {
                delivered
            } else {
                "invoicedQuantity"
            };
            let rest = quantity - line.amount(done);
            line.set_amount(field, rest);
        }
    }
    if line.amount(next) > open {
        return Err(Fault::dialog(format!(
            "You cannot ship more than {open} units."
        )));
    }
    Ok(())
}

/// Percent and amount follow each other.
fn discount(family: &Family, line: &mut Record, input: &Input) -> Result<(), Fault> {
    let gross = money::cents(line.amount("quantity") * line.amount(family.price));
    if money::is_beyond(gross) {
        return Err(Fault::dialog("The line amount is too large."));
    }
    if input.has("discountAmount") && !input.has("discountPercent") {
        let amount = money::cents(line.amount("discountAmount"));
        if amount.abs() > gross.abs() {
            return Err(Fault::dialog(
                "The discount amount must not be greater than the line amount.",
            ));
        }
        let percent = if gross.is_zero() {
            Decimal::ZERO
        } else {
            money::round(amount * Decimal::ONE_HUNDRED / gross, money::UNIT)
        };
        line.set_amount("discountAmount", amount);
        line.set_amount("discountPercent", percent);
        return Ok(());
    }
    let percent = line.amount("discountPercent");
    if percent.is_sign_negative() || percent > Decimal::ONE_HUNDRED {
        return Err(Fault::dialog(
            "The value of Line Discount % must be between 0 and 100.",
        ));
    }
    line.set_amount("discountAmount", money::percent(gross, percent));
    Ok(())
}
