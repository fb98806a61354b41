use serde_json::{Value, json};

use crate::support::{Outcome, TestServer};

fn actions(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line["action"].as_str())
        .collect()
}

#[tokio::test]
async fn members_see_what_was_done_through_their_own_connections() -> Outcome {
    let test = TestServer::start().await?;
    test.service_principal("mail").await?;
    let new = json!({
        "service": "outlook", "method": "oauth", "name": "my mail",
        "app_registration_id": test.app_registration().await?,
    });
    test.member.post("/connections", new).await?.expect(201)?;
    let own = test.member.get("/activity").await?.expect(200)?;
    assert_eq!(actions(&own), ["connection.create"]);
    let all = test
        .auditor
        .get("/activity?action=connection.")
        .await?
        .expect(200)?;
    assert_eq!(actions(&all), ["connection.create", "connection.create"]);
    Ok(())
}

#[tokio::test]
async fn the_log_is_read_from_its_end_page_by_page() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let first = test.auditor.get("/activity?limit=1").await?.expect(200)?;
    assert_eq!(actions(&first), ["connection.create"]);
    let next = first["next"].as_str().unwrap_or_default();
    let second = test
        .auditor
        .get(&format!("/activity?limit=1&after={next}"))
        .await?
        .expect(200)?;
    assert_eq!(actions(&second), ["app_registration.create"]);
    let none = test
        .auditor
        .get("/activity?since=2100-01-01T00:00:00Z")
        .await?
        .expect(200)?;
    assert_eq!(actions(&none), [""; 0]);
    let by_name = test
        .auditor
        .get("/activity?connection=mail")
        .await?
        .expect(200)?;
    assert_eq!(by_name["items"][0]["connection_id"], id);
    test.auditor
        .get("/activity?since=yesterday")
        .await?
        .problem(422, "invalid_input")?;
    Ok(())
}

#[tokio::test]
async fn a_key_for_one_connection_reads_what_was_done_through_no_other() -> Outcome {
    let test = TestServer::start().await?;
    let first = test.service_principal("first").await?;
    let second = test.service_principal("second").await?;
    let key = json!({ "name": "watch", "scope": { "connections": [first] } });
    let made = test.admin.post("/keys", key).await?.expect(201)?;
    let limited = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    let of = |id: &str| format!("/connections/{id}/activity");
    let own = limited.get(&of(&first)).await?.expect(200)?;
    assert_eq!(actions(&own), ["connection.create"]);
    for _ in ["while it is there", "once it is removed"] {
        for path in [of(&second), format!("/activity?connection={second}")] {
            limited
                .get(&path)
                .await?
                .problem(404, "connection_not_found")?;
        }
        test.admin.delete(&format!("/connections/{second}")).await?;
    }
    let whole = test.auditor.get(&of(&second)).await?.expect(200)?;
    assert_eq!(actions(&whole), ["connection.delete", "connection.create"]);
    Ok(())
}
