use sandbox::NewApplication;
use serde_json::{Value, json};

use crate::support::{Outcome, TestServer};

/// A registration of an application that may change itself, with a connection; its path.
async fn registered(test: &TestServer) -> Result<String, Box<dyn std::error::Error>> {
    let control = test.sandbox.control();
    let application = control.register_application(NewApplication {
        display_name: "rolls its keys".to_owned(),
        application: vec![
            "Mail.Read".to_owned(),
            "Application.ReadWrite.All".to_owned(),
        ],
        admin_consent: true,
        ..NewApplication::default()
    })?;
    let lifetime = std::time::Duration::from_hours(24 * 90);
    let secret = control.add_secret(&application.client_id, "test", lifetime)?;
    let body = json!({
        "name": "rolling", "cloud": "sandbox", "tenant_id": application.tenant_id,
        "client_id": application.client_id, "client_secret": secret.secret_text,
    });
    let made = test.admin.post("/app-registrations", body).await?;
    let id = made.expect(201)?["id"].clone();
    let body = json!({
        "service": "outlook", "method": "service_principal", "name": "rolling",
        "app_registration_id": id,
    });
    test.admin.post("/connections", body).await?.expect(201)?;
    Ok(format!(
        "/app-registrations/{}",
        id.as_str().unwrap_or_default()
    ))
}

#[tokio::test]
async fn a_secret_gives_way_to_a_certificate_and_that_to_another() -> Outcome {
    let test = TestServer::start().await?;
    let path = registered(&test).await?;
    let rotate = format!("{path}/rotate");
    let wanted = json!({ "kind": "certificate" });
    let first = test.admin.post(&rotate, wanted).await?.expect(200)?;
    assert_eq!(first["kind"], "certificate");
    assert_eq!(first["state"], "active");
    let second = test.admin.post(&rotate, json!({})).await?.expect(200)?;
    assert_eq!(second["kind"], "certificate");
    assert_ne!(second["hint"], first["hint"]);
    let shown = test.admin.get(&path).await?.expect(200)?;
    let proofs = shown["proofs"].as_array().cloned().unwrap_or_default();
    let of = |field: &str| -> Vec<Value> { proofs.iter().map(|it| it[field].clone()).collect() };
    assert_eq!(of("state"), ["active", "retired", "retired"]);
    assert_eq!(of("kind"), ["certificate", "certificate", "client_secret"]);
    assert!(!shown.to_string().contains("PRIVATE KEY"));
    let lines = test.log("app_registration.rotate").await?;
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|(_, outcome, _)| outcome == "ok"));
    let events = test.admin.get("/events").await?.expect(200)?;
    let events = events["items"].as_array().cloned().unwrap_or_default();
    let rotated = events
        .iter()
        .filter(|it| it["type"] == "connection.rotated");
    assert_eq!(rotated.count(), 2);
    Ok(())
}

#[tokio::test]
async fn what_has_no_end_is_not_rotated() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!(
        "/app-registrations/{}/rotate",
        test.app_registration().await?
    );
    for (wrong, code) in [
        (json!({ "kind": "managed_identity" }), "invalid_input"),
        (json!({ "sort": "certificate" }), "unknown_field"),
    ] {
        test.admin.post(&path, wrong).await?.problem(422, code)?;
    }
    Ok(())
}
