//! Whose token is good for the environment.

use reqwest::Method;
use serde_json::json;

use crate::cloud::{AUDIENCE, Cloud};

#[tokio::test]
async fn entra_issues_tokens_for_the_environment_and_for_no_other() {
    let cloud = Cloud::start().await;
    for resource in [
        AUDIENCE,
        "https://contoso.api.crm4.dynamics.com",
        "https://contoso.crm4.dynamics.com/",
    ] {
        let answer = cloud.token_answer(&format!("{resource}/.default")).await;
        assert_eq!(answer.status, 200, "{resource}: {}", answer.body);
    }
    // Whoever does not call the environment by its name finds it at the sandbox's own address.
    let here = cloud
        .token_answer(&format!("{}/.default", cloud.sandbox.url()))
        .await;
    let token = here.body["access_token"].as_str().unwrap();
    assert_eq!(cloud.get(token, "WhoAmI").await.code(), "0x80072560");
    let other = cloud
        .token_answer("https://fabrikam.crm4.dynamics.com/.default")
        .await;
    assert_eq!(other.body["error_codes"], json!([500_011]));
}

#[tokio::test]
async fn a_request_without_a_good_token_is_told_where_to_get_one() {
    let cloud = Cloud::start().await;
    let none = cloud.get("", "WhoAmI").await;
    assert_eq!((none.status, &none.body), (401, &json!(null)));
    let challenge = none.header("www-authenticate");
    assert!(
        challenge.starts_with("Bearer authorization_uri="),
        "{challenge}"
    );
    assert!(
        challenge.ends_with("/oauth2/authorize, resource_id=https://contoso.crm4.dynamics.com/"),
        "{challenge}"
    );
    let graph = cloud
        .token_answer("https://graph.microsoft.com/.default")
        .await;
    let graph = graph.body["access_token"].as_str().unwrap().to_owned();
    for token in ["nonsense", &graph] {
        let refused = cloud.get(token, "WhoAmI").await;
        assert_eq!(refused.status, 401);
        assert!(
            refused
                .header("www-authenticate")
                .contains("error=invalid_token")
        );
    }
}

#[tokio::test]
async fn an_application_needs_its_user_and_that_user_a_role() {
    let cloud = Cloud::start().await;
    let token = cloud.token().await;
    let outside = cloud.get(&token, "WhoAmI").await;
    assert_eq!((outside.status, outside.code()), (403, "0x80072560"));
    cloud
        .control
        .add_application_user(&cloud.client_id, &[])
        .unwrap();
    let bare = cloud.get(&token, "WhoAmI").await;
    assert_eq!((bare.status, bare.code()), (403, "0x80042f09"));
    cloud
        .control
        .add_application_user(&cloud.client_id, &["Sales Reader"])
        .unwrap();
    assert_eq!(cloud.get(&token, "WhoAmI").await.status, 200);
    let write = cloud
        .call(
            &token,
            Method::POST,
            "/api/data/v9.2/accounts",
            Some(json!({ "name": "x" })),
        )
        .await;
    assert_eq!((write.status, write.code()), (403, "0x80040220"));
    assert!(
        write.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("prvCreateAccount")
    );
    let rows = cloud.get(&token, "accounts?$select=name&$top=2").await;
    assert_eq!(rows.body["value"].as_array().unwrap().len(), 2);
    let context = rows.body["@odata.context"].as_str().unwrap();
    assert!(context.starts_with(cloud.sandbox.url()), "{context}");
}

#[tokio::test]
async fn people_come_in_with_the_scope_of_the_environment() {
    let cloud = Cloud::start().await;
    let scope = format!("{AUDIENCE}/user_impersonation");
    let form = [
        ("grant_type", "password"),
        ("username", "ana.reis@contoso.com"),
        ("password", "Sandbox-1"),
        ("scope", scope.as_str()),
    ];
    // Nobody has consented yet.
    assert_eq!(cloud.grant(&form).await.body["error_codes"], json!([65001]));
}
