//! Dataverse: whether the environment knows the application user, and what its security roles give.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectionMethod, Service};
use serde_json::Value;

use super::{Asker, LIST_LIMIT, Probe, tables};
use crate::test::Locked;

const NAME: &str = "application user";
/// Named of the operations that a missing privilege keeps closed; the report lists all.
const SHOWN: usize = 3;

pub(super) async fn run(asker: &mut Asker<'_>) {
    let Some(answer) = asker.enter(who_am_i()).await else {
        return;
    };
    let is_limited = asker.snapshot.connection.policy.tables.is_some();
    // Where a connection is limited to tables, no other is asked for.
    if asker.snapshot.connection.service == Service::FieldService
        && !is_limited
        && asker.ask(field_service()).await.is_none()
    {
        return;
    }
    let Some(user) = answer["UserId"].as_str() else {
        return;
    };
    let answer = asker.ask(privileges(user)).await;
    let held = answer.map_or_else(BTreeSet::new, |answer| held(&answer));
    if is_limited {
        tables::run(asker, &held).await;
    } else {
        compare(asker, &held);
    }
}

/// <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/use-web-api-functions>
fn who_am_i() -> Probe {
    Probe::new(
        NAME,
        "/WhoAmI",
        "the environment knows the application user",
    )
}

fn field_service() -> Probe {
    Probe::new(
        "field service",
        "/EntityDefinitions(LogicalName='msdyn_workorder')?$select=LogicalName",
        "Field Service is installed",
    )
    .of("msdyn_workorder")
}

/// <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges>
fn privileges(user: &str) -> Probe {
    let path = format!("/systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges");
    Probe::new("security roles", path, "its security roles can be read").up_to(LIST_LIMIT)
}

fn held(answer: &Value) -> BTreeSet<String> {
    let rows = answer["RolePrivileges"].as_array();
    rows.into_iter()
        .flatten()
        .filter_map(|row| Some(row["PrivilegeName"].as_str()?.to_lowercase()))
        .collect()
}

/// Holds what the roles give against what the operations that the policy lets through want. A role that leaves some out is
/// told, and is no fault: it may be meant so.
fn compare(asker: &mut Asker<'_>, held: &BTreeSet<String>) {
    if held.is_empty() {
        return;
    }
    let service = asker.snapshot.connection.service;
    let mut wanted: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for operation in catalog::operations() {
        if !operation.runs_on(service) || !asker.allows(operation.kind) {
            continue;
        }
        let needs = operation
            .permissions(ConnectionMethod::ServicePrincipal)
            .privileges;
        for privilege in needs.iter().filter(|name| !name.contains('{')) {
            wanted.entry(privilege).or_default().push(operation.id);
        }
    }
    let all = wanted.len();
    let locked: Vec<_> = wanted
        .into_iter()
        .filter(|(privilege, _)| !held.contains(&privilege.to_lowercase()))
        .map(|(privilege, operations)| Locked::new(privilege, operations))
        .collect();
    let detail = if locked.is_empty() {
        format!("its security roles give all {all} privileges that the operations want")
    } else {
        let named: Vec<_> = locked.iter().take(SHOWN).map(Locked::told).collect();
        format!(
            "its security roles leave {} of {all} privileges out: {}",
            locked.len(),
            named.join("; ")
        )
    };
    asker.note("privileges", true, detail);
    asker.findings.locked.extend(locked);
}
