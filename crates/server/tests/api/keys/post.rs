use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::redacted::redacted;
use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn the_secret_is_shown_once_and_works() -> Outcome {
    let test = TestServer::start().await?;
    let made = test
        .builder
        .post("/keys", json!({ "name": "nightly" }))
        .await?
        .expect(201)?;
    assert_eq!(
        redacted(&made["key"]),
        json!({
            "id": "[key]", "workspace_id": "[ws]", "member_id": "[mem]", "name": "nightly", "role": "builder",
            "scope": {}, "expires_at": null, "revoked_at": null, "created_at": "[time]",
        })
    );
    let secret = made["secret"].as_str().unwrap_or_default();
    test.anonymous
        .with_key(secret)
        .get("/me")
        .await?
        .expect(200)?;
    let listed = test.builder.get("/keys").await?.text;
    assert!(!listed.contains(secret));
    assert_eq!(test.log("key.create").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they() -> Outcome {
    let test = TestServer::start().await?;
    let problem = test
        .builder
        .post("/keys", json!({ "name": "x", "role": "admin" }))
        .await?
        .problem(422, "invalid_input")?;
    assert_eq!(problem["field"], "role");
    Ok(())
}

#[tokio::test]
async fn a_key_ends_when_it_was_said_to() -> Outcome {
    let test = TestServer::start().await?;
    let end = test.server.context().now() + SignedDuration::from_hours(1);
    let made = test
        .builder
        .post("/keys", json!({ "name": "x", "expires_at": end }))
        .await?
        .expect(201)?;
    let client = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    client.get("/me").await?.expect(200)?;
    test.advance(SignedDuration::from_hours(2));
    client.get("/me").await?.problem(401, "unauthenticated")?;
    let late = json!({ "name": "x", "expires_at": end });
    test.builder
        .post("/keys", late)
        .await?
        .problem(422, "invalid_input")?;
    Ok(())
}

#[tokio::test]
async fn a_key_for_one_connection_sees_no_other() -> Outcome {
    let test = TestServer::start().await?;
    let first = test.service_principal("first").await?;
    let second = test.service_principal("second").await?;
    let key = json!({ "name": "x", "scope": { "connections": [first], "kinds": ["read"] } });
    let made = test.builder.post("/keys", key).await?.expect(201)?;
    let client = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    client
        .get(&format!("/connections/{first}"))
        .await?
        .expect(200)?;
    client
        .get(&format!("/connections/{second}"))
        .await?
        .problem(404, "connection_not_found")?;
    let list = client.get("/connections").await?.expect(200)?;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    client
        .post("/keys", json!({ "name": "y" }))
        .await?
        .problem(403, "forbidden")?;
    Ok(())
}

#[tokio::test]
async fn a_key_that_ends_makes_none_that_lasts_longer() -> Outcome {
    let test = TestServer::start().await?;
    let end = test.server.context().now() + SignedDuration::from_hours(1);
    let made = test
        .builder
        .post("/keys", json!({ "name": "maker", "expires_at": end }))
        .await?
        .expect(201)?;
    let maker = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    let late = json!({ "name": "x", "expires_at": end + SignedDuration::from_secs(1) });
    let problem = maker.post("/keys", late).await?;
    assert_eq!(
        problem.problem(422, "invalid_input")?["field"],
        "expires_at"
    );
    maker
        .post("/keys", json!({ "name": "y", "expires_at": end }))
        .await?
        .expect(201)?;
    let child = maker.post("/keys", json!({ "name": "z" })).await?;
    let its: Timestamp = serde_json::from_value(child.expect(201)?["key"]["expires_at"].clone())?;
    assert_eq!(its.as_microsecond(), end.as_microsecond());
    Ok(())
}
