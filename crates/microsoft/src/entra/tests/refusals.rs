use serde_json::json;

use super::grants::{ask, redeem};
use super::*;
use crate::TransportError;
use crate::support::{Reply, shown};

fn expired() -> serde_json::Value {
    json!({
        "error": "invalid_client",
        "error_description": "AADSTS7000222: The provided client secret keys are expired. Trace ID: t Correlation ID: c Timestamp: 2026-11-23 12:00:00Z",
        "error_codes": [7_000_222], "timestamp": "2026-11-23 12:00:00Z", "trace_id": "t", "correlation_id": "c",
        "suberror": "sub", "claims": "{\"access_token\":{}}",
        "error_uri": "https://login.microsoftonline.com/error?code=7000222",
    })
}

#[tokio::test]
async fn a_refusal_is_kept_whole() {
    let reply = Reply::json(401, &expired()).with("x-ms-request-id", "req");
    let server = Responder::start(vec![reply]).await;
    let error = ask(&server).await.expect_err("a refusal");
    assert!(matches!(error, EntraError::ProofRefused(_)));
    assert_eq!(error.code(), "entra.proof_refused");
    assert!(error.hint().contains("new client secret"));
    assert!(!error.is_transient());
    let fault = error.fault().expect("a fault");
    assert_eq!(fault.status, Some(401));
    assert_eq!(fault.error, "invalid_client");
    assert_eq!(fault.error_description, expired()["error_description"]);
    assert_eq!(
        (fault.error_codes.as_slice(), fault.name()),
        (&[7_000_222][..], "AADSTS7000222".to_owned())
    );
    assert_eq!(fault.suberror.as_deref(), Some("sub"));
    assert_eq!(fault.claims.as_deref(), Some("{\"access_token\":{}}"));
    assert_eq!(fault.trace_id.as_deref(), Some("t"));
    assert_eq!(fault.correlation_id.as_deref(), Some("c"));
    assert_eq!(fault.timestamp.as_deref(), Some("2026-11-23 12:00:00Z"));
    assert!(
        fault
            .error_uri
            .as_deref()
            .is_some_and(|uri| uri.ends_with("7000222"))
    );
    assert_eq!(fault.request_id.as_deref(), Some("req"));
    assert_eq!(
        fault.client_request_id.as_deref(),
        server.seen()[0].header("client-request-id")
    );
    assert_eq!(server.seen().len(), 1, "a refusal is not repeated");
}

#[tokio::test]
async fn a_page_from_a_gateway_is_transient_and_kept() {
    let page = format!("<html>Bad Gateway{}", " ".repeat(5000));
    let server = Responder::start((0..4).map(|_| Reply::text(502, &page)).collect()).await;
    let error = ask(&server).await.expect_err("a page");
    assert!(error.is_transient());
    let EntraError::Unreadable {
        status, excerpt, ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!((*status, excerpt.len()), (502, 2048));
    assert!(excerpt.starts_with("<html>Bad Gateway"));
    assert_eq!(
        server.seen().len(),
        4,
        "client credentials may be asked for again"
    );
}

#[tokio::test]
async fn a_code_is_not_redeemed_twice() {
    for reply in [Reply::status(503), Reply::HangUp] {
        let server = Responder::start(vec![reply]).await;
        let error = redeem(&server).await.expect_err("trouble");
        assert!(error.is_transient(), "{error:?}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn throttling_says_how_long() {
    let body = json!({ "error": "temporarily_unavailable", "error_description": "", "error_codes": [90_055] });
    let reply = Reply::json(429, &body).with("retry-after", "600");
    let server = Responder::start(vec![reply]).await;
    let error = ask(&server).await.expect_err("a refusal");
    assert!(matches!(error, EntraError::Throttled(_)));
    assert_eq!(error.retry_after(), Some(Duration::from_mins(10)));
}

#[tokio::test]
async fn an_unreachable_authority_is_transient() {
    let server = Responder::start(Vec::new()).await;
    let entra = entra(&server);
    drop(server);
    tokio::task::yield_now().await;
    let secret = "s".into();
    let grant = ClientCredentials {
        tenant_id: "t",
        client_id: "c",
        proof: ClientProof::Secret(&secret),
        scope: "s",
    };
    let error = entra
        .client_credentials(&grant)
        .await
        .expect_err("nobody there");
    assert!(matches!(
        error,
        EntraError::Transport(TransportError::Unreachable { .. })
    ));
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_answer_that_echoes_secrets_is_cleaned_before_anybody_reads_it() {
    let echo = "got s3cret-s3cret with c0de-c0de-c0de and v3rifier-v3rifier";
    let body =
        json!({ "error": "invalid_grant", "error_description": echo, "error_codes": [9_002_313] });
    for reply in [
        Reply::json(400, &body),
        Reply::text(400, echo),
        Reply::text(200, echo),
    ] {
        let server = Responder::start(vec![reply]).await;
        let text = shown(&redeem(&server).await.expect_err("a refusal"));
        for secret in ["s3cret", "c0de", "v3rifier"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn a_token_answer_of_another_shape_is_not_shown() {
    let body = json!({ "access_token": "t0ken", "expires_in": "t0ken" });
    let server = Responder::start(vec![Reply::json(200, &body)]).await;
    let error = ask(&server).await.expect_err("no tokens");
    assert!(!shown(&error).contains("t0ken"));
    assert!(matches!(error, EntraError::Unreadable { status: 200, .. }));
}

#[test]
fn refusals_are_sorted_by_what_the_caller_can_do() {
    let error = |code: u32| {
        EntraError::from(EntraFault {
            status: Some(400),
            error: "invalid_grant".to_owned(),
            error_codes: vec![code],
            ..EntraFault::default()
        })
        .code()
    };
    assert_eq!(error(700_082), "entra.sign_in_again");
    assert_eq!(error(54_005), "entra.sign_in_again");
    assert_eq!(error(50_076), "entra.sign_in_again");
    assert_eq!(error(65_001), "entra.consent_missing");
    assert_eq!(error(50_105), "entra.blocked");
    assert_eq!(error(53_003), "entra.blocked");
    assert_eq!(error(50_057), "entra.blocked");
    assert_eq!(error(7_000_215), "entra.proof_refused");
    assert_eq!(error(90_002), "entra.misconfigured");
    assert_eq!(error(700_016), "entra.misconfigured");
    assert_eq!(error(7_000_112), "entra.misconfigured");
    assert_eq!(error(90_033), "entra.unavailable");
    assert_eq!(error(1), "entra.sign_in_again");
}

#[test]
fn a_refusal_in_the_redirect_is_read_from_its_text() {
    let description = "AADSTS65004: User declined to consent. Trace ID: t-1\r\nCorrelation ID: c-1\r\nTimestamp: 2025-01-31 09:10:11Z";
    let fault = EntraFault::from_redirect("access_denied", description, Some("cancel"));
    assert_eq!(fault.code(), Some(65_004));
    assert_eq!(fault.trace_id.as_deref(), Some("t-1"));
    assert_eq!(fault.correlation_id.as_deref(), Some("c-1"));
    assert_eq!(fault.timestamp.as_deref(), Some("2025-01-31 09:10:11Z"));
    assert_eq!(fault.status, None);
    assert!(matches!(
        EntraError::from(fault),
        EntraError::ConsentMissing(_)
    ));
    let bare = EntraFault::from_redirect("access_denied", "", None);
    assert_eq!(
        (bare.code(), bare.name()),
        (None, "access_denied".to_owned())
    );
}
