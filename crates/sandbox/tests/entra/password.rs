//! Names and passwords at the token endpoint.

use sandbox::{ConditionalAccess, NewApplication};

use crate::cloud::{Answer, Cloud, answer, claims};

struct Native {
    cloud: Cloud,
    client_id: String,
}

impl Native {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let registered = cloud.control.register_application(NewApplication {
            display_name: "Script".to_owned(),
            delegated: vec!["User.Read".to_owned()],
            is_public_client: true,
            admin_consent: true,
            ..NewApplication::default()
        });
        Self {
            client_id: registered.unwrap().client_id,
            cloud,
        }
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let form = [
            ("grant_type", "password"),
            ("client_id", &self.client_id),
            ("username", name),
            ("password", password),
            ("scope", "openid offline_access User.Read"),
        ];
        self.cloud.ask(&form).await
    }
}

#[tokio::test]
async fn a_seeded_user_gets_tokens_by_name_and_password() {
    let native = Native::start().await;
    let answer = native.sign_in(&native.cloud.member, "Sandbox-1").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let access = claims(&answer.body["access_token"]);
    assert_eq!(access["scp"], "openid User.Read");
    assert!(answer.body["refresh_token"].is_string());
    assert!(answer.body["id_token"].is_string());
}

#[tokio::test]
async fn wrong_names_passwords_and_policies_each_have_their_refusal() {
    let native = Native::start().await;
    let member = native.cloud.member.clone();
    let wrong = native.sign_in(&member, "guess").await;
    wrong.assert_refused(400, "invalid_grant", 50126);
    let unknown = native.sign_in("nobody@contoso.com", "Sandbox-1").await;
    unknown.assert_refused(400, "invalid_grant", 50034);

    let control = &native.cloud.control;
    control.set_conditional_access(ConditionalAccess::Mfa);
    let weak = native.sign_in(&member, "Sandbox-1").await;
    weak.assert_refused(400, "invalid_grant", 50076);
    assert_eq!(weak.body["suberror"], "basic_action");
    control.set_conditional_access(ConditionalAccess::Block);
    let blocked = native.sign_in(&member, "Sandbox-1").await;
    blocked.assert_refused(400, "invalid_grant", 53003);
    assert_eq!(blocked.body["suberror"], "message_only");
    control.set_conditional_access(ConditionalAccess::Off);

    control.disable_user(&member).unwrap();
    let disabled = native.sign_in(&member, "Sandbox-1").await;
    disabled.assert_refused(400, "invalid_grant", 50057);
}

#[tokio::test]
async fn the_tenant_must_be_named_and_clients_learn_where_passwords_are_kept() {
    let native = Native::start().await;
    let cloud = &native.cloud;
    let form = [("grant_type", "password"), ("client_id", &native.client_id)];
    let url = cloud.url("/common/oauth2/v2.0/token");
    let refused = answer(cloud.http.post(url).form(&form)).await;
    refused.assert_refused(400, "invalid_request", 9_001_023);

    let realm = async |name: &str| {
        let url = cloud.url(&format!("/common/userrealm/{name}?api-version=1.0"));
        answer(cloud.http.get(url)).await.body
    };
    assert_eq!(realm(&cloud.member).await["account_type"], "Managed");
    assert_eq!(
        realm("who@nowhere.example").await["account_type"],
        "Unknown"
    );
}

#[tokio::test]
async fn ten_wrong_passwords_lock_an_account_for_a_minute() {
    let native = Native::start().await;
    let member = native.cloud.member.clone();
    for number in 0..10 {
        let refused = native.sign_in(&member, &format!("wrong {number}")).await;
        refused.assert_refused(400, "invalid_grant", 50126);
    }
    let locked = native.sign_in(&member, "Sandbox-1").await;
    locked.assert_refused(400, "invalid_grant", 50053);
    native
        .cloud
        .control
        .advance(std::time::Duration::from_secs(61));
    assert_eq!(native.sign_in(&member, "Sandbox-1").await.status, 200);
    native
        .sign_in(&member, "wrong again")
        .await
        .assert_refused(400, "invalid_grant", 50126);
}

#[tokio::test]
async fn the_same_wrong_password_is_counted_once() {
    let native = Native::start().await;
    let member = native.cloud.member.clone();
    for _ in 0..15 {
        native
            .sign_in(&member, "surely")
            .await
            .assert_refused(400, "invalid_grant", 50126);
    }
    assert_eq!(native.sign_in(&member, "Sandbox-1").await.status, 200);
}
