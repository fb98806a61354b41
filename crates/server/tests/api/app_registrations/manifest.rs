use crate::support::{Outcome, TestServer};

const MANIFEST: &str = "/app-registrations/manifest";

#[tokio::test]
async fn the_smallest_registration_comes_in_every_form() -> Outcome {
    let test = TestServer::start().await?;
    let query = "services=outlook&operations=outlook.messages.send&method=service_principal";
    let manifest = test
        .auditor
        .get(&format!("{MANIFEST}?{query}"))
        .await?
        .expect(200)?;
    assert_eq!(manifest["permissions"][0]["name"], "Mail.Send");
    let access = &manifest["required_resource_access"][0];
    assert_eq!(
        access["resourceAppId"],
        "00000003-0000-0000-c000-000000000000"
    );
    assert_eq!(access["resourceAccess"][0]["type"], "Role");
    for form in ["az", "powershell", "terraform"] {
        let written = manifest[form].as_str().unwrap_or_default();
        assert!(
            written.contains("b633e1c5-b582-4048-a93e-9f11b44c7e96"),
            "{form}"
        );
        assert!(!written.contains("/oauth/callback"), "{form}");
    }
    assert!(manifest["consent_url"].is_null());
    Ok(())
}

#[tokio::test]
async fn a_user_comes_back_to_this_server_and_an_administrator_consents_at_the_cloud() -> Outcome {
    let test = TestServer::start().await?;
    let query = "services=teams&method=oauth&cloud=sandbox&client_id=4f&tenant_id=contoso.com";
    let manifest = test
        .auditor
        .get(&format!("{MANIFEST}?{query}"))
        .await?
        .expect(200)?;
    assert!(
        manifest["az"]
            .as_str()
            .is_some_and(|text| text.contains("/oauth/callback"))
    );
    let url = manifest["consent_url"].as_str().unwrap_or_default();
    assert!(
        url.ends_with("/contoso.com/adminconsent?client_id=4f"),
        "{url}"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_not_known_is_named() -> Outcome {
    let test = TestServer::start().await?;
    let refused = |query: &str| {
        let path = format!("{MANIFEST}?{query}");
        let auditor = &test.auditor;
        async move { auditor.get(&path).await }
    };
    refused("services=outlok&method=oauth")
        .await?
        .problem(422, "invalid_input")?;
    refused("method=oauth")
        .await?
        .problem(422, "invalid_input")?;
    refused("services=outlook&method=oauth&cloud=moon")
        .await?
        .problem(422, "invalid_input")?;
    refused("services=outlook&method=oauth&client_id=a%26b")
        .await?
        .problem(422, "invalid_input")?;
    let unknown = refused("operations=outlook.mesages.send&method=oauth").await?;
    let problem = unknown.problem(404, "operation_not_found")?;
    assert_eq!(problem["nearest"][0], "outlook.messages.send");
    Ok(())
}
