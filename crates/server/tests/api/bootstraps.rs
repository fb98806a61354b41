use serde_json::{Value, json};

use crate::support::{Outcome, TestServer};

fn wanted() -> Value {
    json!({
        "name": "contoso",
        "cloud": "sandbox",
        "connections": [{ "service": "outlook", "name": "contoso-mail" }],
    })
}

#[tokio::test]
async fn an_attempt_is_begun_looked_at_and_ended_by_whoever_began_it() -> Outcome {
    let test = TestServer::start().await?;
    let begun = test
        .admin
        .post("/bootstraps", wanted())
        .await?
        .expect(201)?;
    assert_eq!(begun["state"], "signing_in");
    assert!(begun["user_code"].is_string() && begun["verification_uri"].is_string());
    let path = format!("/bootstraps/{}", begun["id"].as_str().unwrap_or_default());
    let next = test
        .admin
        .post_nothing(&format!("{path}/next"))
        .await?
        .expect(200)?;
    assert_eq!(next["state"], "signing_in");
    assert!(next["next_in_secs"].is_number());
    test.owner.get(&path).await?.problem(404, "not_found")?;
    let listed = test.admin.get("/bootstraps").await?.expect(200)?;
    assert_eq!(listed["items"][0]["id"], begun["id"], "{listed}");
    let again = test
        .admin
        .post(&format!("{path}/sign-in"), json!({}))
        .await?
        .expect(200)?;
    assert_eq!(again["id"], begun["id"]);
    assert_ne!(again["user_code"], begun["user_code"]);
    test.admin.delete(&path).await?.expect(204)?;
    test.admin.get(&path).await?.problem(404, "not_found")?;
    Ok(())
}

#[tokio::test]
async fn the_plan_names_every_permission_and_what_does_not_fit_is_refused_by_its_field() -> Outcome
{
    let test = TestServer::start().await?;
    let plan = test
        .admin
        .post("/bootstraps/plan", wanted())
        .await?
        .expect(200)?;
    assert!(plan["steps"].to_string().contains("Mail.Send"), "{plan}");
    let mut crm = wanted();
    crm["connections"][0]["service"] = json!("crm");
    let refused = test.admin.post("/bootstraps/plan", crm).await?;
    let refused = refused.problem(422, "invalid_input")?;
    assert_eq!(refused["field"], "environment_url");
    Ok(())
}

#[tokio::test]
async fn a_limited_key_ends_no_attempt_of_its_member() -> Outcome {
    let test = TestServer::start().await?;
    let begun = test
        .admin
        .post("/bootstraps", wanted())
        .await?
        .expect(201)?;
    let path = format!("/bootstraps/{}", begun["id"].as_str().unwrap_or_default());
    let key = json!({ "name": "reads", "scope": { "kinds": ["read"] } });
    let made = test.admin.post("/keys", key).await?.expect(201)?;
    let limited = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    limited.delete(&path).await?.problem(403, "forbidden")?;
    test.admin.get(&path).await?.expect(200)?;
    Ok(())
}
