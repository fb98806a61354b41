//! OneDrive and SharePoint: resource units of an application in a tenant, and requests of a person.
//! Source: <https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online>

use axum::http::{HeaderName, Method, header};

use super::{Admission, Asked, spend, too_many};
use crate::shared::Shared;
use crate::throttling::Standing;

/// Resource units by the licences of the tenant: up to so many, of an application in a minute and in a day, and of the
/// tenant in five minutes.
const UNITS: [(u64, u64, u64, u64); 5] = [
    (1_000, 1_250, 1_200_000, 18_750),
    (5_000, 2_500, 2_400_000, 37_500),
    (15_000, 3_750, 3_600_000, 56_250),
    (50_000, 5_000, 4_800_000, 75_000),
    (u64::MAX, 6_250, 6_000_000, 93_750),
];
/// Requests of a person in five minutes, whichever application makes them.
const OF_A_PERSON: u64 = 3_000;
/// From here on an answer tells how things stand.
const TOLD_FROM_PERCENT: u64 = 80;

pub(super) fn admit(asked: &Asked<'_>, shared: &Shared) -> Admission {
    let cost = cost(asked);
    let (_, minute, day, tenant) = UNITS
        .into_iter()
        .find(|row| asked.people <= row.0)
        .unwrap_or(UNITS[4]);
    let minute = spend(shared, asked.limit_in_tenant("units", minute, 60, cost));
    let day = spend(
        shared,
        asked.limit_in_tenant("units of a day", day, 24 * 3600, cost),
    );
    let whole = whole_tenant(asked, "units", tenant, cost);
    let whole = spend(shared, whole);
    let person = (!asked.caller.is_application())
        .then(|| whole_tenant(asked, asked.caller.object_id(), OF_A_PERSON, 1));
    let person = spend(shared, person.flatten());
    let over = [minute, day, whole, person]
        .into_iter()
        .flatten()
        .find(|standing| standing.is_over());
    let Some(minute) = minute else {
        return Admission::default();
    };
    let mut headers = Vec::new();
    if over.is_some() || minute.percent() >= TOLD_FROM_PERCENT {
        headers.extend(told(over.unwrap_or(minute)));
    }
    if let Some(over) = over {
        headers.push((header::RETRY_AFTER, over.reset_secs.to_string()));
    }
    let fault = || {
        too_many("activityLimitReached", "The request has been throttled.")
            .with_inner("throttledRequest")
    };
    Admission {
        headers,
        refused: over.map(|_| fault()),
        _slot: None,
    }
}

/// Units of this request.
fn cost(asked: &Asked<'_>) -> u64 {
    let last = asked.segments.last().copied().unwrap_or_default();
    let is_on_permissions = asked.segments.contains(&"permissions")
        || ["invite", "createlink"].contains(&last)
        || asked
            .option("expand")
            .is_some_and(|expand| expand.contains("permissions"));
    let is_list = [
        "children", "items", "lists", "versions", "drives", "sites", "columns", "pages",
    ]
    .contains(&last)
        || last.starts_with("search(");
    match last {
        _ if is_on_permissions => 5,
        "delta" if asked.has_option("token") || asked.has_option("deltatoken") => 1,
        _ if *asked.method != Method::GET || is_list || last == "delta" => 2,
        _ => 1,
    }
}

/// A limit that applications share: of five minutes.
fn whole_tenant(
    asked: &Asked<'_>,
    name: &str,
    most: u64,
    cost: u64,
) -> Option<crate::throttling::Limit> {
    let limit = asked.limit(name, most, 300, cost)?;
    let key = format!("{}/files/{name}", asked.caller.tenant_id());
    Some(crate::throttling::Limit { key, ..limit })
}

fn told(standing: Standing) -> [(HeaderName, String); 3] {
    [
        ("ratelimit-limit", standing.most),
        ("ratelimit-remaining", standing.remaining()),
        ("ratelimit-reset", standing.reset_secs),
    ]
    .map(|(name, value)| (HeaderName::from_static(name), value.to_string()))
}
