use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

const MAILBOX: &str = "ana.reis@contoso.com";

fn message() -> Value {
    json!({
        "mailbox": MAILBOX,
        "message": {
            "subject": "From a test",
            "body": { "contentType": "text", "content": "Hello" },
            "toRecipients": [{ "emailAddress": { "address": "ben.okafor@contoso.com" } }],
        },
    })
}

#[tokio::test]
async fn a_list_comes_page_by_page_or_whole() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.list");
    let input = json!({ "mailbox": MAILBOX, "top": 10, "select": ["subject"] });
    let first = test.builder.post(&path, input.clone()).await?;
    assert!(first.header("consentry-activity").starts_with("act_"));
    let cursor = first.header("consentry-cursor").to_owned();
    let first = first.expect(200)?;
    assert_eq!(first["value"].as_array().map(Vec::len), Some(10));
    let request = test
        .builder
        .request(Method::POST, &path)
        .query(&[("cursor", &cursor)])
        .json(&input);
    let second = Answer::of(request).await?.expect(200)?;
    assert_ne!(first["value"][0]["id"], second["value"][0]["id"]);
    let whole = test
        .builder
        .post(&format!("{path}?all=true"), input)
        .await?;
    assert_eq!(whole.header("content-type"), "application/x-ndjson");
    let items: Vec<Value> = whole
        .text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    assert!(
        items.len() > 20 && items.iter().all(|item| item["id"].is_string()),
        "{}",
        items.len()
    );
    Ok(())
}

#[tokio::test]
async fn a_dry_run_sends_nothing() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.send?dry_run=true");
    let plan = test.builder.post(&path, message()).await?.expect(200)?;
    assert_eq!(
        (&plan["operation"], &plan["method"]),
        (&"outlook.messages.send".into(), &"POST".into())
    );
    assert_eq!(test.sandbox.control().count("POST", "/v1.0/"), 0);
    Ok(())
}

#[tokio::test]
async fn the_same_key_sends_once() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.send");
    let send = |body: Value| {
        let request = test.builder.request(Method::POST, &path);
        Answer::of(request.header("idempotency-key", "k1").json(&body))
    };
    let first = send(message()).await?;
    assert_eq!(
        (first.status, first.header("consentry-replayed")),
        (202, ""),
        "{}",
        first.text
    );
    let again = send(message()).await?;
    assert_eq!(
        (again.status, again.header("consentry-replayed")),
        (202, "true")
    );
    assert_eq!(test.sandbox.control().count("POST", "/sendMail"), 1);
    let mut other = message();
    other["message"]["subject"] = "Another".into();
    send(other).await?.problem(422, "idempotency_mismatch")?;
    Ok(())
}

#[tokio::test]
async fn whoever_may_not_use_it_is_told_who_may() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.list");
    let input = json!({ "mailbox": MAILBOX });
    test.auditor
        .post(&path, input.clone())
        .await?
        .problem(403, "role_required")?;
    test.member
        .post(&path, input)
        .await?
        .problem(404, "connection_not_found")?;
    assert_eq!(test.sandbox.control().count("GET", "/messages"), 0);
    Ok(())
}

#[tokio::test]
async fn microsofts_refusal_is_passed_on_whole() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.get");
    let input = json!({ "mailbox": MAILBOX, "messageId": "AAMkNothing=" });
    let problem = test
        .builder
        .post(&path, input)
        .await?
        .problem(400, "refused_by_microsoft")?;
    assert!(
        problem["microsoft"]["error"]["code"].is_string(),
        "{problem}"
    );
    assert!(problem["diagnosis"]["cause"].is_string(), "{problem}");
    Ok(())
}
