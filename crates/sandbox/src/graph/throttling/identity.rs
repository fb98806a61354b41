//! The directory: resource units of an application in a tenant, and writes.
//! Source: <https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>

use axum::http::{HeaderName, Method, header};

use super::{Admission, Asked, spend, too_many};
use crate::shared::Shared;

/// Units in ten seconds, by the people of the tenant.
const UNITS: [(u64, u64); 3] = [(49, 3_500), (500, 5_000), (u64::MAX, 8_000)];
/// Units of an application in twenty seconds, in all tenants.
const IN_ALL: u64 = 150_000;
/// Writes of an application in 150 seconds, in a tenant.
const WRITES: u64 = 3_000;
/// Writes of an application in five minutes, in all tenants.
const WRITES_IN_ALL: u64 = 70_000;
/// From here on an answer tells how things stand.
const TOLD_FROM_PERCENT: u64 = 80;
/// How far the told share goes.
const TOLD_TO_PERCENT: u64 = 180;

pub(super) fn admit(asked: &Asked<'_>, shared: &Shared) -> Admission {
    let cost = cost(asked);
    let units = UNITS
        .into_iter()
        .find(|row| asked.people <= row.0)
        .map_or(8_000, |row| row.1);
    let mut standings = vec![
        (
            asked.limit_in_tenant("units", units, 10, cost),
            "ResourceUnitLimitExceeded",
        ),
        (
            asked.limit("units", IN_ALL, 20, cost),
            "ResourceUnitLimitExceeded",
        ),
    ];
    if asked.is_write() {
        standings.push((
            asked.limit_in_tenant("writes", WRITES, 150, 1),
            "WriteLimitExceeded",
        ));
        standings.push((
            asked.limit("writes", WRITES_IN_ALL, 300, 1),
            "WriteLimitExceeded",
        ));
    }
    let standings = standings
        .into_iter()
        .filter_map(|(limit, why)| Some((spend(shared, limit)?, why)));
    let fullest = standings.max_by_key(|(standing, _)| standing.percent());
    let Some((standing, why)) = fullest else {
        return Admission::default();
    };
    let mut headers = vec![(
        HeaderName::from_static("x-ms-resource-unit"),
        cost.to_string(),
    )];
    let percent = standing.percent();
    if percent >= TOLD_FROM_PERCENT {
        let share = percent.min(TOLD_TO_PERCENT);
        let share = format!("{}.{:02}", share / 100, share % 100);
        headers.push((
            HeaderName::from_static("x-ms-throttle-limit-percentage"),
            share,
        ));
    }
    if standing.is_over() {
        let kind = if asked.is_write() {
            "Write"
        } else {
            "ReadWrite"
        };
        let scope = format!(
            "Tenant_Application/{kind}/{}/{}",
            asked.caller.client_id(),
            asked.caller.tenant_id()
        );
        headers.push((HeaderName::from_static("x-ms-throttle-scope"), scope));
        headers.push((
            HeaderName::from_static("x-ms-throttle-information"),
            why.to_owned(),
        ));
        headers.push((header::RETRY_AFTER, standing.reset_secs.to_string()));
    }
    let fault = || {
        too_many(
            "Request_ThrottledTemporarily",
            "Your request is throttled temporarily. Please try after the time in the Retry-After header.",
        )
    };
    Admission {
        headers,
        refused: standing.is_over().then(fault),
        _slot: None,
    }
}

/// Units of this request: less for few properties and small pages, more for relations.
fn cost(asked: &Asked<'_>) -> u64 {
    let base: u64 = match (asked.method.clone(), asked.segments) {
        (Method::GET, [.., "transitivemembers" | "transitivememberof"]) => 5,
        (Method::GET, [.., "members" | "memberof" | "owners"]) => 3,
        (Method::GET, ["users" | "groups" | "applications" | "serviceprincipals"]) => 2,
        _ => 1,
    };
    let mut cost = base + u64::from(asked.has_option("expand"));
    let is_small = asked
        .option("top")
        .is_some_and(|top| top.parse().is_ok_and(|top: u32| top < 20));
    for is_cheaper in [asked.has_option("select"), is_small] {
        if is_cheaper {
            cost = cost.saturating_sub(1).max(1);
        }
    }
    cost
}
