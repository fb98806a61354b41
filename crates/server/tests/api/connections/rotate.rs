use std::time::Duration;

use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_new_secret_is_seen_to_work_before_it_is_used() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!(
        "/connections/{}/rotate",
        test.service_principal("mail").await?
    );
    let wrong = json!({ "client_secret": "not~the~secret" });
    let problem = test
        .admin
        .post(&path, wrong)
        .await?
        .problem(422, "refused_by_entra")?;
    assert_eq!(problem["diagnosis"]["evidence"]["code"], "AADSTS7000215");
    let control = test.sandbox.control();
    let application = control
        .applications()
        .into_iter()
        .next_back()
        .ok_or("one application")?;
    let secret = control.add_secret(&application.client_id, "new", Duration::from_hours(24))?;
    let rotated = test
        .admin
        .post(&path, json!({ "client_secret": secret.secret_text }))
        .await?
        .expect(200)?;
    assert_eq!(rotated["connection"]["state"], "active");
    assert_eq!(rotated["proof"]["hint"], secret.hint);
    let outcomes: Vec<_> = test
        .log("connection.rotate")
        .await?
        .into_iter()
        .map(|(_, outcome, _)| outcome)
        .collect();
    assert_eq!(outcomes, ["ok", "failed"]);
    Ok(())
}
