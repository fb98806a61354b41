//! Each documented fault, once at each place where a behaviour meets Microsoft: what the caller is told, what the activity
//! line says, how many requests Microsoft saw, and that nothing half done is left without a name.
//!
//! `faults/rows.toml` says which operation stands for a behaviour, where it asks Microsoft, and what each place promises. A
//! behaviour that is implemented and has no row fails.

mod expected;
mod meet;
mod reads;
mod refusals;
mod rows;

use std::collections::BTreeSet;

use model::Service;

use self::rows::Row;
use crate::people::Stage;

/// Their requests fail one by one, which `promises/batches.rs` is about.
const BATCHES: [&str; 4] = [
    "business_central_batch",
    "dataverse_batch",
    "dataverse_changeset",
    "graph_batch",
];

#[test]
fn every_behaviour_has_its_row() {
    let rows = rows::all();
    let mut known: BTreeSet<_> = rows.iter().map(|row| row.behavior.as_str()).collect();
    let plain = ["plain read", "plain write", "list"];
    let alone = |name: &str| !BATCHES.contains(&name);
    let implemented = catalog::behaviors().iter().filter(|one| one.implemented);
    for behavior in implemented.filter(|one| alone(one.name)) {
        assert!(
            known.remove(behavior.name),
            "`{}` has no row",
            behavior.name
        );
    }
    assert_eq!(known, BTreeSet::from(plain), "what is no behaviour");
    for row in rows {
        let operation = catalog::operation(&row.operation);
        let operation = operation.unwrap_or_else(|| panic!("there is no `{}`", row.operation));
        if !plain.contains(&row.behavior.as_str()) {
            assert_eq!(
                operation.behavior,
                Some(row.behavior.as_str()),
                "{}",
                row.operation
            );
        }
    }
}

#[tokio::test]
async fn mail_and_teams() {
    Box::pin(all_of(&[Service::Outlook, Service::Teams])).await;
}

#[tokio::test]
async fn files() {
    Box::pin(all_of(&[Service::OneDrive])).await;
}

#[tokio::test]
async fn lists_of_sites() {
    Box::pin(all_of(&[Service::SharePoint, Service::OneDrive])).await;
}

#[tokio::test]
async fn business_central() {
    Box::pin(all_of(&[Service::BusinessCentral])).await;
}

#[tokio::test]
async fn dataverse() {
    Box::pin(all_of(&[Service::Crm])).await;
}

/// The rows of the first service, and of the second where it is in no other test.
async fn all_of(services: &[Service]) {
    let stage = Stage::in_a_hurry(services).await;
    let is_ours = |row: &&Row| row.services == services;
    let mut wrong = Vec::new();
    let mut met = 0;
    for row in rows::all().iter().filter(is_ours) {
        let (count, found) = meet::each(&stage, row).await;
        met += count;
        wrong.extend(found);
    }
    stage.world.stop().await;
    assert!(met > 0, "no row is of {services:?}");
    eprintln!("{services:?}: {met} faults met");
    assert!(
        wrong.is_empty(),
        "{} of {met}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
