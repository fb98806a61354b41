//! Work orders, their lines, their bookings.
//! Source: <https://learn.microsoft.com/dynamics365/field-service/work-order-status-booking-status>

mod booking;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Fields, Numbers};
use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::schema::TableId;
use crate::store::Row;
use crate::write::{Actor, cents};

pub(super) use booking::{after_booking, booking};

/// `msdyn_systemstatus`
pub(crate) const UNSCHEDULED: i64 = 690_970_000;
pub(crate) const SCHEDULED: i64 = 690_970_001;
pub(crate) const IN_PROGRESS: i64 = 690_970_002;
pub(crate) const COMPLETED: i64 = 690_970_003;
pub(crate) const POSTED: i64 = 690_970_004;
pub(crate) const CANCELED: i64 = 690_970_005;
/// `msdyn_linestatus`
const USED: i64 = 690_970_001;

/// Number, billing account, address and price list; nothing changes once it is posted.
pub(super) fn work_order(
    dataverse: &mut Dataverse,
    actor: Actor,
    old: Option<&Row>,
    fields: &mut Fields<'_>,
) -> Result<(), Fault> {
    let account = fields
        .link("msdyn_serviceaccount")
        .ok_or_else(|| Fault::rule("Work Order: Service Account is required."))?;
    if old.is_none() && fields.text("msdyn_name").is_none() {
        let number = Numbers::next(&mut dataverse.numbers.work_order);
        fields.set("msdyn_name", Some(Cell::text(&format!("{number:05}"))));
    }
    fields.default("msdyn_billingaccount", Cell::Link(account));
    if let (None, Some(row)) = (old, dataverse.store.follow(account)) {
        for (to, from) in [
            ("msdyn_address1", "address1_line1"),
            ("msdyn_city", "address1_city"),
            ("msdyn_postalcode", "address1_postalcode"),
            ("msdyn_country", "address1_country"),
            ("msdyn_stateorprovince", "address1_stateorprovince"),
            ("msdyn_latitude", "address1_latitude"),
            ("msdyn_longitude", "address1_longitude"),
            ("msdyn_serviceterritory", "msdyn_serviceterritory"),
        ] {
            if let Some(cell) = dataverse.cell(account.table, row, from).cloned() {
                fields.default(to, cell);
            }
        }
    }
    let status = fields.whole("msdyn_systemstatus");
    let before = old.and_then(|old| {
        old.get(fields.table.find("msdyn_systemstatus")?)?
            .as_whole()
    });
    if before == Some(POSTED) && fields.differs(old, "msdyn_systemstatus") {
        return Err(Fault::rule(
            "The work order is posted and its status can't be changed.",
        ));
    }
    if fields.differs(old, "msdyn_systemstatus") && matches!(status, Some(COMPLETED | POSTED)) {
        fields.default("msdyn_completedon", Cell::Time(actor.now));
        if status == Some(POSTED) {
            let user = Cell::link(dataverse.tables.user, actor.user);
            fields.set("msdyn_timeclosed", Some(Cell::Time(actor.now)));
            fields.set("msdyn_closedby", Some(user));
        }
    }
    Ok(())
}

