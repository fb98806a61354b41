use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_webhook_is_made_by_administrators_for_public_addresses_and_its_secret_shown_once()
-> Outcome {
    let test = TestServer::start().await?;
    for inside in [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/hook",
        "https://user:word@example.com/",
        "nonsense",
    ] {
        let problem = test
            .admin
            .post("/webhooks", json!({ "url": inside }))
            .await?
            .problem(422, "invalid_input")?;
        assert_eq!(problem["field"], "url", "{inside}");
    }
    let wanted = json!({ "url": "https://example.com/hook", "kinds": ["connection.needs_admin"] });
    test.builder
        .post("/webhooks", wanted.clone())
        .await?
        .problem(403, "role_required")?;
    let made = test.admin.post("/webhooks", wanted).await?.expect(201)?;
    let secret = made["secret"].as_str().unwrap_or_default();
    assert!(secret.starts_with("whsec_"));
    let listed = test.admin.get("/webhooks").await?;
    assert!(!listed.text.contains(secret));
    let id = made["webhook"]["id"].as_str().unwrap_or_default();
    assert_eq!(listed.expect(200)?["items"][0]["id"], id);
    let path = format!("/webhooks/{id}");
    test.admin.delete(&path).await?.expect(204)?;
    test.admin.delete(&path).await?.problem(404, "not_found")?;
    Ok(())
}

#[tokio::test]
async fn the_feed_goes_on_from_the_last_event_that_was_read() -> Outcome {
    let test = TestServer::start().await?;
    let first = test.service_principal("one").await?;
    let second = test.service_principal("two").await?;
    let events = test.auditor.get("/events?limit=1").await?.expect(200)?;
    assert_eq!(events["items"][0]["type"], "connection.created");
    assert_eq!(events["items"][0]["data"]["connection_id"], first);
    let after = events["items"][0]["id"].as_str().unwrap_or_default();
    let events = test
        .auditor
        .get(&format!("/events?after={after}"))
        .await?
        .expect(200)?;
    assert_eq!(events["items"][0]["data"]["connection_id"], second);
    test.member
        .get("/events")
        .await?
        .problem(403, "forbidden")?;
    test.auditor
        .get("/events?limit=0")
        .await?
        .problem(422, "invalid_input")?;
    Ok(())
}
