use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn its_activity_outlives_it() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    test.builder
        .delete(&format!("/connections/{id}"))
        .await?
        .problem(403, "forbidden")?;
    test.admin
        .delete(&format!("/connections/{id}"))
        .await?
        .expect(204)?;
    test.admin
        .get(&format!("/connections/{id}"))
        .await?
        .problem(404, "connection_not_found")?;
    let lines = test
        .auditor
        .get(&format!("/connections/{id}/activity"))
        .await?
        .expect(200)?;
    assert_eq!(lines["items"][0]["action"], "connection.delete");
    test.builder
        .get(&format!("/connections/{id}/activity"))
        .await?
        .problem(404, "connection_not_found")?;
    Ok(())
}

#[tokio::test]
async fn all_that_depends_on_it_is_named_before() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let hook = json!({ "url": "https://hooks.example.com/secret-path" });
    test.admin.post("/webhooks", hook).await?.expect(201)?;
    let hook = json!({ "url": "https://other.example.com/", "kinds": ["connection.expiring"] });
    test.admin.post("/webhooks", hook).await?.expect(201)?;
    let told = test
        .admin
        .get(&format!("/connections/{id}/dependents"))
        .await?;
    assert!(!told.text.contains("secret-path"));
    let told = told.expect(200)?;
    let hosts: Vec<_> = told["webhooks"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|hook| (&hook["host"], &hook["hears_of_removal"]))
        .collect();
    assert_eq!(hosts.len(), 2);
    assert!(hosts.contains(&(&json!("hooks.example.com"), &json!(true))));
    assert!(hosts.contains(&(&json!("other.example.com"), &json!(false))));
    assert_eq!(told["cursors"], json!([]));
    assert_eq!(told["consent"], json!(null), "an application's");
    Ok(())
}

#[tokio::test]
async fn the_document_says_that_consent_can_be_taken_back() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let document = test.anonymous.get_at("/openapi.json").await?.expect(200)?;
    let delete = &document["paths"]["/api/v1/connections/{id}"]["delete"];
    let asked = delete["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|parameter| parameter["in"] == "query");
    assert_eq!(
        asked.map(|parameter| &parameter["name"]),
        Some(&json!("revoke_consent"))
    );
    test.admin
        .delete(&format!("/connections/{id}?revoke_consent=true"))
        .await?
        .problem(422, "unsupported_method")?;
    test.admin
        .delete(&format!("/connections/{id}?revoke_consents=true"))
        .await?
        .problem(422, "unknown_field")?;
    Ok(())
}
