//! The duplicate detection rules that an organisation has at first: accounts, contacts and leads with the same mail address.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Dataverse;
use crate::cell::{Cell, compare_text};
use crate::fault::Fault;
use crate::schema::TableId;

/// Refuses a body that would make a duplicate.
pub(crate) fn refuse(
    dataverse: &Dataverse,
    table: TableId,
    body: &Map<String, Value>,
    own: Option<Uuid>,
) -> Result<(), Fault> {
    let known = dataverse.schema.table(table);
    if !matches!(known.name.as_str(), "account" | "contact" | "lead") {
        return Ok(());
    }
    let Some(address) = body.get("emailaddress1").and_then(Value::as_str) else {
        return Ok(());
    };
    let is_same = |row: &crate::store::Row| {
        let held = dataverse
            .cell(table, row, "emailaddress1")
            .and_then(Cell::as_text);
        held.is_some_and(|held| compare_text(held, address).is_eq())
    };
    let mut others = dataverse
        .store
        .rows(table)
        .filter(|row| Some(row.id) != own);
    if others.any(is_same) {
        return Err(Fault::duplicate_detected());
    }
    Ok(())
}