/// A new work order gets its requirement, and the incident that it is about.
pub(super) fn after_work_order(
    dataverse: &mut Dataverse,
    actor: Actor,
    table: TableId,
    old: Option<&Row>,
    id: Uuid,
) {
    let Some(row) = dataverse.store.get(table, id).cloned() else {
        return;
    };
    if old.is_some() {
        return;
    }
    let get = |dataverse: &Dataverse, name: &str| dataverse.cell(table, &row, name).cloned();
    let incident_type = get(dataverse, "msdyn_primaryincidenttype").and_then(|cell| cell.as_link());
    let minutes = incident_type
        .and_then(|link| {
            let row = dataverse.store.follow(link)?;
            dataverse
                .cell(link.table, row, "msdyn_estimatedduration")?
                .as_whole()
        })
        .unwrap_or(60);
    let order = Some(Cell::link(table, id));
    let name = get(dataverse, "msdyn_name");
    if let Some(requirements) = dataverse.schema.find("msdyn_resourcerequirement") {
        let requirement = dataverse.ids.uuid();
        let values = vec![
            ("msdyn_name", name),
            ("msdyn_workorder", order.clone()),
            ("msdyn_duration", Some(Cell::Whole(minutes))),
            ("msdyn_remainingduration", Some(Cell::Whole(minutes))),
            ("msdyn_fulfilledduration", Some(Cell::Whole(0))),
            ("msdyn_isprimary", Some(Cell::Flag(true))),
            ("msdyn_latitude", get(dataverse, "msdyn_latitude")),
            ("msdyn_longitude", get(dataverse, "msdyn_longitude")),
            ("msdyn_city", get(dataverse, "msdyn_city")),
            ("msdyn_territory", get(dataverse, "msdyn_serviceterritory")),
            ("msdyn_priority", get(dataverse, "msdyn_priority")),
            ("msdyn_fromdate", get(dataverse, "msdyn_datewindowstart")),
            ("msdyn_todate", get(dataverse, "msdyn_datewindowend")),
            (
                "msdyn_timefrompromised",
                get(dataverse, "msdyn_timefrompromised"),
            ),
            (
                "msdyn_timetopromised",
                get(dataverse, "msdyn_timetopromised"),
            ),
            ("ownerid", get(dataverse, "ownerid")),
        ];
        dataverse.insert(actor, requirements, requirement, values);
    }
    if let (Some(link), Some(incidents)) = (
        incident_type,
        dataverse.schema.find("msdyn_workorderincident"),
    ) {
        let incident = dataverse.ids.uuid();
        let values = vec![
            ("msdyn_workorder", order),
            ("msdyn_incidenttype", Some(Cell::Link(link))),
            ("msdyn_estimatedduration", Some(Cell::Whole(minutes))),
            ("msdyn_isprimary", Some(Cell::Flag(true))),
            ("ownerid", get(dataverse, "ownerid")),
        ];
        dataverse.insert(actor, incidents, incident, values);
        let minutes = Some(Cell::Whole(minutes));
        let values = vec![
            ("msdyn_primaryincidentestimatedduration", minutes.clone()),
            ("msdyn_totalestimatedduration", minutes),
        ];
        dataverse.change(table, id, values);
    }
}

/// Name and price of what a line is of.
fn item(dataverse: &Dataverse, fields: &mut Fields<'_>, column: &str, price: &str) {
    let Some(link) = fields.link(column) else {
        return;
    };
    let Some(row) = dataverse.store.follow(link) else {
        return;
    };
    if let Some(name) = dataverse.name_of(link.table, link.id) {
        fields.default("msdyn_name", Cell::text(&name));
    }
    for (to, from) in [
        (price, "price"),
        ("msdyn_unitamount", "price"),
        ("msdyn_unitcost", "currentcost"),
    ] {
        if let Some(cell) = dataverse.cell(link.table, row, from).cloned() {
            fields.default(to, cell);
        }
    }
    if let Some(unit) = dataverse.cell(link.table, row, "defaultuomid").cloned() {
        fields.default("msdyn_unit", unit);
    }
}

fn amounts(fields: &mut Fields<'_>, quantity: f64, prefix: &str) {
    let of = |name: &str| {
        fields
            .number(&format!("msdyn_{prefix}{name}"))
            .unwrap_or_default()
    };
    let subtotal = cents(of("unitamount") * quantity);
    let discount = of("discountamount") + subtotal * of("discountpercent") / 100.0;
    let cost = cents(of("unitcost") * quantity);
    fields.set(
        &format!("msdyn_{prefix}subtotal"),
        Some(Cell::Number(subtotal)),
    );
    fields.set(
        &format!("msdyn_{prefix}totalamount"),
        Some(Cell::Number(cents(subtotal - discount))),
    );
    fields.set(
        &format!("msdyn_{prefix}totalcost"),
        Some(Cell::Number(cost)),
    );
}

pub(super) fn product_line(dataverse: &Dataverse, fields: &mut Fields<'_>) {
    item(
        dataverse,
        fields,
        "msdyn_product",
        "msdyn_estimateunitamount",
    );
    let estimated = fields.number("msdyn_estimatequantity").unwrap_or_default();
    amounts(fields, estimated, "estimate");
    let quantity = fields.number("msdyn_quantity").unwrap_or_default();
    let used = if fields.whole("msdyn_linestatus") == Some(USED) {
        quantity
    } else {
        0.0
    };
    fields.set("msdyn_qtytobill", Some(Cell::Number(used)));
    amounts(fields, used, "");
}

