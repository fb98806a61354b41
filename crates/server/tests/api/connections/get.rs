use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn members_see_their_own_and_what_is_shared() -> Outcome {
    let test = TestServer::start().await?;
    let registration = test.app_registration().await?;
    let new = json!({
        "service": "outlook", "method": "oauth", "name": "my mail", "app_registration_id": registration,
    });
    let made = test.member.post("/connections", new).await?.expect(201)?;
    let path = format!(
        "/connections/{}",
        made["connection"]["id"].as_str().unwrap_or_default()
    );
    for client in [&test.member, &test.auditor, &test.admin, &test.owner] {
        client.get(&path).await?.expect(200)?;
        client.get("/connections/my%20mail").await?.expect(200)?;
    }
    test.builder
        .get(&path)
        .await?
        .problem(404, "connection_not_found")?;
    test.member
        .patch(&path, json!({ "shared": true }))
        .await?
        .expect(200)?;
    test.builder.get(&path).await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn lists_come_page_by_page() -> Outcome {
    let test = TestServer::start().await?;
    for name in ["a", "b", "c"] {
        test.service_principal(name).await?;
    }
    let mut names = Vec::new();
    let mut path = "/connections?limit=2".to_owned();
    loop {
        let page = test.admin.get(&path).await?.expect(200)?;
        names.extend(
            page["items"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|item| item["name"].clone()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/connections?limit=2&after={next}");
    }
    assert_eq!(names, ["a", "b", "c"]);
    test.admin
        .get("/connections?limit=0")
        .await?
        .problem(422, "invalid_input")?;
    test.admin
        .get("/connections?limit=201")
        .await?
        .problem(422, "invalid_input")?;
    test.admin
        .get("/connections?after=x")
        .await?
        .problem(422, "invalid_input")?;
    test.admin
        .get("/connections?offset=1")
        .await?
        .problem(422, "unknown_field")?;
    Ok(())
}

#[tokio::test]
async fn permissions_and_diagnosis_are_told() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let report = test
        .auditor
        .get(&format!("/connections/{id}/permissions"))
        .await?
        .expect(200)?;
    assert_eq!(
        report["granted"],
        json!(["Mail.Read", "Mail.ReadWrite", "Mail.Send"])
    );
    let report = test
        .auditor
        .get(&format!("/connections/{id}/diagnosis"))
        .await?
        .expect(200)?;
    assert_eq!(report, json!({ "state": "active", "diagnosis": null }));
    Ok(())
}
