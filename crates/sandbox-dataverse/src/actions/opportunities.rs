//! `WinOpportunity`, `LoseOpportunity`
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/winopportunity>

use serde_json::{Map, Value};

use super::bound_row;
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::security::Access;
use crate::store::Row;
use crate::write::{Actor, Draft};

pub(super) fn win(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    close(dataverse, call, 1)
}

pub(super) fn lose(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    close(dataverse, call, 2)
}

/// Closes an opportunity, and keeps what was said about it as an activity.
fn close(dataverse: &mut Dataverse, call: &Call, state: i64) -> Result<Reply, Fault> {
    let mut body = call.json()?;
    let Some(Value::Object(activity)) = body.remove("OpportunityClose") else {
        return Err(Fault::bad_query(
            "The parameter 'OpportunityClose' is missing.",
        ));
    };
    let link = bound_row(dataverse, &activity, "opportunityid")?;
    let schema = dataverse.schema.clone();
    let known = schema.table(link.table);
    let row = dataverse
        .store
        .follow(link)
        .cloned()
        .ok_or_else(|| Fault::no_row("opportunity", link.id))?;
    dataverse.need_on(&call.who, Access::Write, link.table, &row)?;
    if known.name != "opportunity"
        || dataverse
            .cell(link.table, &row, "statecode")
            .and_then(Cell::as_whole)
            != Some(0)
    {
        return Err(Fault::conflict(
            "0x80048408",
            "The opportunity has already been closed.",
        ));
    }
    let status = body
        .get("Status")
        .and_then(Value::as_i64)
        .filter(|status| *status >= 0);
    let status = status.unwrap_or(if state == 1 { 3 } else { 4 });
    let actor = Actor::of(call);
    let activity_id = record(
        dataverse,
        call,
        &activity,
        "opportunityclose",
        ("opportunityid", link),
    )?;
    let closes = schema.find("opportunityclose").unwrap_or_default();
    let stored = dataverse.store.get(closes, activity_id);
    let said = |name: &str| stored.and_then(|row| dataverse.cell(closes, row, name).cloned());
    let revenue = said("actualrevenue").or_else(|| {
        let value = if state == 1 {
            dataverse.cell(link.table, &row, "estimatedvalue").cloned()
        } else {
            None
        };
        value.or(Some(Cell::Number(0.0)))
    });
    let date = said("actualend")
        .and_then(|cell| cell.as_time())
        .unwrap_or(call.now);
    let date = jiff::tz::Offset::UTC.to_datetime(date).date();
    let mut changed = row;
    let mut set = |name: &str, cell: Option<Cell>| {
        if let Some(column) = known.find(name) {
            changed.set(column, cell);
        }
    };
    set("statecode", Some(Cell::Whole(state)));
    set("statuscode", Some(Cell::Whole(status)));
    set("actualvalue", revenue);
    set("actualclosedate", Some(Cell::Date(date)));
    dataverse.update_row(actor, link.table, changed)?;
    Ok(Reply::no_content())
}

/// The activity that closes a row, completed.
pub(super) fn record(
    dataverse: &mut Dataverse,
    call: &Call,
    activity: &Map<String, Value>,
    table: &str,
    (column, about): (&str, crate::cell::Link),
) -> Result<uuid::Uuid, Fault> {
    let schema = dataverse.schema.clone();
    let table = schema.find(table).unwrap_or_default();
    dataverse.need(&call.who, Access::Create, table)?;
    let mut own = activity.clone();
    own.remove(column);
    own.remove(&format!("{column}@odata.bind"));
    let draft = Draft::read(dataverse, &call.who, table, &own, true)?;
    let id = draft.id.unwrap_or_else(|| dataverse.ids.uuid());
    let known = schema.table(table);
    let mut row = Row::new(id);
    for (column, cell) in draft.cells {
        row.set(column, cell);
    }
    let link = Some(Cell::Link(about));
    for (name, cell) in [
        (column, link.clone()),
        ("regardingobjectid", link),
        ("statecode", Some(Cell::Whole(1))),
    ] {
        if let Some(column) = known.find(name) {
            row.set(column, cell);
        }
    }
    if let Some(status) = known.find("statuscode") {
        row.set(status, Some(Cell::Whole(2)));
    }
    dataverse.create_row(Actor::of(call), table, row)
}
