use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_key_cannot_change_its_members_password() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({ "password": "correct horse battery" });
    test.member
        .post("/members/me/password", new)
        .await?
        .problem(403, "forbidden")?;
    Ok(())
}

#[tokio::test]
async fn a_short_password_is_refused_and_not_repeated() -> Outcome {
    let test = TestServer::start().await?;
    let answer = test
        .member
        .post("/members/me/password", json!({ "password": "hunter2" }))
        .await?;
    assert!(!answer.text.contains("hunter2"));
    assert_eq!(answer.problem(422, "invalid_input")?["field"], "password");
    Ok(())
}
