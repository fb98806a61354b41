use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_policy_holds_from_the_next_call_on() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}");
    let changed = test
        .admin
        .patch(&path, json!({ "policy": { "kinds": ["read"] } }))
        .await?
        .expect(200)?;
    assert_eq!(changed["policy"]["kinds"], json!(["read"]));
    let send = json!({
        "mailbox": "ana.reis@contoso.com",
        "message": { "subject": "s", "toRecipients": [{ "emailAddress": { "address": "a@b.example" } }] },
    });
    let run = format!("{path}/operations/outlook.messages.send");
    test.builder
        .post(&run, send)
        .await?
        .problem(403, "policy_denied")?;
    assert_eq!(test.sandbox.control().count("POST", "/sendMail"), 0);
    Ok(())
}

#[tokio::test]
async fn an_applications_connection_is_changed_by_administrators() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    test.builder
        .patch(&format!("/connections/{id}"), json!({ "name": "x" }))
        .await?
        .problem(403, "forbidden")?;
    let renamed = test
        .admin
        .patch(&format!("/connections/{id}"), json!({ "name": "post" }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&renamed["id"], &renamed["name"]),
        (&id.into(), &"post".into())
    );
    Ok(())
}
