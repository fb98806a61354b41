use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_new_secret_retires_the_one_before() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!("/app-registrations/{}", test.app_registration().await?);
    let proof = test
        .admin
        .post(
            &format!("{path}/proofs"),
            json!({ "client_secret": "xyz~second" }),
        )
        .await?
        .expect(201)?;
    assert_eq!(
        (&proof["hint"], &proof["state"]),
        (&"xyz".into(), &"active".into())
    );
    let shown = test.admin.get(&path).await?.expect(200)?;
    let states: Vec<_> = shown["proofs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|proof| &proof["state"])
        .collect();
    assert_eq!(states, ["active", "retired"]);
    let old = shown["proofs"][1]["id"].as_str().unwrap_or_default();
    test.admin
        .delete(&format!("{path}/proofs/{old}"))
        .await?
        .expect(204)?;
    test.admin
        .delete(&format!("{path}/proofs/{old}"))
        .await?
        .problem(404, "not_found")?;
    Ok(())
}
