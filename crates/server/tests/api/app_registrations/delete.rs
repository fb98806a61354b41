use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn one_that_is_used_stays() -> Outcome {
    let test = TestServer::start().await?;
    let connection = test.service_principal("mail").await?;
    let connection = test
        .admin
        .get(&format!("/connections/{connection}"))
        .await?
        .expect(200)?;
    let path = format!(
        "/app-registrations/{}",
        connection["app_registration_id"]
            .as_str()
            .unwrap_or_default()
    );
    test.admin
        .delete(&path)
        .await?
        .problem(422, "invalid_input")?;
    test.admin
        .delete(&format!(
            "/connections/{}",
            connection["id"].as_str().unwrap_or_default()
        ))
        .await?
        .expect(204)?;
    test.admin.delete(&path).await?.expect(204)?;
    test.admin.get(&path).await?.problem(404, "not_found")?;
    Ok(())
}

#[tokio::test]
async fn what_is_removed_is_noted_so_that_no_backup_brings_it_back() -> Outcome {
    let test = TestServer::start().await?;
    let app = test.app_registration().await?;
    let path = format!("/app-registrations/{app}");
    let shown = test.admin.get(&path).await?.expect(200)?;
    let proof = shown["proofs"][0]["id"].as_str().unwrap_or_default();
    let address = json!({ "url": "https://example.com/hook" });
    let hook = test.admin.post("/webhooks", address).await?.expect(201)?;
    let hook = hook["webhook"]["id"].as_str().unwrap_or_default();
    let mut issuer = String::new();
    for _ in ["the first key", "the one that replaces it"] {
        test.owner
            .post("/issuer/roll", json!({ "now": true }))
            .await?
            .expect(204)?;
        let keys = test.anonymous.get_at("/.well-known/jwks.json").await?;
        if issuer.is_empty() {
            issuer = keys.expect(200)?["keys"][0]["kid"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
        }
    }
    for path in [
        format!("{path}/proofs/{proof}"),
        path,
        format!("/webhooks/{hook}"),
    ] {
        test.admin.delete(&path).await?.expect(204)?;
    }
    let noted = test.server.context().store.read().await?.removals().await?;
    let noted: Vec<_> = noted.into_iter().map(|removal| removal.id).collect();
    for id in [issuer.as_str(), proof, app.as_str(), hook] {
        assert!(noted.iter().any(|known| known == id), "{id} in {noted:?}");
    }
    Ok(())
}