pub(super) fn service_line(dataverse: &Dataverse, fields: &mut Fields<'_>) {
    item(
        dataverse,
        fields,
        "msdyn_service",
        "msdyn_estimateunitamount",
    );
    let hours = |minutes: Option<i64>| {
        f64::from(i32::try_from(minutes.unwrap_or_default()).unwrap_or_default()) / 60.0
    };
    amounts(
        fields,
        hours(fields.whole("msdyn_estimateduration")),
        "estimate",
    );
    let is_used = fields.whole("msdyn_linestatus") == Some(USED);
    let minutes = fields.whole("msdyn_duration").filter(|_| is_used);
    fields.set(
        "msdyn_durationtobill",
        Some(Cell::Whole(minutes.unwrap_or_default())),
    );
    amounts(fields, hours(minutes), "");
}

pub(super) fn incident_line(dataverse: &Dataverse, fields: &mut Fields<'_>) {
    let name = fields
        .link("msdyn_incidenttype")
        .and_then(|link| dataverse.name_of(link.table, link.id));
    if let Some(name) = name {
        fields.default("msdyn_name", Cell::text(&name));
    }
}

pub(super) fn agreement(dataverse: &mut Dataverse, fields: &mut Fields<'_>) {
    if fields.text("msdyn_name").is_none() {
        let number = Numbers::next(&mut dataverse.numbers.agreement);
        fields.set("msdyn_name", Some(Cell::text(&format!("AGR-{number:05}"))));
    }
    if let Some(account) = fields.link("msdyn_serviceaccount") {
        fields.default("msdyn_billingaccount", Cell::Link(account));
    }
}

/// Time off ends after it starts, and has a name and a length.
pub(super) fn time_off(dataverse: &Dataverse, fields: &mut Fields<'_>) -> Result<(), Fault> {
    let time = |name: &str| fields.get(name).and_then(Cell::as_time);
    let (Some(start), Some(end)) = (time("msdyn_starttime"), time("msdyn_endtime")) else {
        return Err(Fault::rule(
            "A time off request needs a start time and an end time.",
        ));
    };
    let minutes = length(start, end)?;
    let resource = fields
        .link("msdyn_resource")
        .and_then(|link| dataverse.name_of(link.table, link.id));
    fields.set("msdyn_duration", Some(Cell::Whole(minutes)));
    fields.default("msdyn_name", Cell::text(&resource.unwrap_or_default()));
    Ok(())
}

/// Minutes from one instant to a later one.
fn length(start: Timestamp, end: Timestamp) -> Result<i64, Fault> {
    let minutes = (end.as_second() - start.as_second()) / 60;
    if minutes < 0 {
        return Err(Fault::rule("The end time has to be after the start time."));
    }
    Ok(minutes)
}

/// A line changed: its work order adds up again.
pub(super) fn after_line(dataverse: &mut Dataverse, table: TableId, old: Option<&Row>, id: Uuid) {
    let row = dataverse.store.get(table, id);
    let orders: Vec<Link> = [row, old]
        .into_iter()
        .flatten()
        .filter_map(|row| dataverse.cell(table, row, "msdyn_workorder")?.as_link())
        .collect();
    for order in orders {
        let (mut estimate, mut total) = (0.0, 0.0);
        for lines in ["msdyn_workorderproduct", "msdyn_workorderservice"] {
            let Some(lines) = dataverse.schema.find(lines) else {
                continue;
            };
            let Some(column) = dataverse.schema.table(lines).find("msdyn_workorder") else {
                continue;
            };
            for line in dataverse.store.referring(lines, column, order.id) {
                let of = |name: &str| {
                    dataverse
                        .cell(lines, line, name)
                        .and_then(Cell::as_number)
                        .unwrap_or_default()
                };
                estimate += of("msdyn_estimatetotalamount");
                total += of("msdyn_totalamount");
            }
        }
        let money = |amount: f64| Some(Cell::Number(cents(amount)));
        let values = vec![
            ("msdyn_estimatesubtotalamount", money(estimate)),
            ("msdyn_subtotalamount", money(total)),
            ("msdyn_totalsalestax", money(0.0)),
            ("msdyn_totalamount", money(total)),
        ];
        dataverse.change(order.table, order.id, values);
    }
}
