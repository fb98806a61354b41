use serde_json::json;

use crate::support::{Outcome, TestServer};

const LIST: &str = "operations/outlook.messages.list";

#[tokio::test]
async fn a_disabled_connection_lets_nothing_through() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!("/connections/{}", test.service_principal("mail").await?);
    let input = json!({ "mailbox": "ana.reis@contoso.com" });
    test.builder
        .post_nothing(&format!("{path}/disable"))
        .await?
        .problem(403, "forbidden")?;
    let disabled = test
        .admin
        .post_nothing(&format!("{path}/disable"))
        .await?
        .expect(200)?;
    assert_eq!(disabled["state"], "disabled");
    let run = format!("{path}/{LIST}");
    test.builder
        .post(&run, input.clone())
        .await?
        .problem(409, "connection_unusable")?;
    let enabled = test
        .admin
        .post_nothing(&format!("{path}/enable"))
        .await?
        .expect(200)?;
    assert_eq!(enabled["state"], "active");
    test.builder.post(&run, input).await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn an_application_has_nobody_to_consent_again() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!("/connections/{}", test.service_principal("mail").await?);
    let problem = test
        .admin
        .post_nothing(&format!("{path}/reconnect"))
        .await?
        .problem(422, "unsupported_method")?;
    assert!(
        problem["next_step"]
            .as_str()
            .is_some_and(|step| step.contains("rotate")),
        "{problem}"
    );
    Ok(())
}
