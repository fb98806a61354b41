//! An API that acts for the user who called it.

use std::time::Duration;

use sandbox::{ConditionalAccess, NewApplication};
use serde_json::Value;

use crate::cloud::{Answer, Cloud, claims};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const API: &str = "api://middle-tier";

struct MiddleTier {
    cloud: Cloud,
    client_id: String,
    secret: String,
}

impl MiddleTier {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let (client_id, secret) = cloud.register(NewApplication {
            display_name: "Middle tier".to_owned(),
            delegated: vec!["Mail.Read".to_owned()],
            identifier_uris: vec![API.to_owned()],
            exposed_scopes: vec!["access_as_user".to_owned()],
            ..NewApplication::default()
        });
        Self {
            cloud,
            client_id,
            secret,
        }
    }

    /// The user's token for this API, through the pages.
    async fn user_token(&self, scope: &str) -> Value {
        let cloud = &self.cloud;
        let scope = format!("openid offline_access {scope}");
        let url = cloud.authorize_url(&[("scope", &scope)]);
        let mut browser = cloud.browser();
        let page = browser.sign_in(&url, &cloud.member).await;
        let page = browser.decide(&page, "accept").await;
        let answer = cloud.redeem(&page.answer("code"), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    async fn exchange(&self, assertion: &Value) -> Answer {
        let form = [
            ("grant_type", GRANT),
            ("client_id", &self.client_id),
            ("client_secret", &self.secret),
            ("assertion", assertion.as_str().unwrap()),
            ("requested_token_use", "on_behalf_of"),
            (
                "scope",
                "https://graph.microsoft.com/Mail.Read offline_access",
            ),
        ];
        self.cloud.ask(&form).await
    }
}

#[tokio::test]
async fn an_api_gets_its_callers_token_for_graph_once_that_is_consented_to() {
    let tier = MiddleTier::start().await;
    let tokens = tier.user_token("api://middle-tier/access_as_user").await;
    let user_token = &tokens["access_token"];
    assert_eq!(claims(user_token)["aud"], API);
    assert_eq!(claims(user_token)["scp"], "access_as_user");

    let refused = tier.exchange(user_token).await;
    refused.assert_refused(400, "invalid_grant", 65001);
    assert_eq!(refused.body["suberror"], "consent_required");

    tier.cloud
        .control
        .grant_admin_consent(&tier.client_id)
        .unwrap();
    let answer = tier.exchange(user_token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let access = claims(&answer.body["access_token"]);
    assert_eq!(access["aud"], "https://graph.microsoft.com");
    assert_eq!(access["appid"], tier.client_id.as_str());
    assert_eq!(access["upn"], tier.cloud.member.as_str());
    assert_eq!(access["scp"], "Mail.Read");
    assert!(answer.body["refresh_token"].is_string());
}

#[tokio::test]
async fn only_a_users_own_valid_access_token_for_this_api_is_exchanged() {
    let tier = MiddleTier::start().await;
    let tokens = tier.user_token("api://middle-tier/.default").await;
    let refused = tier.exchange(&tokens["id_token"]).await;
    refused.assert_refused(400, "invalid_grant", 240_002);
    let refused = tier.exchange(&"nonsense".into()).await;
    refused.assert_refused(400, "invalid_grant", 50013);

    let for_graph = tier.cloud.control.issue_access_token(
        &tier.cloud.client_id,
        Some(&tier.cloud.member),
        &["Mail.Read"],
    );
    let refused = tier.exchange(&for_graph.unwrap().into()).await;
    refused.assert_refused(400, "invalid_grant", 50013);

    let scope = [("scope", "api://middle-tier/.default")];
    let app_only = tier.cloud.app_only(&scope).await.body;
    let refused = tier.exchange(&app_only["access_token"]).await;
    refused.assert_refused(400, "invalid_grant", 7_000_114);

    tier.cloud.control.advance(Duration::from_hours(2));
    let refused = tier.exchange(&tokens["access_token"]).await;
    refused.assert_refused(400, "invalid_grant", 500_133);
}

#[tokio::test]
async fn what_only_the_person_can_mend_is_passed_on_with_claims() {
    let tier = MiddleTier::start().await;
    tier.cloud
        .control
        .grant_admin_consent(&tier.client_id)
        .unwrap();
    let tokens = tier.user_token("api://middle-tier/access_as_user").await;
    tier.cloud
        .control
        .set_conditional_access(ConditionalAccess::Mfa);
    let refused = tier.exchange(&tokens["access_token"]).await;
    refused.assert_refused(400, "interaction_required", 50076);
    assert!(refused.body["claims"].as_str().unwrap().contains("polids"));
}
