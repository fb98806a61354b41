//! Tokens that an application gets for itself.

use sandbox::NewApplication;

use crate::cloud::{Cloud, YEAR, answer, claims};

#[tokio::test]
async fn an_application_gets_a_token_with_the_roles_that_were_granted() {
    let cloud = Cloud::start().await;
    let none = cloud.app_only(&[]).await;
    assert_eq!(none.status, 200);
    assert_eq!(claims(&none.body["access_token"]).get("roles"), None);

    cloud.control.grant_admin_consent(&cloud.client_id).unwrap();
    let granted = cloud.app_only(&[]).await.body;
    let token = claims(&granted["access_token"]);
    assert_eq!(token["roles"], serde_json::json!(["Mail.Read"]));
    assert_eq!(token["idtyp"], "app");
    assert_eq!(token["oid"], token["sub"]);
    assert_eq!(token.get("upn"), None);
    assert_eq!(token.get("scp"), None);
    for absent in ["refresh_token", "id_token", "scope"] {
        assert_eq!(granted.get(absent), None);
    }
}

#[tokio::test]
async fn the_audience_follows_the_form_in_which_it_was_asked_for() {
    let cloud = Cloud::start().await;
    let by_id = "00000003-0000-0000-c000-000000000000";
    for (scope, audience) in [
        (
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.com",
        ),
        (
            "https://graph.microsoft.com//.default",
            "https://graph.microsoft.com/",
        ),
        (".default", "https://graph.microsoft.com"),
        ("00000003-0000-0000-c000-000000000000/.default", by_id),
    ] {
        let answer = cloud.app_only(&[("scope", scope)]).await;
        assert_eq!(claims(&answer.body["access_token"])["aud"], audience);
    }
}

#[tokio::test]
async fn scopes_of_another_form_are_refused() {
    let cloud = Cloud::start().await;
    for (scope, error, code) in [
        ("Mail.Read", "invalid_scope", 1_002_012),
        (
            "openid https://graph.microsoft.com/.default",
            "invalid_scope",
            1_002_012,
        ),
        (
            "https://nobody.example/.default",
            "invalid_resource",
            500_011,
        ),
        ("", "invalid_request", 900_144),
    ] {
        let refused = cloud.app_only(&[("scope", scope)]).await;
        refused.assert_refused(400, error, code);
    }
}

#[tokio::test]
async fn a_tenant_must_be_named() {
    let cloud = Cloud::start().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &cloud.client_id),
        ("client_secret", &cloud.secret),
        ("scope", ".default"),
    ];
    for (segment, code) in [
        ("common", 9_001_023),
        ("consumers", 9_001_023),
        ("00000000-0000-0000-0000-000000000000", 900_021),
        ("nonsense", 900_023),
        ("fabrikam.example", 90002),
    ] {
        let url = cloud.url(&format!("/{segment}/oauth2/v2.0/token"));
        let refused = answer(cloud.http.post(url).form(&form)).await;
        refused.assert_refused(400, "invalid_request", code);
    }
    let domain = cloud.member.split_once('@').unwrap().1;
    let url = cloud.url(&format!("/{domain}/oauth2/v2.0/token"));
    assert_eq!(answer(cloud.http.post(url).form(&form)).await.status, 200);
}

#[tokio::test]
async fn the_secret_may_come_in_a_header() {
    let cloud = Cloud::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", ".default")];
    let url = cloud.tenant_url("/oauth2/v2.0/token");
    let request = |secret: &str| {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let request = cloud.http.post(&url).form(&form);
        request.basic_auth(&cloud.client_id, Some(encoded))
    };
    assert_eq!(answer(request(&cloud.secret)).await.status, 200);
    let refused = answer(request("wrong:secret %")).await;
    refused.assert_refused(401, "invalid_client", 7_000_215);
}

#[tokio::test]
async fn the_secrets_id_is_not_its_value_and_a_second_secret_works_beside_the_first() {
    let cloud = Cloud::start().await;
    let second = cloud
        .control
        .add_secret(&cloud.client_id, "second", YEAR)
        .unwrap();
    assert_eq!(second.secret_text.len(), 40);
    assert!(second.secret_text.starts_with(&second.hint));
    let by_id = cloud.app_only(&[("client_secret", &second.key_id)]).await;
    by_id.assert_refused(401, "invalid_client", 7_000_215);
    for secret in [&second.secret_text, &cloud.secret] {
        assert_eq!(
            cloud.app_only(&[("client_secret", secret)]).await.status,
            200
        );
    }
}

#[tokio::test]
async fn a_secret_ends_by_the_sandboxs_clock() {
    let cloud = Cloud::start().await;
    cloud.control.advance(YEAR);
    let refused = cloud.app_only(&[]).await;
    refused.assert_refused(401, "invalid_client", 7_000_222);
}

#[tokio::test]
async fn a_short_cut_issues_tokens_for_tests_that_are_not_about_signing_in() {
    let cloud = Cloud::start().await;
    let token = cloud
        .control
        .issue_access_token(&cloud.client_id, Some(&cloud.member), &["Mail.Read"])
        .unwrap();
    let token = claims(&token.into());
    assert_eq!(token["scp"], "Mail.Read");
    assert_eq!(token["upn"], cloud.member.as_str());
}

#[tokio::test]
async fn unknown_permissions_cannot_be_registered() {
    let cloud = Cloud::start().await;
    let refused = cloud.control.register_application(NewApplication {
        application: vec!["ChannelMessage.Send".to_owned()],
        ..NewApplication::default()
    });
    // Microsoft Graph has it as a delegated permission only.
    assert_eq!(refused.unwrap_err().code(), "unknown_permission");
}
