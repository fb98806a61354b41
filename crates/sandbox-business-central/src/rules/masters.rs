//! Records of people, places and codes: names, numbers, and what keeps them from being removed.

use super::items;
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::EntitySet;

/// Sets whose records have numbers of a series: prefix, and the number before the first.
const SERIES: [(&str, &str, u64); 7] = [
    ("customers", "C", 10_000),
    ("vendors", "V", 10_000),
    ("contacts", "CT", 100_000),
    ("employees", "E", 100),
    ("projects", "PR", 100),
    ("fixedAssets", "FA", 100),
    ("opportunities", "OP", 1_000),
];

pub(super) fn insert(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &mut Record,
) -> Result<(), Fault> {
    let series = SERIES.iter().find(|(name, ..)| *name == set.name);
    if let Some((_, prefix, start)) = series {
        number(work, set.name, record, (*prefix, *start))?;
    } else if set.field("code").is_some() {
        code(work, set, record)?;
    } else if set.field("number").is_some() {
        required(record, "number")?;
        unique(work, set, record, "number")?;
    }
    complete(work, set, record)
}

pub(super) fn update(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    old: &Record,
    record: &mut Record,
) -> Result<(), Fault> {
    if set.field("number").is_some() {
        renumber(work, set.name, old, record)?;
    }
    if set.field("code").is_some() && old.text("code") != record.text("code") {
        code(work, set, record)?;
    }
    complete(work, set, record)
}

fn complete(work: &Work<'_>, set: &EntitySet, record: &mut Record) -> Result<(), Fault> {
    match set.name {
        "customers" | "vendors" => must_have_name(record)?,
        "employees" => {
            required(record, "givenName")?;
            let parts = ["givenName", "middleName", "surname"].map(|name| record.text(name));
            let name: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            let name = name.join(" ");
            record.set("displayName", name);
        }
        "opportunities" => opportunity(work, record)?,
        "timeRegistrationEntries" => time_registration(work, record)?,
        "itemVariants" => {
            let item = work.need("items", &record.parent)?.clone();
            record.copy_as(&item, "number", "itemNumber");
        }
        "taxAreas" | "taxGroups" => record.set(
            "taxType",
            match work.books.setup.tax {
                crate::books::TaxKind::SalesTax => "",
                crate::books::TaxKind::Vat => "VAT",
            },
        ),
        _ => {}
    }
    Ok(())
}

fn opportunity(work: &Work<'_>, record: &mut Record) -> Result<(), Fault> {
    let number = record.text("contactNumber").to_owned();
    let contact = work.books.find("contacts", "number", &number).cloned();
    let contact =
        contact.ok_or_else(|| Fault::relation("Contact No.", "Opportunity", &number, "Contact"))?;
    record.copy_as(&contact, "displayName", "contactName");
    record.copy_as(&contact, "companyName", "contactCompanyName");
    if record.text("creationDate").is_empty() {
        record.set_date("creationDate", work.today());
    }
    Ok(())
}

fn time_registration(work: &Work<'_>, record: &mut Record) -> Result<(), Fault> {
    let employee = work.need("employees", &record.parent)?.clone();
    record.copy_as(&employee, "number", "employeeNumber");
    required(record, "date")?;
    if record.amount("lineNumber").is_zero() {
        let below = work
            .books
            .children("timeRegistrationEntries", &record.parent);
        record.set("lineNumber", (below.count() + 1) * 10_000);
    }
    if let Some(hour) = work.books.find("unitsOfMeasure", "code", "HOUR") {
        record.set("unitOfMeasureId", hour.id.as_str());
        record.set("unitOfMeasureCode", "HOUR");
    }
    Ok(())
}

pub(super) fn must_have_name(record: &Record) -> Result<(), Fault> {
    if record.text("displayName").trim().is_empty() {
        return Err(Fault::dialog("The blank \"displayName\" is not allowed."));
    }
    Ok(())
}

fn required(record: &Record, name: &str) -> Result<(), Fault> {
    if record.text(name).trim().is_empty() {
        return Err(Fault::blank(name));
    }
    Ok(())
}

/// A given number must be free; without one the series gives the next.
pub(super) fn number(
    work: &mut Work<'_>,
    set: &'static str,
    record: &mut Record,
    (prefix, start): (&'static str, u64),
) -> Result<(), Fault> {
    let given = record.text("number").to_owned();
    if !given.is_empty() {
        return free(work, set, "number", &given, &record.id);
    }
    loop {
        let number = work.next_number(prefix, start);
        if work.books.find(set, "number", &number).is_none() {
            record.set("number", number);
            return Ok(());
        }
    }
}

/// A record with a new number keeps its id.
pub(super) fn renumber(
    work: &Work<'_>,
    set: &'static str,
    old: &Record,
    record: &Record,
) -> Result<(), Fault> {
    let number = record.text("number");
    if number.is_empty() {
        return Err(Fault::blank("number"));
    }
    if number == old.text("number") {
        return Ok(());
    }
    free(work, set, "number", number, &record.id)
}

fn code(work: &Work<'_>, set: &'static EntitySet, record: &Record) -> Result<(), Fault> {
    required(record, "code")?;
    unique(work, set, record, "code")
}

fn unique(
    work: &Work<'_>,
    set: &'static EntitySet,
    record: &Record,
    field: &str,
) -> Result<(), Fault> {
    free(work, set.name, field, record.text(field), &record.id)
}

fn free(
    work: &Work<'_>,
    set: &'static str,
    field: &str,
    value: &str,
    id: &str,
) -> Result<(), Fault> {
    match work.books.find(set, field, value) {
        Some(other) if other.id != id => {
            let entity = crate::model::set(set).map_or(set, |set| set.entity);
            Err(Fault::exists(entity, value))
        }
        _ => Ok(()),
    }
}

/// <https://learn.microsoft.com/dynamics365/business-central/admin-manage-documents>
pub(super) fn delete(
    work: &Work<'_>,
    set: &'static EntitySet,
    record: &Record,
) -> Result<(), Fault> {
    let name = record.text("number");
    let keeps = |what: &str| {
        Fault::dialog(format!(
            "You cannot delete {} {name} because there is at least one {what} for it.",
            set.entity
        ))
    };
    let names = |table: &str, field: &str| {
        work.books
            .rows(table)
            .any(|row| row.text(field) == record.id)
    };
    match set.name {
        "customers" | "vendors" => {
            let field = if set.name == "customers" {
                "customerId"
            } else {
                "vendorId"
            };
            let entries = if set.name == "customers" {
                "customerLedger"
            } else {
                "vendorLedger"
            };
            if work.books.rows(entries).any(|row| row.parent == record.id) {
                return Err(keeps("ledger entry"));
            }
            let documents = [
                "salesQuotes",
                "salesOrders",
                "salesInvoices",
                "salesCreditMemos",
            ];
            let purchases = ["purchaseOrders", "purchaseInvoices", "purchaseCreditMemos"];
            let mut tables = documents.into_iter().chain(purchases);
            if tables.any(|table| names(table, field)) {
                return Err(keeps("outstanding document"));
            }
        }
        "items" => {
            if items::has_entries(work, record) {
                return Err(keeps("ledger entry"));
            }
            let lines = [
                "salesQuoteLines",
                "salesOrderLines",
                "salesInvoiceLines",
                "purchaseInvoiceLines",
                "purchaseOrderLines",
            ];
            if lines.into_iter().any(|table| names(table, "itemId")) {
                return Err(keeps("outstanding document that includes this item"));
            }
        }
        _ => {}
    }
    Ok(())
}
