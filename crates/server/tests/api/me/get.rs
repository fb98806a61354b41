use serde_json::json;

use crate::redacted::redacted;
use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn whoever_asks_is_told_who_they_are() -> Outcome {
    let test = TestServer::start().await?;
    let me = test.builder.get("/me").await?.expect(200)?;
    assert_eq!(
        redacted(&me),
        json!({
            "workspace": { "id": "[ws]", "name": "default", "created_at": "[time]" },
            "member": {
                "id": "[mem]", "workspace_id": "[ws]", "email": "builder@contoso.com", "name": "The builder",
                "role": "builder", "disabled_at": null, "created_at": "[time]",
            },
            "role": "builder",
            "actor": { "type": "api_key", "id": "[key]" },
            "scope": {},
        })
    );
    Ok(())
}

#[tokio::test]
async fn an_unknown_key_is_refused_and_recorded() -> Outcome {
    let test = TestServer::start().await?;
    let unknown = test.anonymous.with_key(&format!("csk_{}", "0".repeat(64)));
    unknown.get("/me").await?.problem(401, "unauthenticated")?;
    let misshapen = test.anonymous.with_key("secret");
    misshapen
        .get("/me")
        .await?
        .problem(401, "unauthenticated")?;
    test.logged("request.refuse", "unauthenticated").await
}

#[tokio::test]
async fn a_key_does_no_more_than_its_member_may_by_now() -> Outcome {
    let test = TestServer::start().await?;
    let key = json!({ "name": "ci", "role": "auditor" });
    let secret = test.admin.post("/keys", key).await?.expect(201)?["secret"].clone();
    let limited = test.anonymous.with_key(secret.as_str().unwrap_or_default());
    assert_eq!(limited.get("/me").await?.expect(200)?["role"], "auditor");
    limited
        .get("/members")
        .await?
        .problem(403, "role_required")?;
    Ok(())
}
