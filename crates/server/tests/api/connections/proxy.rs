use reqwest::Method;
use serde_json::json;

use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

const MESSAGES: &str = "proxy/graph/v1.0/users/ana.reis@contoso.com/messages";

#[tokio::test]
async fn microsofts_answer_comes_as_it_is() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!(
        "/connections/{}/{MESSAGES}",
        test.service_principal("mail").await?
    );
    let page = test
        .builder
        .get(&format!("{path}?$top=2&$select=subject"))
        .await?;
    assert!(!page.header("request-id").is_empty());
    assert_eq!(page.expect(200)?["value"].as_array().map(Vec::len), Some(2));
    let draft = json!({ "subject": "A draft" });
    let made = test.builder.post(&path, draft).await?.expect(201)?;
    assert_eq!(made["subject"], "A draft");
    Ok(())
}

#[tokio::test]
async fn what_matches_no_operation_is_denied() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    for path in [
        "proxy/graph/v1.0/users",
        "proxy/graph/v1.0/$batch",
        "proxy/graph/beta/me/inferenceClassification",
    ] {
        let request = test
            .builder
            .request(Method::POST, &format!("/connections/{id}/{path}"));
        Answer::of(request.json(&json!({})))
            .await?
            .problem(403, "policy_denied")?;
    }
    assert_eq!(test.sandbox.control().count("POST", "/v1.0/"), 0);
    Ok(())
}

#[tokio::test]
async fn what_has_to_be_read_before_it_is_sent_has_a_limit_and_the_rest_has_none() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!(
        "/connections/{}/proxy/graph/v1.0",
        test.service_principal("mail").await?
    );
    let large = "x".repeat(5 * 1024 * 1024);
    let batch =
        json!({ "requests": [{ "id": "1", "method": "GET", "url": format!("/me?{large}") }] });
    test.builder
        .post(&format!("{path}/$batch"), batch)
        .await?
        .problem(413, "body_too_large")?;
    assert_eq!(test.sandbox.control().count("POST", "/v1.0/"), 0);
    let draft =
        json!({ "subject": "A long draft", "body": { "contentType": "text", "content": large } });
    let sent = test
        .builder
        .post(
            &format!("{path}/users/ana.reis@contoso.com/messages"),
            draft,
        )
        .await?;
    drop(sent);
    assert_eq!(
        test.sandbox.control().count("POST", "/messages"),
        1,
        "it is Microsoft's to refuse"
    );
    Ok(())
}

#[tokio::test]
async fn a_denied_upload_is_answered_without_waiting_for_its_bytes() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let request = test.builder.request(
        Method::PUT,
        &format!("/connections/{id}/proxy/graph/v1.0/drives/d/items/i/content"),
    );
    Answer::of(request.body("x".repeat(200_000)))
        .await?
        .problem(422, "unsupported_method")?;
    Ok(())
}

#[tokio::test]
async fn a_path_cannot_climb_out() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    for path in [
        "proxy/graph/v1.0/users/a%2F..%2F..%2Fapplications",
        "proxy/graph/v1.0/users/%2e%2e/%2e%2e/beta/users",
        "proxy/graph/v1.0/users/../../beta/users",
        "proxy/graph/v1.0/../beta/users",
        "proxy/graph/v1.0/users/a%5Cb/messages",
    ] {
        let status = test
            .builder
            .get_as_written(&format!("/connections/{id}/{path}"))
            .await?;
        assert!(matches!(status, 403 | 404 | 422), "{path}: {status}");
    }
    assert_eq!(test.sandbox.control().count("GET", "/"), 0);
    Ok(())
}

#[tokio::test]
async fn another_services_api_is_not_reached() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    test.builder
        .get(&format!("/connections/{id}/proxy/dataverse/v9.2/accounts"))
        .await?
        .problem(422, "unsupported_method")?;
    test.builder
        .get(&format!("/connections/{id}/proxy/ews/v1.0/me"))
        .await?
        .problem(404, "not_found")?;
    Ok(())
}
