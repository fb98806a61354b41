use reqwest::Method;
use serde_json::{Value, json};

use crate::openapi::shapes::differences;
use crate::redacted::redacted;
use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

/// A connection as the application, whose policy lets tokens leave.
async fn open(test: &TestServer) -> Result<String, Box<dyn std::error::Error>> {
    let id = test.service_principal("mail").await?;
    let policy = json!({ "policy": { "tokens": true } });
    let changed = test
        .admin
        .patch(&format!("/connections/{id}"), policy)
        .await?
        .expect(200)?;
    assert_eq!(changed["policy"], json!({ "raw": false, "tokens": true }));
    Ok(id)
}

#[tokio::test]
async fn a_token_is_answered_in_the_words_of_oauth_and_kept_by_nobody() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!("/connections/{}/token", open(&test).await?);
    let answer = test.builder.post_nothing(&path).await?;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    assert_eq!(answer.header("content-type"), "application/json");
    let activity = answer.header("consentry-activity").to_owned();
    assert!(activity.starts_with("act_"), "{:?}", answer.headers);
    let given = answer.expect(200)?;
    let token = given["access_token"].as_str().ok_or("no token")?;
    let seconds = given["expires_in"].as_i64().ok_or("no expiry")?;
    assert!((300..=5400).contains(&seconds), "{seconds}");
    let mut shown = redacted(&given);
    for secret in ["access_token", "expires_in", "token_id"] {
        assert!(!shown[secret].is_null(), "{secret}");
        shown[secret] = Value::Null;
    }
    let roles = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"];
    assert_eq!(
        shown,
        json!({
            "access_token": null, "token_type": "Bearer", "expires_in": null, "expires_at": "[time]",
            "resource": "https://graph.microsoft.com", "scopes": [], "roles": roles, "token_id": null,
        })
    );

    let document = test.anonymous.get_at("/openapi.json").await?.expect(200)?;
    let told = json!({ "$ref": "#/components/schemas/AccessToken" });
    let mut found = Vec::new();
    differences(&document, &told, &given, "token", &mut found);
    assert_eq!(found, [""; 0]);

    let lines = test.owner.get("/activity?action=token.hand_out").await?;
    assert!(!lines.text.contains(token));
    let lines = lines.expect(200)?;
    let lines = lines["items"].as_array().ok_or("no lines")?;
    assert_eq!(lines.len(), 2, "{lines:?}");
    let line = lines.iter().find(|line| line["id"] == activity);
    let line = line.ok_or("no line")?;
    assert_eq!(line["remote"]["uti"], given["token_id"]);
    assert!(lines.iter().any(|other| other["id"] == line["intent_id"]));
    let figures = test.anonymous.get_at("/metrics").await?.text;
    assert!(
        figures.contains("consentry_tokens_handed_out_total{outcome=\"ok\"}"),
        "{figures}"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_asked_for_is_said_in_the_body() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!("/connections/{}/token", open(&test).await?);
    let first = test.builder.post(&path, json!({})).await?.expect(200)?;
    let same = json!({ "resource": first["resource"], "min_validity_secs": 0 });
    let same = test.builder.post(&path, same).await?.expect(200)?;
    assert_eq!(same["access_token"], first["access_token"]);
    let instead = json!({ "instead_of": first["token_id"] });
    let other = test.builder.post(&path, instead).await?.expect(200)?;
    assert_ne!(other["access_token"], first["access_token"]);
    for (body, code, field) in [
        (json!({ "scope": "x" }), "unknown_field", "scope"),
        (
            json!({ "resource": "https://contoso.example" }),
            "invalid_input",
            "resource",
        ),
        (
            json!({ "min_validity_secs": 1801 }),
            "invalid_input",
            "min_validity_secs",
        ),
        (
            json!({ "min_validity_secs": -1 }),
            "invalid_input",
            "min_validity_secs",
        ),
    ] {
        let refused = test.builder.post(&path, body).await?;
        let problem = refused.problem(422, code)?;
        assert_eq!(problem["field"], field);
    }
    let request = test.builder.request(Method::POST, &path).body("{");
    Answer::of(request).await?.problem(400, "invalid_json")?;
    Ok(())
}

#[tokio::test]
async fn nobody_gets_a_token_that_the_policy_keeps_or_that_is_not_theirs() -> Outcome {
    let test = TestServer::start().await?;
    let kept = test.service_principal("kept").await?;
    let asked = test.sandbox.control().count("POST", "/oauth2/v2.0/token");
    let problem = test
        .admin
        .post_nothing(&format!("/connections/{kept}/token"))
        .await?
        .problem(403, "policy_denied")?;
    let step = problem["next_step"].as_str().unwrap_or_default();
    assert!(step.contains("--tokens"), "{step}");
    assert_eq!(
        test.sandbox.control().count("POST", "/oauth2/v2.0/token"),
        asked
    );

    let path = format!("/connections/{}/token", open(&test).await?);
    test.member
        .post_nothing(&path)
        .await?
        .problem(404, "connection_not_found")?;
    test.auditor
        .post_nothing(&path)
        .await?
        .problem(403, "role_required")?;
    let key = json!({ "name": "reads", "scope": { "kinds": ["read"] } });
    let key = test.builder.post("/keys", key).await?.expect(201)?;
    let reader = test
        .anonymous
        .with_key(key["secret"].as_str().unwrap_or_default());
    reader
        .post_nothing(&path)
        .await?
        .problem(403, "policy_denied")?;
    Ok(())
}

#[tokio::test]
async fn tokens_and_a_limit_are_refused_together() -> Outcome {
    let test = TestServer::start().await?;
    let id = open(&test).await?;
    let path = format!("/connections/{id}");
    for limit in [
        json!({ "kinds": ["read"] }),
        json!({ "permissions": ["Mail.Read"] }),
        json!({ "sites": ["https://contoso.sharepoint.com/sites/hr"] }),
        json!({ "mailboxes": ["support@contoso.com"] }),
    ] {
        let mut policy = limit;
        policy["tokens"] = json!(true);
        let refused = test.admin.patch(&path, json!({ "policy": policy })).await?;
        let problem = refused.problem(422, "invalid_input")?;
        assert_eq!(problem["field"], "policy.tokens");
    }
    let stored = test.admin.get(&path).await?.expect(200)?;
    assert_eq!(stored["policy"], json!({ "raw": false, "tokens": true }));
    Ok(())
}

#[tokio::test]
async fn only_administrators_let_tokens_leave() -> Outcome {
    let test = TestServer::start().await?;
    let registration = test.app_registration().await?;
    let new = json!({
        "service": "outlook", "method": "oauth", "name": "mine", "app_registration_id": registration,
        "policy": { "tokens": true },
    });
    test.member
        .post("/connections", new.clone())
        .await?
        .problem(403, "forbidden")?;
    let made = test.admin.post("/connections", new).await?.expect(201)?;
    assert_eq!(made["connection"]["policy"]["tokens"], true);
    Ok(())
}
