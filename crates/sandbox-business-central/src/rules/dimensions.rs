//! Dimensions of records: an id of the dimension, and one of its values.

use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::EntitySet;

pub(super) fn insert(work: &Work<'_>, set: &EntitySet, record: &mut Record) -> Result<(), Fault> {
    let dimension = dimension_of(work, set, record)?;
    let taken = work
        .books
        .children(set.name, &record.parent)
        .any(|row| row.text(dimension_field(set)) == dimension);
    if taken {
        return Err(Fault::exists(set.entity, &dimension));
    }
    complete(work, record)
}

pub(super) fn update(work: &Work<'_>, record: &mut Record) -> Result<(), Fault> {
    complete(work, record)
}

fn dimension_field(set: &EntitySet) -> &'static str {
    match set.name {
        "dimensionSetLines" => "id",
        _ => "dimensionId",
    }
}

fn dimension_of(work: &Work<'_>, set: &EntitySet, record: &Record) -> Result<String, Fault> {
    let field = dimension_field(set);
    let id = record.text(field);
    if id.is_empty() {
        return Err(Fault::dialog(format!("The \"{field}\" must be provided.")));
    }
    work.need("dimensions", id).map(|found| found.id.clone())
}

/// Names beside ids; the value must be one of the dimension's.
fn complete(work: &Work<'_>, record: &mut Record) -> Result<(), Fault> {
    let is_line = !record.text("id").is_empty();
    let (own, value) = if is_line {
        ("id", "valueId")
    } else {
        ("dimensionId", "dimensionValueId")
    };
    let dimension = work.need("dimensions", record.text(own))?.clone();
    let id = record.text(value);
    let wanted = if id.is_empty() {
        let code = record.text("valueCode");
        let mut values = work.books.children("dimensionValues", &dimension.id);
        values.find(|row| !code.is_empty() && row.text("code") == code)
    } else {
        work.get("dimensionValues", id)
    };
    let wanted = wanted.filter(|row| row.parent == dimension.id).cloned();
    let Some(wanted) = wanted else {
        return Err(Fault::dialog(format!(
            "The \"{value}\" does not match to a value of the dimension {}.",
            dimension.text("code")
        )));
    };
    record.set(value, wanted.id.as_str());
    if is_line {
        record.copy_as(&dimension, "displayName", "displayName");
        record.copy_as(&dimension, "code", "code");
        record.copy_as(&wanted, "code", "valueCode");
        record.copy_as(&wanted, "displayName", "valueDisplayName");
        record.copy_as(&wanted, "consolidationCode", "valueConsolidationCode");
    } else {
        record.copy_as(&dimension, "code", "dimensionCode");
        record.copy_as(&wanted, "code", "dimensionValueCode");
    }
    Ok(())
}
