//! What people get wrong: a clear answer with a code and a next step, a line in the log, and nothing else changed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

async fn nothing_was_made(test: &TestServer) -> Outcome {
    for path in ["/connections", "/app-registrations"] {
        let list = test.owner.get(path).await?.expect(200)?;
        assert_eq!(list["items"], json!([]), "{path}");
    }
    Ok(())
}

/// An application's description with one thing changed.
fn described(
    test: &TestServer,
    field: &str,
    value: &str,
) -> Result<Value, Box<dyn std::error::Error>> {
    let app = test.application()?;
    let mut new = json!({
        "service": "outlook", "method": "service_principal", "name": "mail", "cloud": "sandbox",
        "tenant_id": app.tenant_id, "client_id": app.client_id, "client_secret": app.secret,
    });
    new[field] = value.into();
    Ok(new)
}

async fn refused_by_entra(field: &str, value: &str, code: &str) -> Outcome {
    let test = TestServer::start().await?;
    let new = described(&test, field, value)?;
    let problem = test
        .admin
        .post("/connections", new)
        .await?
        .problem(422, "refused_by_entra")?;
    let diagnosis = &problem["diagnosis"];
    assert_eq!(diagnosis["evidence"]["code"], code, "{problem}");
    assert!(diagnosis["remedy"][0]["text"].is_string(), "{problem}");
    nothing_was_made(&test).await?;
    test.logged("connection.create", code).await
}

#[tokio::test]
async fn a_wrong_tenant_id() -> Outcome {
    refused_by_entra(
        "tenant_id",
        "11111111-2222-4333-8444-555555555555",
        "AADSTS90002",
    )
    .await
}

#[tokio::test]
async fn an_unknown_client() -> Outcome {
    refused_by_entra(
        "client_id",
        "11111111-2222-4333-8444-555555555555",
        "AADSTS700016",
    )
    .await
}

#[tokio::test]
async fn a_wrong_secret() -> Outcome {
    refused_by_entra("client_secret", "wrong~secret", "AADSTS7000215").await
}

#[tokio::test]
async fn an_unknown_operation() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.sned");
    let problem = test
        .builder
        .post(&path, json!({}))
        .await?
        .problem(404, "operation_not_found")?;
    assert_eq!(problem["nearest"][0], "outlook.messages.send", "{problem}");
    test.logged("request.refuse", "operation_not_found").await
}

#[tokio::test]
async fn a_missing_and_an_unknown_field_of_an_operation() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.get");
    let missing = json!({ "mailbox": "ana.reis@contoso.com" });
    let problem = test
        .builder
        .post(&path, missing)
        .await?
        .problem(422, "missing_field")?;
    assert_eq!(problem["field"], "messageId");
    let unknown = json!({ "mailbox": "ana.reis@contoso.com", "messageId": "x", "messageid": "x" });
    let problem = test
        .builder
        .post(&path, unknown)
        .await?
        .problem(422, "unknown_field")?;
    assert_eq!(problem["field"], "messageid");
    assert_eq!(test.sandbox.control().count("GET", "/messages"), 0);
    test.logged("request.refuse", "missing_field").await?;
    test.logged("request.refuse", "unknown_field").await
}

#[tokio::test]
async fn a_missing_and_an_unknown_field_of_a_request() -> Outcome {
    let test = TestServer::start().await?;
    let missing = json!({ "service": "outlook", "method": "oauth" });
    let problem = test
        .admin
        .post("/connections", missing)
        .await?
        .problem(422, "missing_field")?;
    assert_eq!(problem["field"], "name");
    let unknown = json!({ "service": "outlook", "method": "oauth", "name": "x", "tenant": "y" });
    let problem = test
        .admin
        .post("/connections", unknown)
        .await?
        .problem(422, "unknown_field")?;
    assert_eq!(problem["field"], "tenant");
    let misfit = json!({ "service": "exchange", "method": "oauth", "name": "x" });
    let problem = test
        .admin
        .post("/connections", misfit)
        .await?
        .problem(422, "invalid_input")?;
    assert_eq!(problem["field"], "service");
    nothing_was_made(&test).await?;
    test.logged("request.refuse", "unknown_field").await
}

#[tokio::test]
async fn a_body_that_is_too_large() -> Outcome {
    let test = TestServer::with(|config| config.limits.max_body_bytes = 1000).await?;
    let large = json!({ "name": "x".repeat(2000) });
    test.admin
        .post("/connections", large)
        .await?
        .problem(413, "body_too_large")?;
    nothing_was_made(&test).await?;
    test.logged("request.refuse", "body_too_large").await
}

#[tokio::test]
async fn a_body_that_is_not_json() -> Outcome {
    let test = TestServer::start().await?;
    let request = test.admin.request(Method::POST, "/connections");
    let broken = request
        .header("content-type", "application/json")
        .body("{\"service\": outlook}");
    let problem = Answer::of(broken).await?.problem(400, "invalid_json")?;
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("line 1 column")),
        "{problem}"
    );
    let form = test
        .admin
        .request(Method::POST, "/connections")
        .body("service=outlook");
    Answer::of(form)
        .await?
        .problem(415, "unsupported_media_type")?;
    nothing_was_made(&test).await?;
    test.logged("request.refuse", "invalid_json").await
}

#[tokio::test]
async fn a_secret_in_a_request_that_is_refused_is_not_repeated() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({
        "service": "outlook", "method": "service_principal", "name": "x", "client_secret": 12_345_678,
    });
    let answer = test.admin.post("/connections", new).await?;
    assert!(!answer.text.contains("12345678"), "{}", answer.text);
    assert_eq!(
        answer.problem(422, "invalid_input")?["field"],
        "client_secret"
    );
    Ok(())
}
