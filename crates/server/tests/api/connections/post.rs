use serde_json::{Value, json};

use crate::redacted::redacted;
use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn an_application_is_connected_and_tested_at_once() -> Outcome {
    let test = TestServer::start().await?;
    let app = test.application()?;
    let new = json!({
        "service": "outlook", "method": "service_principal", "name": "mail", "cloud": "sandbox",
        "tenant_id": app.tenant_id, "client_id": app.client_id, "client_secret": app.secret,
    });
    let answer = test.admin.post("/connections", new).await?;
    assert!(!answer.text.contains(&app.secret));
    let made = answer.expect(201)?;
    assert_eq!(
        (&made["connection"]["state"], &made["test"]["ok"]),
        (&"active".into(), &true.into())
    );
    assert_eq!(
        made["connection"]["granted"],
        json!(["Mail.Read", "Mail.ReadWrite", "Mail.Send"])
    );
    assert_eq!(test.log("connection.create").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_user_is_sent_to_a_page_that_works_once() -> Outcome {
    let test = TestServer::start().await?;
    let registration = test.app_registration().await?;
    let new = json!({
        "service": "outlook", "method": "oauth", "name": "my mail", "app_registration_id": registration,
    });
    let made = test.member.post("/connections", new).await?.expect(201)?;
    assert_eq!(made["connection"]["state"], "pending");
    let url = made["connect_url"].as_str().unwrap_or_default();
    assert!(
        url.starts_with(&format!("{}connect/", test.server.url())),
        "{url}"
    );
    assert_eq!(redacted(&made)["expires_at"], "[time]");
    Ok(())
}

#[tokio::test]
async fn a_place_that_the_service_does_not_have_leaves_no_connection() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({
        "service": "outlook", "method": "oauth", "name": "my mail", "environment_url": "x",
        "app_registration_id": test.app_registration().await?,
    });
    let problem = test
        .member
        .post("/connections", new)
        .await?
        .problem(422, "invalid_input")?;
    assert_eq!(problem["field"], "environment_url");
    let list = test.member.get("/connections").await?.expect(200)?;
    assert_eq!(list["items"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_member_connects_no_application() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({
        "service": "outlook", "method": "service_principal", "name": "mail",
        "app_registration_id": test.app_registration().await?,
    });
    test.member
        .post("/connections", new.clone())
        .await?
        .problem(403, "role_required")?;
    test.builder
        .post("/connections", new)
        .await?
        .problem(403, "role_required")?;
    nothing_was_made(&test).await
}

#[tokio::test]
async fn a_user_is_not_connected_to_dynamics() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({
        "service": "crm", "method": "oauth", "name": "crm", "app_registration_id": test.app_registration().await?,
    });
    let problem = test
        .member
        .post("/connections", new)
        .await?
        .problem(422, "unsupported_method")?;
    assert!(
        problem["next_step"]
            .as_str()
            .is_some_and(|step| step.contains("service_principal"))
    );
    nothing_was_made(&test).await
}

#[tokio::test]
async fn tables_and_companies_are_checked_where_they_are_given() -> Outcome {
    let test = TestServer::start().await?;
    let app = test.application()?;
    let new = |service: &str, policy: Value| {
        let place = match service {
            "businesscentral" => ("environment", "Production"),
            _ => ("environment_url", test.sandbox.url()),
        };
        let mut new = json!({
            "service": service, "method": "service_principal", "name": service, "cloud": "sandbox",
            "tenant_id": app.tenant_id, "client_id": app.client_id, "client_secret": app.secret, "policy": policy,
        });
        new[place.0] = place.1.into();
        new
    };
    for (service, policy, words) in [
        ("crm", json!({ "companies": ["CRONUS"] }), "no companies"),
        ("crm", json!({ "tables": ["accounts(1)"] }), "logical name"),
        (
            "businesscentral",
            json!({ "tables": ["account"] }),
            "no tables",
        ),
        (
            "businesscentral",
            json!({ "companies": [""] }),
            "a company is",
        ),
    ] {
        let refused = test
            .admin
            .post("/connections", new(service, policy))
            .await?;
        let problem = refused.problem(422, "invalid_input")?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(words), "{service}: {detail}");
    }
    nothing_was_made(&test).await?;
    let policy = json!({ "tables": [" Account ", "msdyn_WorkOrder"] });
    let made = test.admin.post("/connections", new("crm", policy)).await?;
    let made = made.expect(201)?;
    assert_eq!(
        made["connection"]["policy"],
        json!({ "tables": ["account", "msdyn_workorder"], "raw": false })
    );
    let id = "6C8BB1B4-2FD4-4B8E-9A56-3C1F1D2A7B10";
    let policy = json!({ "companies": [id, "CRONUS USA, Inc."] });
    let made = test
        .admin
        .post("/connections", new("businesscentral", policy))
        .await?;
    let listed = &made.expect(201)?["connection"]["policy"]["companies"];
    assert_eq!(*listed, json!([id.to_lowercase(), "CRONUS USA, Inc."]));
    Ok(())
}

async fn nothing_was_made(test: &TestServer) -> Outcome {
    let list = test.owner.get("/connections").await?.expect(200)?;
    assert_eq!(list, json!({ "items": [], "next": Value::Null }));
    Ok(())
}
