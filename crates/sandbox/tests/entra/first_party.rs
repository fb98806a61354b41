//! Microsoft's own clients, which administrators sign in to from command lines.

use serde_json::Value;

use crate::browser::Page;
use crate::cloud::{Answer, Cloud, answer, claims};

const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const GRAPH_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device code of a client, for the page at which `person` has signed in with it.
async fn signed_in(cloud: &Cloud, client_id: &str, scope: &str, person: &str) -> (Value, Page) {
    let form = [("client_id", client_id), ("scope", scope)];
    let url = cloud.url("/organizations/oauth2/v2.0/devicecode");
    let started = answer(cloud.http.post(url).form(&form)).await;
    assert_eq!(started.status, 200, "{}", started.body);
    let mut browser = cloud.browser();
    let text = |field: &str| started.body[field].as_str().unwrap();
    let page = browser.open(text("verification_uri")).await;
    let fields = [("otc", text("user_code"))];
    let next = browser.submit(&page, "device", &fields).await;
    let url = cloud.url(&next.location.unwrap());
    let mut page = browser.sign_in(&url, person).await;
    if page.html.contains("id=\"consent\"") {
        page = browser.decide(&page, "accept").await;
    }
    (started.body, page)
}

async fn redeem(cloud: &Cloud, client_id: &str, more: &[(&str, &str)]) -> Answer {
    let url = cloud.url("/organizations/oauth2/v2.0/token");
    let form = [&[("client_id", client_id)][..], more].concat();
    answer(cloud.http.post(url).form(&form)).await
}

async fn tokens(cloud: &Cloud, client_id: &str, device: &Value) -> Answer {
    let code = device["device_code"].as_str().unwrap();
    let more = [("grant_type", GRANT), ("device_code", code)];
    redeem(cloud, client_id, &more).await
}

async fn refreshed(cloud: &Cloud, client_id: &str, tokens: &Value, scope: &str) -> Answer {
    let more = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("scope", scope),
    ];
    redeem(cloud, client_id, &more).await
}

#[tokio::test]
async fn azure_cli_needs_nobodys_consent_and_one_sign_in_serves_dataverse_too() {
    let cloud = Cloud::start().await;
    let scope = "openid offline_access https://graph.microsoft.com/.default";
    let (device, page) = signed_in(&cloud, AZURE_CLI, scope, &cloud.admin).await;
    assert_eq!(page.text("#approved"), "You have signed in");
    let given = tokens(&cloud, AZURE_CLI, &device).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let access = claims(&given.body["access_token"]);
    let scopes = access["scp"].as_str().unwrap();
    for scope in [
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ] {
        assert!(scopes.contains(scope), "{scopes}");
    }
    assert_eq!(access["tid"], cloud.sandbox.tenant_id());

    // By its name, and by the address at which it is here.
    for resource in ["https://contoso.crm4.dynamics.com", cloud.sandbox.url()] {
        let scope = format!("{resource}/.default");
        let other = refreshed(&cloud, AZURE_CLI, &given.body, &scope).await;
        assert_eq!(other.status, 200, "{}", other.body);
        let access = claims(&other.body["access_token"]);
        assert_eq!(access["aud"], "https://contoso.crm4.dynamics.com");
        assert_eq!(access["scp"], "user_impersonation");
    }
}

#[tokio::test]
async fn graph_tools_are_consented_to_permissions_of_graph_and_of_nothing_else() {
    let cloud = Cloud::start().await;
    let scope = "openid offline_access Application.ReadWrite.All AppRoleAssignment.ReadWrite.All";
    let (device, page) = signed_in(&cloud, GRAPH_TOOLS, scope, &cloud.admin).await;
    assert_eq!(page.text("#approved"), "You have signed in");
    let given = tokens(&cloud, GRAPH_TOOLS, &device).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let scope = "https://contoso.crm4.dynamics.com/.default";
    let refused = refreshed(&cloud, GRAPH_TOOLS, &given.body, scope).await;
    refused.assert_refused(400, "invalid_request", 65002);
}

#[tokio::test]
async fn nobody_consents_to_more_for_azure_cli() {
    let cloud = Cloud::start().await;
    let scope = "openid Mail.Read";
    let (device, _) = signed_in(&cloud, AZURE_CLI, scope, &cloud.admin).await;
    let declined = tokens(&cloud, AZURE_CLI, &device).await;
    declined.assert_refused(400, "authorization_declined", 65004);
}
