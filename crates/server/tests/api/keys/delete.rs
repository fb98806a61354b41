use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() -> Outcome {
    let test = TestServer::start().await?;
    let made = test
        .builder
        .post("/keys", json!({ "name": "x" }))
        .await?
        .expect(201)?;
    let client = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    client.get("/me").await?.expect(200)?;
    let path = format!("/keys/{}", made["key"]["id"].as_str().unwrap_or_default());
    test.builder.delete(&path).await?.expect(204)?;
    client.get("/me").await?.problem(401, "unauthenticated")?;
    assert_eq!(test.log("key.revoke").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn somebody_elses_key_is_not_there_for_a_builder() -> Outcome {
    let test = TestServer::start().await?;
    let made = test
        .admin
        .post("/keys", json!({ "name": "x" }))
        .await?
        .expect(201)?;
    let path = format!("/keys/{}", made["key"]["id"].as_str().unwrap_or_default());
    test.builder
        .delete(&path)
        .await?
        .problem(404, "not_found")?;
    test.admin.delete(&path).await?.expect(204)?;
    test.admin
        .delete("/keys/nonsense")
        .await?
        .problem(404, "not_found")?;
    Ok(())
}
