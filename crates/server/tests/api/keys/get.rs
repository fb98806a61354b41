use serde_json::{Value, json};

use crate::support::{Outcome, TestServer};

fn names(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|key| key["name"].as_str())
        .collect()
}

#[tokio::test]
async fn builders_see_their_own_and_administrators_all() -> Outcome {
    let test = TestServer::start().await?;
    test.admin
        .post("/keys", json!({ "name": "the admin's second" }))
        .await?
        .expect(201)?;
    let own = test.builder.get("/keys").await?.expect(200)?;
    assert_eq!(names(&own), ["builder's"]);
    let all = test.admin.get("/keys").await?.expect(200)?;
    assert!(names(&all).contains(&"builder's") && names(&all).contains(&"the admin's second"));
    Ok(())
}
