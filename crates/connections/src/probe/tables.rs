//! Each table that a connection is limited to: whether it is there, and what the security roles give in it.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api>.

use std::collections::BTreeSet;

use model::{Act, Diagnosis, Evidence, Group, OperationKind, RemedyStep, TableName};
use serde_json::Value;

use super::{Asker, Probe};
use crate::test::Locked;

/// What the kinds of operation need of a table, by Dataverse's types of privileges.
const NEEDED: [(OperationKind, &[&str]); 3] = [
    (OperationKind::Read, &["Read"]),
    (OperationKind::Write, &["Create", "Write"]),
    (OperationKind::Delete, &["Delete"]),
];

/// `held` are the privileges that the roles give, in lower case.
pub(super) async fn run(asker: &mut Asker<'_>, held: &BTreeSet<String>) {
    let listed = asker.snapshot.connection.policy.tables.as_ref();
    for table in listed.into_iter().flatten() {
        let path =
            format!("/EntityDefinitions(LogicalName='{table}')?$select=LogicalName,Privileges");
        let probe = Probe::new("table", path, format!("`{table}` is there"));
        if let Some(answer) = asker.ask(probe.of(table.as_str())).await {
            compare(asker, table, &answer, held);
        }
    }
}

/// What the roles leave out may be meant so; a table in which they give nothing is a fault.
fn compare(asker: &mut Asker<'_>, table: &TableName, answer: &Value, held: &BTreeSet<String>) {
    let needed: Vec<&str> = NEEDED
        .iter()
        .filter(|(kind, _)| asker.allows(*kind))
        .flat_map(|(_, types)| types.iter().copied())
        .collect();
    let privileges: Vec<&str> = answer["Privileges"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| {
            one["PrivilegeType"]
                .as_str()
                .is_some_and(|of| needed.contains(&of))
        })
        .filter_map(|one| one["Name"].as_str())
        .collect();
    if held.is_empty() || privileges.is_empty() {
        return;
    }
    let missing: Vec<&str> = privileges
        .iter()
        .copied()
        .filter(|name| !held.contains(&name.to_lowercase()))
        .collect();
    if missing.is_empty() {
        let all = privileges.len();
        let told = format!("its security roles give all {all} privileges in `{table}`");
        asker.note("privileges", true, told);
        return;
    }
    let names = missing.join("`, `");
    let is_closed = missing.len() == privileges.len();
    let told = format!("its security roles leave out `{names}` of `{table}`");
    asker.note("privileges", !is_closed, told);
    for name in &missing {
        let locked = Locked::new(*name, operations(asker, name));
        asker.findings.locked.push(locked);
    }
    if is_closed {
        let diagnosis = closed(asker, table, &names);
        asker.findings.diagnosis.get_or_insert(diagnosis);
    }
}

/// Those that want the privilege.
fn operations(asker: &Asker<'_>, privilege: &str) -> Vec<&'static str> {
    let connection = &asker.snapshot.connection;
    catalog::operations()
        .iter()
        .filter(|operation| operation.runs_on(connection.service) && asker.allows(operation.kind))
        .filter(|operation| {
            let needs = operation.permissions(model::ConnectionMethod::ServicePrincipal);
            let mut names = needs.privileges.iter();
            names.any(|name| name.eq_ignore_ascii_case(privilege))
        })
        .map(|operation| operation.id)
        .collect()
}

fn closed(asker: &Asker<'_>, table: &TableName, privileges: &str) -> Diagnosis {
    let snapshot = asker.snapshot;
    let portal = snapshot.cloud.power_platform.as_ref();
    Diagnosis {
        group: Group::PermissionDenied,
        cause: format!(
            "`{}` is limited to some tables, and in `{table}` its security roles give nothing that it may do",
            snapshot.connection.name
        ),
        act: Act::Administrator,
        remedy: vec![
            RemedyStep {
                text: format!(
                    "give it a security role with `{privileges}`, or take `{table}` off the list"
                ),
                link: portal.map(ToString::to_string),
                command: None,
            },
            RemedyStep {
                text: "look again".to_owned(),
                link: None,
                command: Some(format!(
                    "consentry connections test {}",
                    snapshot.connection.name
                )),
            },
        ],
        evidence: Evidence {
            code: "privilege_missing".to_owned(),
            message: format!("missing: {privileges}").replace('`', ""),
            ..Evidence::default()
        },
        known: true,
    }
}
