//! Every operation of the catalogue, run against the sandbox as a user and as an application, where each is supported.
//!
//! `cases/<service>/<resource>.toml` say how the world of an operation is made and what it is asked. An operation without a
//! case fails, unless the sandbox does not serve it and `cases/unserved.txt` says so; one that is served and listed there fails.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "numbers are said aloud")]

mod bad_input;
mod batches;
mod cases;
mod faults;
mod fill;
mod hook;
mod people;
mod walk;
#[path = "../../../connections/tests/promises/world.rs"]
#[expect(dead_code, reason = "the promises of connections use more of it")]
mod world;

use model::Service;

#[test]
fn every_operation_has_a_case_or_waits_for_the_sandbox() {
    let all = cases::all();
    let unserved = cases::unserved();
    let mut wrong = Vec::new();
    for operation in catalog::operations() {
        match (
            all.contains_key(operation.id),
            unserved.contains(operation.id),
        ) {
            (true, false) | (false, true) => {}
            (true, true) => wrong.push(format!("{}: a case, and listed as unserved", operation.id)),
            (false, false) => wrong.push(format!("{}: no case", operation.id)),
        }
    }
    let known = |id: &String| catalog::operation(id).is_none();
    wrong.extend(
        all.keys()
            .chain(&unserved)
            .filter(|id| known(id))
            .map(|id| format!("{id}: no operation")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn outlook() {
    Box::pin(walk::operations_of("outlook", &[Service::Outlook])).await;
}

#[tokio::test]
async fn teams() {
    Box::pin(walk::operations_of("teams", &[Service::Teams])).await;
}

#[tokio::test]
async fn onedrive() {
    Box::pin(walk::operations_of("onedrive", &[Service::OneDrive])).await;
}

#[tokio::test]
async fn sharepoint() {
    Box::pin(walk::operations_of(
        "sharepoint",
        &[Service::SharePoint, Service::OneDrive],
    ))
    .await;
}

#[tokio::test]
async fn graph() {
    Box::pin(walk::operations_of("graph", &[Service::Outlook])).await;
}

#[tokio::test]
async fn business_central() {
    let services = [Service::BusinessCentral];
    Box::pin(walk::operations_of("businesscentral", &services)).await;
}

#[tokio::test]
async fn crm() {
    Box::pin(walk::operations_of("crm", &[Service::Crm])).await;
}

/// Whatever Dynamics 365 the connection is of, Dataverse's own operations run on it.
#[tokio::test]
async fn dataverse() {
    for service in [Service::Crm, Service::FieldService] {
        Box::pin(walk::operations_of("dataverse", &[service])).await;
    }
}

#[tokio::test]
async fn field_service() {
    Box::pin(walk::operations_of(
        "fieldservice",
        &[Service::FieldService],
    ))
    .await;
}
