use jiff::SignedDuration;
use sandbox::NewFederatedCredential;
use serde_json::{Value, json};

use crate::support::{Outcome, TestServer};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Names of the keys that anybody may fetch.
async fn published(test: &TestServer) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let configuration = test
        .anonymous
        .get_at("/.well-known/openid-configuration")
        .await?
        .expect(200)?;
    let jwks_uri = configuration["jwks_uri"].as_str().unwrap_or_default();
    assert!(jwks_uri.ends_with("/.well-known/jwks.json"), "{jwks_uri}");
    let keys = test
        .anonymous
        .get_at("/.well-known/jwks.json")
        .await?
        .expect(200)?;
    let keys = keys["keys"].as_array().cloned().unwrap_or_default();
    assert!(
        keys.iter()
            .all(|key| key["d"].is_null() && key["n"].is_string())
    );
    Ok(keys.iter().map(|key| key["kid"].clone()).collect())
}

#[tokio::test]
async fn an_application_works_without_any_secret_while_the_issuers_key_rolls_twice() -> Outcome {
    let test = TestServer::start().await?;
    let application = test.application()?;
    let registration = json!({
        "name": "secretless", "cloud": "sandbox", "tenant_id": application.tenant_id,
        "client_id": application.client_id,
    });
    let registered = test
        .admin
        .post("/app-registrations", registration)
        .await?
        .expect(201)?;
    let path = format!(
        "/app-registrations/{}",
        registered["id"].as_str().unwrap_or_default()
    );
    let proof = json!({ "federated_source": "consentry" });
    let proof = test
        .admin
        .post(&format!("{path}/proofs"), proof)
        .await?
        .expect(201)?;
    assert_eq!(proof["state"], "pending");
    let detail = |field: &str| {
        proof["details"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    test.sandbox.control().add_federated_credential(
        &application.client_id,
        NewFederatedCredential {
            name: "Consentry".to_owned(),
            issuer: detail("issuer"),
            subject: detail("subject"),
            audiences: vec![detail("audience")],
        },
    )?;
    let connection = json!({
        "service": "outlook", "method": "service_principal", "name": "mail",
        "app_registration_id": registered["id"],
    });
    let created = test
        .admin
        .post("/connections", connection)
        .await?
        .expect(201)?;
    assert_eq!(created["test"]["ok"], true);
    let id = created["connection"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut seen = published(&test).await?;
    for _ in 0..2 {
        test.owner
            .post("/issuer/roll", json!({}))
            .await?
            .expect(204)?;
        let both = published(&test).await?;
        assert_eq!(both.len(), 2);
        for _ in 0..2 {
            let report = test
                .admin
                .post(&format!("/connections/{id}/test"), json!({}))
                .await?;
            assert_eq!(report.expect(200)?["ok"], true);
            test.advance(DAY);
            test.sandbox
                .control()
                .advance(std::time::Duration::from_hours(24));
        }
        let now = published(&test).await?;
        assert_eq!(now.len(), 1);
        assert_ne!(now, seen);
        seen = now;
    }
    let shown = test.admin.get(&path).await?.expect(200)?;
    assert_eq!(shown["proofs"][0]["state"], "active");
    // A restore may leave none of the issuer's keys: then the next assertion makes one.
    let mut tx = test.server.context().store.write().await?;
    for key in tx.issuer_keys().await? {
        tx.delete_issuer_key(&key).await?;
    }
    tx.commit().await?;
    let report = test
        .admin
        .post_nothing(&format!("/connections/{id}/test"))
        .await?;
    assert_eq!(report.expect(200)?["ok"], true);
    assert_eq!(published(&test).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_that_others_know_is_published_no_more_once_it_is_replaced() -> Outcome {
    let test = TestServer::start().await?;
    test.owner
        .post("/issuer/roll", json!({ "now": true }))
        .await?
        .expect(204)?;
    let known = published(&test).await?;
    test.owner
        .post("/issuer/roll", json!({ "now": true }))
        .await?
        .expect(204)?;
    let now = published(&test).await?;
    assert_eq!((known.len(), now.len()), (1, 1));
    assert_ne!(known, now);
    Ok(())
}

#[tokio::test]
async fn the_issuers_key_is_rolled_by_owners_only() -> Outcome {
    let test = TestServer::start().await?;
    test.admin
        .post("/issuer/roll", json!({}))
        .await?
        .problem(403, "role_required")?;
    Ok(())
}

#[tokio::test]
async fn one_proof_at_a_time_and_what_is_no_certificate_is_told() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!(
        "/app-registrations/{}/proofs",
        test.app_registration().await?
    );
    let both = json!({ "client_secret": "xyz~second", "managed_identity": true });
    test.admin
        .post(&path, both)
        .await?
        .problem(422, "invalid_input")?;
    for (body, field) in [
        (json!({ "certificate_pem": "nothing" }), "certificate"),
        (json!({ "pfx": "!!" }), "pfx"),
        (
            json!({ "pfx": "AAAA", "pfx_password": "hidden~word" }),
            "certificate",
        ),
        (json!({ "generate_certificate_days": 0 }), "days"),
        (json!({ "federated_source": "/etc/passwd" }), "source"),
    ] {
        let problem = test
            .admin
            .post(&path, body)
            .await?
            .problem(422, "invalid_input")?;
        assert_eq!(problem["field"], field, "{problem}");
        assert!(!problem.to_string().contains("hidden~word"));
    }
    Ok(())
}
