//! Bookings, which move their work order along.

use uuid::Uuid;

use super::{CANCELED, COMPLETED, IN_PROGRESS, POSTED, SCHEDULED, UNSCHEDULED, length};
use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::rules::Fields;
use crate::schema::TableId;
use crate::store::Row;
use crate::write::Actor;

/// What `msdyn_fieldservicestatus` of a booking's status says.
const AT_WORK: [i64; 3] = [690_970_001, 690_970_002, 690_970_003];
const DONE: i64 = 690_970_004;

/// A booking's name, length and place.
pub(in crate::rules) fn booking(
    dataverse: &Dataverse,
    old: Option<&Row>,
    fields: &mut Fields<'_>,
) -> Result<(), Fault> {
    let time = |fields: &Fields<'_>, name: &str| fields.get(name).and_then(Cell::as_time);
    if let (Some(start), Some(end)) = (time(fields, "starttime"), time(fields, "endtime")) {
        let minutes = length(start, end)?;
        if fields.get("duration").is_none() || (old.is_some() && !fields.differs(old, "duration")) {
            fields.set("duration", Some(Cell::Whole(minutes)));
        }
    }
    if fields.link("resource").is_none() {
        return Err(Fault::rule("A booking needs a resource."));
    }
    if fields.link("bookingstatus").is_none() {
        return Err(Fault::rule("A booking needs a booking status."));
    }
    let order = fields
        .link("msdyn_workorder")
        .or_else(|| of_requirement(dataverse, fields));
    if let Some(order) = order {
        fields.set("msdyn_workorder", Some(Cell::Link(order)));
        if let Some(name) = dataverse.name_of(order.table, order.id) {
            fields.default("name", Cell::text(&name));
        }
        if let Some(row) = dataverse.store.follow(order) {
            for name in ["msdyn_latitude", "msdyn_longitude"] {
                if let Some(cell) = dataverse.cell(order.table, row, name).cloned() {
                    fields.default(name, cell);
                }
            }
        }
    }
    let resource = fields
        .link("resource")
        .and_then(|link| dataverse.name_of(link.table, link.id));
    fields.default("name", Cell::text(&resource.unwrap_or_default()));
    Ok(())
}

fn of_requirement(dataverse: &Dataverse, fields: &Fields<'_>) -> Option<Link> {
    let link = fields.link("msdyn_resourcerequirement")?;
    let row = dataverse.store.follow(link)?;
    dataverse
        .cell(link.table, row, "msdyn_workorder")?
        .as_link()
}

/// The work order follows its bookings, and its requirement counts what is fulfilled.
pub(in crate::rules) fn after_booking(
    dataverse: &mut Dataverse,
    actor: Actor,
    table: TableId,
    old: Option<&Row>,
    id: Uuid,
) {
    let row = dataverse.store.get(table, id);
    let mut orders: Vec<Link> = [row, old]
        .into_iter()
        .flatten()
        .filter_map(|row| dataverse.cell(table, row, "msdyn_workorder")?.as_link())
        .collect();
    orders.dedup();
    for order in orders {
        follow(dataverse, actor, table, order);
    }
}

fn follow(dataverse: &mut Dataverse, actor: Actor, table: TableId, order: Link) {
    let Some(row) = dataverse.store.follow(order).cloned() else {
        return;
    };
    let now = dataverse
        .cell(order.table, &row, "msdyn_systemstatus")
        .and_then(Cell::as_whole);
    if matches!(now, Some(POSTED | CANCELED)) {
        return;
    }
    let Some(column) = dataverse.schema.table(table).find("msdyn_workorder") else {
        return;
    };
    let (mut minutes, mut stages) = (0, Vec::new());
    for booking in dataverse.store.referring(table, column, order.id) {
        let Some(stage) = stage(dataverse, table, booking) else {
            continue;
        };
        minutes += dataverse
            .cell(table, booking, "duration")
            .and_then(Cell::as_whole)
            .unwrap_or_default();
        stages.push(stage);
    }
    let next = if stages.is_empty() {
        UNSCHEDULED
    } else if stages.iter().all(|stage| *stage == DONE) {
        COMPLETED
    } else if stages
        .iter()
        .any(|stage| AT_WORK.contains(stage) || *stage == DONE)
    {
        IN_PROGRESS
    } else {
        SCHEDULED
    };
    let mut values = vec![("msdyn_systemstatus", Some(Cell::Whole(next)))];
    if next == COMPLETED && now != Some(COMPLETED) {
        values.push(("msdyn_completedon", Some(Cell::Time(actor.now))));
    }
    if next == IN_PROGRESS
        && dataverse
            .cell(order.table, &row, "msdyn_firstarrivedon")
            .is_none()
    {
        values.push(("msdyn_firstarrivedon", Some(Cell::Time(actor.now))));
    }
    dataverse.change(order.table, order.id, values);
    requirements(dataverse, order, minutes);
}

/// The field service status of a booking; none of one that is canceled.
fn stage(dataverse: &Dataverse, table: TableId, booking: &Row) -> Option<i64> {
    let link = dataverse.cell(table, booking, "bookingstatus")?.as_link()?;
    let status = dataverse.store.follow(link)?;
    let of = |name: &str| {
        dataverse
            .cell(link.table, status, name)
            .and_then(Cell::as_whole)
    };
    if of("status") == Some(3) {
        return None;
    }
    Some(of("msdyn_fieldservicestatus").unwrap_or(690_970_000))
}

fn requirements(dataverse: &mut Dataverse, order: Link, minutes: i64) {
    let Some(table) = dataverse.schema.find("msdyn_resourcerequirement") else {
        return;
    };
    let Some(column) = dataverse.schema.table(table).find("msdyn_workorder") else {
        return;
    };
    let rows: Vec<(Uuid, i64)> = dataverse
        .store
        .referring(table, column, order.id)
        .map(|row| {
            let duration = dataverse
                .cell(table, row, "msdyn_duration")
                .and_then(Cell::as_whole);
            (row.id, duration.unwrap_or_default())
        })
        .collect();
    for (id, duration) in rows {
        let values = vec![
            ("msdyn_fulfilledduration", Some(Cell::Whole(minutes))),
            (
                "msdyn_remainingduration",
                Some(Cell::Whole((duration - minutes).max(0))),
            ),
        ];
        dataverse.change(table, id, values);
    }
}
