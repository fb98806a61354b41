use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn probes_need_no_key() -> Outcome {
    let test = TestServer::start().await?;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            test.anonymous.get_at(path).await?.expect(200)?,
            json!({ "status": "ok" })
        );
    }
    Ok(())
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() -> Outcome {
    let test = TestServer::start().await?;
    test.owner.get("/me").await?.expect(200)?;
    test.anonymous
        .get("/me")
        .await?
        .problem(401, "unauthenticated")?;
    let metrics = test.anonymous.get_at("/metrics").await?.text;
    for line in [
        "consentry_webhook_deliveries_waiting 0",
        r#"consentry_requests_total{route="/api/v1/me",status="2xx"}"#,
        r#"consentry_requests_total{route="/api/v1/me",status="4xx"}"#,
        r#"consentry_access_refusals_total{code="unauthenticated"}"#,
        "consentry_journal_lines_lost_total 0",
        r#"consentry_token_renewals_total{outcome="renewed"}"#,
        "consentry_token_renewals_under_way 0",
        r#"consentry_token_read_seconds_bucket{from="memory",le="0.001"}"#,
        r#"consentry_credentials_expiring{kind="client_secret",days="30"}"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    Ok(())
}
