//! Every scenario brings about what it promises.

use reqwest::RequestBuilder;
use sandbox::{Cast, Control, ControlError, Expectation};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, answer, http};

/// What a client meets in the words of an expectation: the status, and Graph's code or Entra's number.
async fn met(request: RequestBuilder) -> (Option<u16>, Option<String>) {
    let Ok(response) = request.send().await else {
        return (None, None);
    };
    let status = response.status().as_u16();
    let Ok(text) = response.text().await else {
        return (None, None);
    };
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    (Some(status), code(&body))
}

fn code(body: &Value) -> Option<String> {
    let number = body["error_codes"][0].as_u64();
    let number = number.map(|number| format!("AADSTS{number}"));
    number.or_else(|| body["error"]["code"].as_str().map(str::to_owned))
}

fn told(answer: &Answer) -> (Option<u16>, Option<String>) {
    (Some(answer.status), code(&answer.body))
}

fn in_words(expect: Expectation) -> (Option<u16>, Option<String>) {
    (expect.status, expect.code.map(str::to_owned))
}

/// The application, the member, and what they held before it happened.
struct Scene {
    cloud: Cloud,
    cast: Cast,
    refresh_token: Value,
    access_token: String,
    delta_link: String,
}

impl Scene {
    async fn open() -> Self {
        let cloud = Cloud::start().await;
        let refresh_token = cloud.tokens_for(&cloud.member).await["refresh_token"].clone();
        let cast = Cast {
            client_id: Some(cloud.client_id.clone()),
            user: Some(cloud.member.clone()),
        };
        let issued =
            cloud
                .control
                .issue_access_token(&cloud.client_id, Some(&cloud.member), &["Mail.Read"]);
        let access_token = issued.unwrap();
        let mut url = cloud.url("/v1.0/me/mailFolders/inbox/messages/delta?$select=id");
        loop {
            let page = answer(http().get(&url).bearer_auth(&access_token)).await;
            let link = |name: &str| page.body[name].as_str().map(str::to_owned);
            if let Some(delta_link) = link("@odata.deltaLink") {
                return Self {
                    cloud,
                    cast,
                    refresh_token,
                    access_token,
                    delta_link,
                };
            }
            url = link("@odata.nextLink").unwrap();
        }
    }

    fn graph(&self, url: &str) -> RequestBuilder {
        http().get(url).bearer_auth(&self.access_token)
    }

    async fn meets(&self, request: &str) -> (Option<u16>, Option<String>) {
        match request {
            "a refresh token" => told(&self.cloud.refresh(&self.refresh_token, &[]).await),
            "client credentials with the secret"
            | "any grant"
            | "a new token, checked with keys read before" => told(&self.cloud.app_only(&[]).await),
            "an old delta link" => met(self.graph(&self.delta_link)).await,
            "the request after the last that is allowed" => self.beyond_the_limit().await,
            _ => met(self.graph(&self.cloud.url("/v1.0/me/messages"))).await,
        }
    }

    async fn beyond_the_limit(&self) -> (Option<u16>, Option<String>) {
        let limited = sandbox::Throttling::OneIn(10_000.try_into().unwrap());
        self.cloud.control.set_throttling(limited);
        let messages = self.cloud.url("/v1.0/me/messages");
        met(self.graph(&messages)).await;
        met(self.graph(&messages)).await
    }
}

#[tokio::test]
async fn each_scenario_is_met_as_it_says() {
    let names: Vec<_> = Scene::open()
        .await
        .cloud
        .control
        .scenarios()
        .iter()
        .map(|it| it.name)
        .collect();
    let mut otherwise = Vec::new();
    for name in names {
        let scene = Scene::open().await;
        let played = scene.cloud.control.play(name, &scene.cast).unwrap();
        let met = scene.meets(played.expect.request).await;
        if met != in_words(played.expect) {
            otherwise.push((name, met));
        }
    }
    assert_eq!(otherwise, []);
}

#[tokio::test]
async fn what_passes_is_ended_and_what_is_broken_needs_its_remedy() {
    let scene = Scene::open().await;
    let control = &scene.cloud.control;
    for name in ["throttled", "second_factor_demanded", "limits"] {
        control.play(name, &scene.cast).unwrap();
    }
    control.end_scenarios();
    assert_eq!(scene.meets("Microsoft Graph").await.0, Some(200));
    assert_eq!(scene.meets("a refresh token").await.0, Some(200));
    control.take_snapshot("well").unwrap();
    control.play("secret_expired", &scene.cast).unwrap();
    control.end_scenarios();
    assert_eq!(scene.meets("any grant").await.0, Some(401));
    control.restore_snapshot("well").unwrap();
    assert_eq!(scene.meets("any grant").await.0, Some(200));
}

#[tokio::test]
async fn scenarios_are_played_over_http_by_name() {
    let scene = Scene::open().await;
    let url = |path: &str| scene.cloud.url(&format!("/_sandbox/scenarios{path}"));
    let listed = answer(http().get(url(""))).await;
    let listed = listed.body.as_array().unwrap().clone();
    let found = listed
        .iter()
        .find(|it| it["name"] == "user_disabled")
        .unwrap();
    assert_eq!(found["needs"], json!(["user"]));
    assert_eq!(found["expect"]["code"], "AADSTS50057");
    let cast = json!({ "user": scene.cloud.member });
    let played = answer(http().post(url("/user_disabled")).json(&cast)).await;
    assert_eq!(
        (played.status, &played.body["expect"]["status"]),
        (200, &json!(400))
    );
    assert_eq!(
        scene.meets("a refresh token").await.1.as_deref(),
        Some("AADSTS50057")
    );
    let lacking = answer(http().post(url("/user_disabled")).json(&json!({}))).await;
    assert_eq!(
        (lacking.status, &lacking.body["error"]["code"]),
        (400, &json!("invalid_request"))
    );
    let unknown = answer(http().post(url("/apocalypse")).json(&json!({}))).await;
    assert_eq!(
        (unknown.status, &unknown.body["error"]["code"]),
        (404, &json!("unknown_scenario"))
    );
    assert_eq!(
        http()
            .delete(url(""))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        204
    );
}

#[tokio::test]
async fn a_scenario_about_somebody_unknown_is_refused() {
    let cloud = Cloud::start().await;
    let play = |control: &Control, cast: Cast| control.play("mailbox_not_found", &cast).err();
    let nobody = Cast {
        user: Some("nobody@contoso.com".to_owned()),
        ..Cast::default()
    };
    assert_eq!(
        play(&cloud.control, nobody),
        Some(ControlError::UnknownUser("nobody@contoso.com".to_owned()))
    );
}
