//! Devices that show a code instead of a page.

use std::time::Duration;

use sandbox::NewApplication;
use serde_json::Value;

use crate::browser::Page;
use crate::cloud::{Answer, Cloud, answer, claims};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

struct Device {
    cloud: Cloud,
    client_id: String,
    started: Value,
}

impl Device {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let new = NewApplication {
            display_name: "Television".to_owned(),
            delegated: vec!["User.Read".to_owned()],
            is_public_client: true,
            ..NewApplication::default()
        };
        let client_id = cloud.control.register_application(new).unwrap().client_id;
        let form = [
            ("client_id", client_id.as_str()),
            ("scope", "openid offline_access User.Read"),
        ];
        let url = cloud.tenant_url("/oauth2/v2.0/devicecode");
        let answer = answer(cloud.http.post(url).form(&form)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self {
            started: answer.body,
            client_id,
            cloud,
        }
    }

    fn text(&self, field: &str) -> &str {
        self.started[field].as_str().unwrap()
    }

    async fn poll(&self, grant: &str) -> Answer {
        let form = [
            ("grant_type", grant),
            ("client_id", &self.client_id),
            ("device_code", self.text("device_code")),
        ];
        self.cloud.ask(&form).await
    }

    /// The person's way: the code, the account, the decision.
    async fn decide(&self, decision: &str) -> Page {
        let mut browser = self.cloud.browser();
        let page = browser.open(self.text("verification_uri")).await;
        let code = self.text("user_code").to_lowercase();
        let next = browser.submit(&page, "device", &[("otc", &code)]).await;
        let url = self.cloud.url(&next.location.unwrap());
        let page = browser.sign_in(&url, &self.cloud.member).await;
        browser.decide(&page, decision).await
    }
}

#[tokio::test]
async fn the_device_waits_until_its_person_has_signed_in_elsewhere() {
    let device = Device::start().await;
    assert_eq!(device.started["expires_in"], 900);
    assert_eq!(device.started["interval"], 5);
    assert!(device.text("message").contains(device.text("user_code")));
    let waiting = device.poll(GRANT).await;
    waiting.assert_refused(400, "authorization_pending", 70016);

    let done = device.decide("accept").await;
    assert_eq!(done.text("#approved"), "You have signed in");
    let tokens = device.poll(GRANT).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let access = claims(&tokens.body["access_token"]);
    assert_eq!(access["upn"], device.cloud.member.as_str());
    assert_eq!(access["appidacr"], "0");
    assert!(tokens.body["refresh_token"].is_string());

    let again = device.poll(GRANT).await;
    again.assert_refused(400, "invalid_grant", 54005);
}

#[tokio::test]
async fn both_spellings_of_the_grant_are_understood() {
    let device = Device::start().await;
    device.decide("accept").await;
    assert_eq!(device.poll("device_code").await.status, 200);
}

#[tokio::test]
async fn a_device_whose_person_declines_hears_of_it() {
    let device = Device::start().await;
    let done = device.decide("cancel").await;
    assert_eq!(done.text("#declined"), "You have declined");
    let declined = device.poll(GRANT).await;
    declined.assert_refused(400, "authorization_declined", 65004);
}

#[tokio::test]
async fn a_code_ends_after_fifteen_minutes_for_device_and_person() {
    let device = Device::start().await;
    device.cloud.control.advance(Duration::from_secs(901));
    let late = device.poll(GRANT).await;
    late.assert_refused(400, "expired_token", 70020);
    let mut browser = device.cloud.browser();
    let page = browser.open(device.text("verification_uri")).await;
    let fields = [("otc", device.text("user_code"))];
    let refused = browser.submit(&page, "device", &fields).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text("#error").starts_with("AADSTS90119: "));
}

#[tokio::test]
async fn codes_that_nobody_gave_out_and_applications_that_keep_secrets_are_refused() {
    let device = Device::start().await;
    let cloud = &device.cloud;
    let form = [
        ("grant_type", GRANT),
        ("client_id", &device.client_id),
        ("device_code", "made-up"),
    ];
    let unknown = cloud.ask(&form).await;
    unknown.assert_refused(400, "bad_verification_code", 70018);

    let form = [
        ("grant_type", GRANT),
        ("client_id", &cloud.client_id),
        ("device_code", device.text("device_code")),
    ];
    let confidential = cloud.ask(&form).await;
    confidential.assert_refused(401, "invalid_client", 7_000_218);

    let url = cloud.tenant_url("/oauth2/v2.0/devicecode");
    let form = [("client_id", device.client_id.as_str())];
    let no_scope = answer(cloud.http.post(url).form(&form)).await;
    no_scope.assert_refused(400, "invalid_request", 900_144);
}

#[tokio::test]
async fn revoked_sessions_end_a_device_that_has_not_asked_yet() {
    let device = Device::start().await;
    device.decide("accept").await;
    let cloud = &device.cloud;
    cloud.control.revoke_sessions(&cloud.member).unwrap();
    let revoked = device.poll(GRANT).await;
    revoked.assert_refused(400, "invalid_grant", 50173);
}
