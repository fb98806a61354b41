//! `CloseIncident`
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/closeincident>

use serde_json::Value;

use super::{bound_row, opportunities};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::security::Access;
use crate::write::Actor;

pub(super) fn close(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let mut body = call.json()?;
    let Some(Value::Object(resolution)) = body.remove("IncidentResolution") else {
        return Err(Fault::bad_query(
            "The parameter 'IncidentResolution' is missing.",
        ));
    };
    let link = bound_row(dataverse, &resolution, "incidentid")?;
    let mut row = dataverse
        .store
        .follow(link)
        .cloned()
        .ok_or_else(|| Fault::no_row("incident", link.id))?;
    dataverse.need_on(&call.who, Access::Write, link.table, &row)?;
    if dataverse
        .cell(link.table, &row, "statecode")
        .and_then(Cell::as_whole)
        != Some(0)
    {
        return Err(Fault::conflict(
            "0x80048408",
            "The case has already been resolved or canceled.",
        ));
    }
    let status = body
        .get("Status")
        .and_then(Value::as_i64)
        .filter(|status| *status >= 0)
        .unwrap_or(5);
    opportunities::record(
        dataverse,
        call,
        &resolution,
        "incidentresolution",
        ("incidentid", link),
    )?;
    let schema = dataverse.schema.clone();
    for (name, value) in [("statecode", 1), ("statuscode", status)] {
        if let Some(column) = schema.table(link.table).find(name) {
            row.set(column, Some(Cell::Whole(value)));
        }
    }
    dataverse.update_row(Actor::of(call), link.table, row)?;
    Ok(Reply::no_content())
}
