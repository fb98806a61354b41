//! `msdyn_SearchResourceAvailability`: when resources are free.
//! Source: <https://learn.microsoft.com/dynamics365/field-service/search-resource-availability-api>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer;
use crate::Dataverse;
use crate::call::Call;
use crate::cell::{Cell, seconds};
use crate::fault::Fault;
use crate::query::value;
use crate::reply::Reply;
use crate::security::Access;

/// Hours of a working day, UTC.
const OPENS: i64 = 8;
const CLOSES: i64 = 17;

/// Free time of every resource between two instants.
pub(super) fn search(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let find = |name: &str| dataverse.schema.find(name).unwrap_or_default();
    let (resources, bookings) = (find("bookableresource"), find("bookableresourcebooking"));
    let depth = dataverse.need(&call.who, Access::Read, resources)?;
    let requirement = &body["Requirement"];
    let time = |name: &str| requirement[name].as_str().and_then(value::time);
    let bad =
        |what: &str| Fault::invalid_argument(format!("The requirement's '{what}' is missing."));
    let from = time("msdyn_fromdate").ok_or_else(|| bad("msdyn_fromdate"))?;
    let to = time("msdyn_todate").ok_or_else(|| bad("msdyn_todate"))?;
    let minutes = requirement["msdyn_duration"].as_i64().unwrap_or(60).max(1);
    if to <= from || to.as_second() - from.as_second() > 92 * 86_400 {
        return Err(Fault::invalid_argument(
            "The period is empty or longer than three months.",
        ));
    }
    let busy_column = dataverse
        .schema
        .table(bookings)
        .find("resource")
        .unwrap_or_default();
    let mut slots = Vec::new();
    for row in dataverse.store.rows(resources) {
        if !dataverse.reaches(&call.who, Access::Read, depth, resources, row) {
            continue;
        }
        let mut busy: Vec<(i64, i64)> = dataverse
            .store
            .referring(bookings, busy_column, row.id)
            .filter(|booking| !is_canceled(dataverse, bookings, booking))
            .filter_map(|booking| {
                let at = |name: &str| dataverse.cell(bookings, booking, name)?.as_time();
                Some((at("starttime")?.as_second(), at("endtime")?.as_second()))
            })
            .collect();
        busy.sort_unstable();
        let name = dataverse.name_of(resources, row.id).unwrap_or_default();
        for (start, end) in free(from, to, &busy, minutes * 60) {
            let text = |second: i64| {
                Timestamp::from_second(second)
                    .map(seconds)
                    .unwrap_or_default()
            };
            slots.push(json!({
                "@odata.type": "#Microsoft.Dynamics.CRM.expando",
                "StartTime": text(start),
                "EndTime": text(end),
                "ArrivalTime": text(start),
                "Effort": 1.0,
                "Potential": false,
                "Resource": { "ResourceId": row.id.to_string(), "Name": name },
            }));
        }
    }
    Ok(answer(
        call,
        "msdyn_SearchResourceAvailabilityResponse",
        json!({ "TimeSlots": slots, "Resources": [], "Related": null, "Exceptions": null }),
    ))
}

fn is_canceled(
    dataverse: &Dataverse,
    table: crate::schema::TableId,
    booking: &crate::store::Row,
) -> bool {
    let status = dataverse
        .cell(table, booking, "bookingstatus")
        .and_then(Cell::as_link);
    let row = status.and_then(|link| Some((link.table, dataverse.store.follow(link)?)));
    row.and_then(|(table, row)| dataverse.cell(table, row, "status")?.as_whole()) == Some(3)
}

/// What is left of working days between bookings, where it is long enough. Seconds since the epoch.
fn free(from: Timestamp, to: Timestamp, busy: &[(i64, i64)], need: i64) -> Vec<(i64, i64)> {
    let (from, to) = (from.as_second(), to.as_second());
    let mut found = Vec::new();
    let mut day = from.div_euclid(86_400) * 86_400;
    while day < to {
        // The epoch began on a Thursday.
        let weekday = (day / 86_400 + 3).rem_euclid(7);
        let mut at = (day + OPENS * 3600).max(from);
        let end = (day + CLOSES * 3600).min(to);
        if weekday < 5 {
            for &(start, stop) in busy {
                if start >= end || stop <= at {
                    continue;
                }
                if start - at >= need {
                    found.push((at, start));
                }
                at = at.max(stop);
            }
            if end - at >= need {
                found.push((at, end));
            }
        }
        day += 86_400;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookings_cut_the_day() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap_or_default();
        let (from, to) = (time("2026-10-01T00:00:00Z"), time("2026-10-02T00:00:00Z"));
        let hour = |hour: i64| from.as_second() + hour * 3600;
        let busy = [(hour(9), hour(12))];
        assert_eq!(
            free(from, to, &busy, 3600),
            [(hour(8), hour(9)), (hour(12), hour(17))]
        );
        assert_eq!(free(from, to, &busy, 4 * 3600), [(hour(12), hour(17))]);
    }
}
