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

/// The value of a figure; nothing where there is none.
async fn figure(test: &TestServer, name: &str) -> Result<Option<f64>, Box<dyn std::error::Error>> {
    let figures = test.anonymous.get_at("/metrics").await?.text;
    let line = figures.lines().find_map(|line| line.strip_prefix(name));
    Ok(line.map(|value| value.trim().parse()).transpose()?)
}

/// Figures of the database may be a second old.
async fn becomes(test: &TestServer, name: &str, wanted: Option<f64>) -> Outcome {
    for _ in 0..100_000 {
        if figure(test, name).await? == wanted {
            return Ok(());
        }
    }
    Err(format!("`{name}` never becomes {wanted:?}").into())
}

#[tokio::test]
async fn a_secret_that_ends_is_counted_until_it_is_removed_and_leaves_no_figure_behind() -> Outcome
{
    const FIRST: &str = r#"consentry_credential_expires_seconds{kind="client_secret"}"#;
    let ending = |days: u32| {
        format!(r#"consentry_credentials_expiring{{kind="client_secret",days="{days}"}}"#)
    };
    let test = TestServer::start().await?;
    let app = test.app_registration().await?;
    let proofs = format!("/app-registrations/{app}/proofs");
    assert_eq!(figure(&test, FIRST).await?, None);
    let end = model::Clock::now(&*test.clock) + jiff::SignedDuration::from_hours(5 * 24);
    let secret = json!({ "client_secret": "ends-soon", "expires_at": end });
    let made = test.admin.post(&proofs, secret).await?.expect(201)?;
    becomes(&test, &ending(7), Some(1.0)).await?;
    for (days, number) in [(30, 1.0), (14, 1.0), (3, 0.0), (1, 0.0)] {
        assert_eq!(figure(&test, &ending(days)).await?, Some(number), "{days}");
    }
    let left = figure(&test, FIRST).await?.unwrap_or_default();
    assert!((431_000.0..=432_000.0).contains(&left), "{left}");

    let proof = made["id"].as_str().unwrap_or_default();
    let removed = test.admin.delete(&format!("{proofs}/{proof}")).await?;
    removed.expect(204)?;
    becomes(&test, &ending(7), Some(0.0)).await?;
    assert_eq!(figure(&test, FIRST).await?, None);
    Ok(())
}
