//! What a new record hangs below.

use crate::books::{Record, Work};
use crate::engine::source::Parent;
use crate::fault::Fault;
use crate::model::{self, EntitySet};

/// Sets whose entities may carry files and dimensions, by the name that files have for them.
const PARENTS: [(&str, &str); 17] = [
    ("Journal", "journalLines"),
    ("Sales_x0020_Order", "salesOrders"),
    ("Sales_x0020_Quote", "salesQuotes"),
    ("Sales_x0020_Credit_x0020_Memo", "salesCreditMemos"),
    ("Sales_x0020_Invoice", "salesInvoices"),
    ("Purchase_x0020_Invoice", "purchaseInvoices"),
    ("General_x0020_Ledger_x0020_Entry", "generalLedgerEntries"),
    ("Item", "items"),
    ("Customer", "customers"),
    ("Vendor", "vendors"),
    ("Employee", "employees"),
    ("Purchase_x0020_Order", "purchaseOrders"),
    ("Purchase_x0020_Credit_x0020_Memo", "purchaseCreditMemos"),
    ("Project", "projects"),
    ("Contact", "contacts"),
    ("Item_x0020_Variant", "itemVariants"),
    ("Journal", "customerPayments"),
];

/// The name that files have for entities of a set.
pub(super) fn parent_type(set: &str) -> &'static str {
    let known = PARENTS.iter().find(|(_, known)| *known == set);
    known.map_or("_x0020_", |(name, _)| name)
}

/// Hangs a new record below what the address, or else the body, names.
pub(crate) fn attach(
    work: &Work<'_>,
    set: &EntitySet,
    record: &mut Record,
    parent: Option<&Parent>,
) -> Result<(), Fault> {
    let Some(field) = parent_field(set) else {
        return Ok(());
    };
    if let Some(parent) = parent {
        let named = record.text(field);
        if !named.is_empty() && named != parent.record.id {
            return Err(Fault::dialog(format!(
                "The \"{field}\" does not match the address of the request."
            )));
        }
        record.parent.clone_from(&parent.record.id);
        record.set(field, parent.record.id.as_str());
        if set.field("parentType").is_some() {
            record.set("parentType", parent_type(parent.set.name));
        }
        return Ok(());
    }
    let id = record.text(field).to_owned();
    if id.is_empty() {
        return Err(nothing_named(set, field));
    }
    owners(set, record)
        .find(|owner| work.get(owner, &id).is_some())
        .ok_or_else(|| Fault::dialog(format!("The \"{field}\" does not match to a record.")))?;
    record.parent = id;
    Ok(())
}

/// The field that names what a record of this set hangs below.
fn parent_field(set: &EntitySet) -> Option<&'static str> {
    Some(match set.name {
        "itemVariants" => "itemId",
        "timeRegistrationEntries" => "employeeId",
        "userPermissions" => "userSecurityId",
        "attachments" | "documentAttachments" | "defaultDimensions" | "dimensionSetLines" => {
            "parentId"
        }
        "journalLines" | "customerPayments" | "vendorPayments" => "journalId",
        name if name.ends_with("Lines") && set.field("documentId").is_some() => "documentId",
        _ => return None,
    })
}

/// Sets in which the parent may be: those that list this set, or the one that the type names.
fn owners<'a>(set: &'a EntitySet, record: &Record) -> impl Iterator<Item = &'static str> + 'a {
    let type_ = record.text("parentType").to_owned();
    let by_navigation = model::sets()
        .iter()
        .filter(|owner| owner.navigations.iter().any(|it| it.set == set.name))
        .map(|owner| owner.name);
    by_navigation.filter(move |owner| type_.is_empty() || parent_type(owner) == type_)
}

fn nothing_named(set: &EntitySet, field: &str) -> Fault {
    match field {
        "documentId" => Fault::dialog("You must specify a document id to get the lines."),
        "journalId" => Fault::dialog(
            "You must specify a journal batch ID or a journal ID to get a journal line.",
        ),
        "userSecurityId" => Fault::dialog(super::platform::NO_USER),
        "parentId" => Fault::dialog("You must specify a parentId in the request body."),
        _ => Fault::dialog(format!(
            "You must specify the \"{field}\" of the {}.",
            set.entity
        )),
    }
}
