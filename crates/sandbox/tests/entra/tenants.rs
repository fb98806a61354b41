//! Several organisations, the applications that serve all of them, and guests.

use sandbox::{AddedTenant, NewApplication, NewTenant};

use crate::cloud::{Cloud, REDIRECT, VERIFIER, answer, claims};

struct Two {
    cloud: Cloud,
    fabrikam: AddedTenant,
    client_id: String,
    secret: String,
}

impl Two {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let new = NewTenant {
            display_name: "Fabrikam".to_owned(),
            domain: "fabrikam.example".to_owned(),
        };
        let fabrikam = cloud.control.add_tenant(&new).unwrap();
        let (client_id, secret) = cloud.register(NewApplication {
            display_name: "For everybody".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            delegated: vec!["User.Read".to_owned()],
            application: vec!["Mail.Read".to_owned()],
            is_multi_tenant: true,
            ..NewApplication::default()
        });
        Self {
            cloud,
            fabrikam,
            client_id,
            secret,
        }
    }

    fn authorize_url(&self, segment: &str) -> String {
        let changes = [
            ("client_id", self.client_id.as_str()),
            ("scope", "openid profile offline_access User.Read"),
        ];
        let url = self.cloud.authorize_url(&changes);
        url.replace(self.cloud.sandbox.tenant_id(), segment)
    }

    async fn ask(&self, segment: &str, form: &[(&str, &str)]) -> crate::cloud::Answer {
        let mut all = vec![
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        all.extend(form);
        let url = self.cloud.url(&format!("/{segment}/oauth2/v2.0/token"));
        answer(self.cloud.http.post(url).form(&all)).await
    }

    async fn redeem(&self, segment: &str, code: &str) -> crate::cloud::Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.ask(segment, &form).await
    }
}

#[tokio::test]
async fn through_organizations_the_account_decides_on_the_tenant() {
    let two = Two::start().await;
    let administrator = &two.fabrikam.administrator.user_principal_name;
    let mut browser = two.cloud.browser();
    let page = browser
        .sign_in(&two.authorize_url("organizations"), administrator)
        .await;
    assert!(page.html.contains("Fabrikam"));
    let page = browser.decide(&page, "accept").await;
    let answer = two.redeem("organizations", &page.answer("code")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let access = claims(&answer.body["access_token"]);
    assert_eq!(access["tid"], two.fabrikam.tenant_id.as_str());
    let issuer = format!("https://sts.windows.net/{}/", two.fabrikam.tenant_id);
    assert_eq!(access["iss"], issuer.as_str());
    let refresh_token = answer.body["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    let refreshed = two.ask(&two.fabrikam.tenant_id, &form).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let elsewhere = two.ask(two.cloud.sandbox.tenant_id(), &form).await;
    elsewhere.assert_refused(400, "invalid_grant", 50020);
}

#[tokio::test]
async fn an_application_is_unknown_in_a_tenant_until_somebody_there_consents() {
    let two = Two::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", ".default")];
    let unknown = two.ask("fabrikam.example", &form).await;
    unknown.assert_refused(401, "invalid_client", 7_000_229);

    let url = two.cloud.url(&format!(
        "/fabrikam.example/adminconsent?client_id={}&redirect_uri={REDIRECT}",
        two.client_id
    ));
    let mut browser = two.cloud.browser();
    let administrator = &two.fabrikam.administrator.user_principal_name;
    let page = browser.sign_in(&url, administrator).await;
    let page = browser.decide(&page, "accept").await;
    assert_eq!(page.answer("tenant"), two.fabrikam.tenant_id);
    let known = two.ask("fabrikam.example", &form).await;
    assert_eq!(
        claims(&known.body["access_token"])["roles"],
        serde_json::json!(["Mail.Read"])
    );
    // What one tenant granted, another has not.
    let home = two.ask(two.cloud.sandbox.tenant_id(), &form).await;
    assert_eq!(claims(&home.body["access_token"]).get("roles"), None);

    // An application of one tenant only does not exist in the other.
    let url = two.cloud.url("/fabrikam.example/oauth2/v2.0/token");
    let single = [
        ("grant_type", "client_credentials"),
        ("client_id", &two.cloud.client_id),
        ("client_secret", &two.cloud.secret),
        ("scope", ".default"),
    ];
    let refused = answer(two.cloud.http.post(url).form(&single)).await;
    refused.assert_refused(400, "unauthorized_client", 700_016);
}

#[tokio::test]
async fn an_administrator_of_another_tenant_cannot_consent_for_this_one() {
    let two = Two::start().await;
    let url = two.cloud.tenant_url(&format!(
        "/adminconsent?client_id={}&redirect_uri={REDIRECT}",
        two.client_id
    ));
    let administrator = &two.fabrikam.administrator.user_principal_name;
    let page = two.cloud.browser().sign_in(&url, administrator).await;
    assert!(page.text("#error").starts_with("AADSTS50020: "));
}

#[tokio::test]
async fn a_guest_signs_in_with_their_own_account_and_is_somebody_else_in_the_tenant() {
    let two = Two::start().await;
    let member = two.cloud.member.clone();
    let url = two.authorize_url(&two.fabrikam.tenant_id);
    let page = two.cloud.browser().sign_in(&url, &member).await;
    assert!(page.text("#error").starts_with("AADSTS50020: "));

    let guest = two
        .cloud
        .control
        .add_guest("fabrikam.example", &member)
        .unwrap();
    assert!(
        guest
            .user_principal_name
            .ends_with("#EXT#@fabrikam.example")
    );
    let mut browser = two.cloud.browser();
    let page = browser.sign_in(&url, &member).await;
    let page = browser.decide(&page, "accept").await;
    let answer = two
        .redeem(&two.fabrikam.tenant_id, &page.answer("code"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let access = claims(&answer.body["access_token"]);
    assert_eq!(access["tid"], two.fabrikam.tenant_id.as_str());
    assert_eq!(access["oid"], guest.id.as_str());
    assert_eq!(access["acct"], 1);
    assert_eq!(access["unique_name"], member.as_str());
    let home = format!("https://sts.windows.net/{}/", two.cloud.sandbox.tenant_id());
    assert_eq!(access["idp"], home.as_str());
}

#[tokio::test]
async fn domains_and_names_are_taken_once() {
    let two = Two::start().await;
    let again = NewTenant {
        display_name: "Copy".to_owned(),
        domain: "FABRIKAM.example".to_owned(),
    };
    let refused = two.cloud.control.add_tenant(&again).unwrap_err();
    assert_eq!(refused.code(), "invalid_request");
    let refused = two
        .cloud
        .control
        .add_guest("nowhere.example", &two.cloud.member);
    assert_eq!(refused.unwrap_err().code(), "unknown_tenant");
}
