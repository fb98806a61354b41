use serde_json::{Value, json};

use crate::redacted::redacted;
use crate::support::{Outcome, TestServer};

const CLIENT_ID: &str = "0f0f0f0f-0000-4000-8000-000000000001";

fn registration() -> Value {
    json!({
        "name": "Contoso", "cloud": "sandbox", "tenant_id": "contoso.onmicrosoft.com", "client_id": CLIENT_ID,
        "client_secret": "abc~secret",
    })
}

#[tokio::test]
async fn a_registration_shows_its_redirect_uri_and_never_its_secret() -> Outcome {
    let test = TestServer::start().await?;
    let answer = test
        .admin
        .post("/app-registrations", registration())
        .await?;
    assert!(!answer.text.contains("abc~secret"));
    let made = answer.expect(201)?;
    assert_eq!(
        made["redirect_uri"],
        format!("{}oauth/callback", test.server.url())
    );
    assert_eq!(
        redacted(&made["proofs"]),
        json!([{
            "id": "[proof]", "workspace_id": "[ws]", "app_registration_id": "[app]", "kind": "client_secret",
            "hint": "abc", "state": "active", "expires_at": null, "generation": 1, "created_at": "[time]",
            "details": {}, "refused_code": null,
        }])
    );
    assert_eq!(test.log("app_registration.create").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_is_pasted_by_mistake_is_named() -> Outcome {
    let test = TestServer::start().await?;
    for (field, value) in [
        ("tenant_id", "Contoso Ltd"),
        ("tenant_id", ".."),
        ("tenant_id", "-.contoso.com"),
        ("client_id", "Contoso automation"),
        ("client_secret", CLIENT_ID),
        ("cloud", "moon"),
        ("name", " "),
    ] {
        let mut registration = registration();
        registration[field] = value.into();
        let answer = test.admin.post("/app-registrations", registration).await?;
        assert_eq!(answer.problem(422, "invalid_input")?["field"], field);
    }
    let list = test.admin.get("/app-registrations").await?.expect(200)?;
    assert_eq!(list["items"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_name_is_taken_once() -> Outcome {
    let test = TestServer::start().await?;
    test.admin
        .post("/app-registrations", registration())
        .await?
        .expect(201)?;
    test.admin
        .post("/app-registrations", registration())
        .await?
        .problem(409, "name_taken")?;
    Ok(())
}
