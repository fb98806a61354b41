use http::HeaderValue;

use super::*;
use crate::Outgoing;
use crate::support::{Reply, Responder, transport};

#[tokio::test]
async fn a_refusal_is_kept_whole() {
    let body = serde_json::json!({ "error": {
        "code": "TooManyRequests", "message": "Slow down.",
        "innerError": { "code": "MailboxConcurrency", "date": "2026-11-23T12:00:00", "request-id": "in", "client-request-id": "c" },
    } });
    let reply = Reply::json(429, &body)
        .with("retry-after", "100")
        .with("request-id", "outer");
    let server = Responder::start(vec![reply]).await;
    let answer = transport()
        .send(Outgoing::get(server.url("/")))
        .await
        .expect("an answer");
    let fault = GraphFault::read(answer).await.expect("a fault");
    assert_eq!(fault.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (fault.code.as_str(), fault.message.as_str()),
        ("TooManyRequests", "Slow down.")
    );
    assert_eq!(fault.inner_codes, ["MailboxConcurrency"]);
    assert_eq!(fault.request_id.as_deref(), Some("outer"));
    assert_eq!(fault.client_request_id.as_deref(), Some("c"));
    assert_eq!(fault.date.as_deref(), Some("2026-11-23T12:00:00"));
    assert_eq!(fault.retry_after, Some(Duration::from_secs(100)));
    assert_eq!(fault.refusal(), Refusal::Throttled);
    assert_eq!(
        fault.to_string(),
        "Microsoft answered 429 `TooManyRequests`: Slow down."
    );
}

#[test]
fn a_body_that_is_not_graphs_is_kept_in_part() {
    let page = "<html>".repeat(1000);
    let fault = GraphFault::parse(StatusCode::BAD_GATEWAY, &HeaderMap::new(), page.as_bytes());
    assert_eq!(fault.code, "");
    assert_eq!(fault.message.len(), 2048);
    assert_eq!(fault.refusal(), Refusal::Unavailable);
}

fn challenged(challenge: &str) -> GraphFault {
    let mut headers = HeaderMap::new();
    headers.insert(
        WWW_AUTHENTICATE,
        HeaderValue::from_str(challenge).expect("a header"),
    );
    GraphFault::parse(StatusCode::UNAUTHORIZED, &headers, b"")
}

#[test]
fn a_claims_challenge_is_decoded() {
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}"#;
    let encoded = STANDARD.encode(claims);
    for challenge in [
        format!(r#"Bearer realm="", error="insufficient_claims", claims="{encoded}""#),
        format!(r#"BEARER Error="insufficient_claims",CLAIMS="{encoded}""#),
        format!(r#"Bearer claims="{}""#, encoded.trim_end_matches('=')),
    ] {
        let fault = challenged(&challenge);
        assert_eq!(fault.claims.as_deref(), Some(claims), "{challenge}");
        assert_eq!(fault.refusal(), Refusal::ClaimsChallenge);
    }
}

#[test]
fn a_401_without_a_challenge_refuses_the_token() {
    for challenge in [
        r#"Bearer realm="", error="invalid_token""#,
        r#"Bearer error="insufficient_claims", claims="%%""#,
        r#"Bearer other_claims="e30=""#,
        r#"Bearer claims=""#,
    ] {
        let fault = challenged(challenge);
        assert_eq!(fault.claims, None, "{challenge}");
        assert_eq!(fault.refusal(), Refusal::TokenRefused);
    }
}
