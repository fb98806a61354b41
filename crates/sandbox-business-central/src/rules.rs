//! What a table means beyond its types: required fields, defaults, numbers, and what may no longer change.
//!
//! Learnt from the resources' pages of
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/> and from the published pages
//! of the API itself, <https://github.com/microsoft/ALAppExtensions>.

mod attach;
pub(crate) mod dimensions;
pub(crate) mod documents;
pub(crate) mod family;
mod files;
pub(crate) mod items;
pub(crate) mod journals;
mod lines;
mod masters;
pub(crate) mod pictures;
pub(crate) mod platform;
mod relate;
pub(crate) mod taxes;
pub(crate) mod totals;

use crate::books::{Record, Work};
use crate::engine::input::Input;
use crate::fault::Fault;
use crate::model::{Api, EntitySet};

pub(crate) use attach::attach;
pub(crate) use relate::relate;

use family::Family;

/// Checks and completes a new record.
pub(crate) fn insert(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    if set.api == Api::Automation {
        return platform::insert(work, set, record, input);
    }
    if let Some(family) = Family::of(set.name) {
        return documents::insert(work, family, record, input);
    }
    if let Some(family) = Family::of_lines(set.name) {
        return lines::insert(work, family, record, input);
    }
    match set.name {
        "items" => items::insert(work, record, input),
        "journals" | "customerPaymentJournals" | "vendorPaymentJournals" => {
            journals::insert(work, set.name, record)
        }
        "journalLines" | "customerPayments" | "vendorPayments" => {
            journals::insert_line(work, set.name, record, input)
        }
        "attachments" | "documentAttachments" => files::insert(record),
        "defaultDimensions" | "dimensionSetLines" => dimensions::insert(work, set, record),
        _ => masters::insert(work, set, record),
    }
}

/// Checks and completes a changed record.
pub(crate) fn update(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    old: &Record,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    if set.api == Api::Automation {
        return platform::update(work, set, record, input);
    }
    if let Some(family) = Family::of(set.name) {
        return documents::update(work, family, old, record, input);
    }
    if let Some(family) = Family::of_lines(set.name) {
        return lines::update(work, family, old, record, input);
    }
    match set.name {
        "items" => items::update(work, old, record, input),
        "journalLines" | "customerPayments" | "vendorPayments" => {
            journals::update_line(work, set.name, old, record, input)
        }
        "defaultDimensions" | "dimensionSetLines" => dimensions::update(work, record),
        _ => masters::update(work, set, old, record),
    }
}

/// Refuses to remove what others stand on.
pub(crate) fn delete(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &Record,
) -> Result<(), Fault> {
    if set.api == Api::Automation {
        return platform::delete(work, set, record);
    }
    if let Some(family) = Family::of(set.name) {
        return documents::must_be_open(family, record);
    }
    if let Some(family) = Family::of_lines(set.name) {
        let header = work.need(family.set, &record.parent)?;
        return documents::must_be_open(family, header);
    }
    masters::delete(work, set, record)
}

/// After an entity and what it nests have been written.
pub(crate) fn settled(work: &mut Work<'_>, set: &'static EntitySet, id: &str) {
    if Family::of(set.name).is_some() {
        totals::settle(work, set.name, id);
        return;
    }
    let parent = work.get(set.name, id).map(|row| row.parent.clone());
    orphaned(work, set, &parent.unwrap_or_default());
}

/// After something below a parent has changed or gone.
pub(crate) fn orphaned(work: &mut Work<'_>, set: &'static EntitySet, parent: &str) {
    if let Some(family) = Family::of_lines(set.name) {
        totals::settle(work, family.set, parent);
    }
}
