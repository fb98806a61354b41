//! The sandbox judged by Microsoft's own clients, unmodified, which find it under Microsoft's names.

#![expect(clippy::unwrap_used, reason = "tests")]

mod environment;
mod namespace;
mod rclone;
mod scene;

use environment::Python;
use scene::Scene;

/// The client in a private environment against a sandbox that is its proxy.
async fn judge(script: &str) {
    let Some(python) = Python::prepare() else {
        return;
    };
    let scene = Scene::start().await;
    let variables = sandbox::through_proxy(scene.sandbox.url(), scene.ca());
    let description = scene.description();
    let script = script.to_owned();
    let run = tokio::task::spawn_blocking(move || python.run(&script, &variables, &description));
    let (succeeded, said) = run.await.unwrap();
    assert!(
        succeeded,
        "{said}\nunimplemented: {:?}",
        scene.sandbox.control().unimplemented()
    );
    assert!(said.contains("checks held"), "{said}");
    assert!(scene.sandbox.control().unimplemented().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn msal_goes_through_all_of_its_flows() {
    judge("msal_flows.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn azure_identity_gets_tokens_by_each_of_its_credentials() {
    judge("azure_identity_flows.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_generated_from_its_description_speaks_to_business_central() {
    judge("business_central_flows.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn msgraph_sdk_works_with_mail_files_sites_teams_calendars_and_contacts() {
    judge("msgraph_flows.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dataverse_client_works_with_rows_tables_and_batches() {
    judge("dataverse_client.py").await;
}
