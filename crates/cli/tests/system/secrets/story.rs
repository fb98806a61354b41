//! Everything that has to do with a secret, done once.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::api::{Api, operation_path};
use crate::browser::Browser;
use crate::server::{Server, Setup};
use crate::world::{
    AS_APPLICATION, AS_USER, BEN, World, connect_application, connect_user, message,
};

/// With characters that every kind of escaping changes.
const PASSWORD: &str = "a \"fine\" pass/word? für+Ana&co.";
const WRONG_PASSWORD: &str = "never \"mine\" <at> all/5%";
const WRONG_SECRET: &str = "Zz98Q~not-the-secret-of-anything-at-all_1";
const EMAIL: &str = "marta@contoso.com";
const TWO_HOURS: Duration = Duration::from_hours(2);

pub(super) struct Story {
    /// Each token, code, secret and password that was used.
    pub(super) secrets: Vec<String>,
}

impl Story {
    /// From the first sign-in to a rotated secret; the server is killed in the end. A connection is named `canary`.
    pub(super) async fn live_through(world: &World, setup: &Setup, canary: &str) -> Self {
        let server = setup.start().await;
        let mut story = Self {
            secrets: Vec::new(),
        };
        let mut browser = Browser::new();
        let key = story.sign_in(&server, &mut browser).await;
        let api = server.with_key(&key);
        let (application, registration) = world.application(&server, &api).await;
        connect_user(&api, &registration, &mut browser).await;
        let connection = connect_application(&api, &registration).await;
        work(&api).await;
        world.portal.advance(TWO_HOURS).await;
        work(&api).await;
        hand_out(&api).await;

        story.rotate(world, &api, &application.client_id).await;
        world.portal.advance(TWO_HOURS).await;
        work(&api).await;
        let path = format!("/connections/{}", connection["id"].as_str().unwrap());
        api.expect(Method::PATCH, &path, &json!({ "name": canary }))
            .await;

        story.secrets.extend(world.portal.issued().await);
        // Longer ones only: a shorter one is a mark without a secret.
        story.secrets.extend(
            browser
                .seen_cookies
                .into_iter()
                .filter(|cookie| cookie.len() >= 16),
        );
        story.secrets.extend(browser.link_secrets);
        server.kill().await;
        story
    }

    /// An administrator signs in by link, chooses a password, and signs in with it; a key of hers.
    async fn sign_in(&mut self, server: &Server, browser: &mut Browser) -> String {
        let owner = server.owner();
        let member = json!({ "email": EMAIL, "name": "Marta", "role": "admin" });
        let member = owner.post("/members", &member).await;
        let path = format!("/members/{}/sign-in-link", member["id"].as_str().unwrap());
        let link = owner.post(&path, &json!({})).await;
        let link = link["url"].as_str().unwrap();
        let secret = link.split(['#', '=']).next_back().unwrap();
        let page = browser.open(link).await;
        let page = browser
            .submit(page.form("/sign-in/link").fill("secret", secret))
            .await;
        assert_eq!(page.status, 200, "{}", page.html);

        let page = browser.open(&format!("{}/settings", server.url)).await;
        let page = browser
            .submit(page.form("/settings/password").fill("password", PASSWORD))
            .await;
        browser.submit(page.form("/sign-out")).await;
        for password in [WRONG_PASSWORD, PASSWORD] {
            let page = browser.open(&format!("{}/sign-in", server.url)).await;
            let form = page
                .form("/sign-in")
                .fill("email", EMAIL)
                .fill("password", password);
            let page = browser.submit(form).await;
            assert_eq!(
                page.url.path().starts_with("/sign-in"),
                password == WRONG_PASSWORD
            );
        }
        let (_, key) = crate::world::key(server, "story").await;
        self.secrets
            .extend([secret, PASSWORD, WRONG_PASSWORD, &key].map(str::to_owned));
        key
    }

    /// The client secret ends; a wrong one is refused, and a new one taken.
    async fn rotate(&mut self, world: &World, api: &Api, client_id: &str) {
        world.portal.expire_secrets(client_id).await;
        let path = format!("/connections/{AS_APPLICATION}/test");
        let report = api.post(&path, &json!({})).await;
        assert_eq!(report["ok"], false, "{report}");
        let path = format!("/connections/{AS_APPLICATION}/rotate");
        let wrong = json!({ "client_secret": WRONG_SECRET });
        let reply = api.send(Method::POST, &path, &wrong, None).await.unwrap();
        assert_eq!(reply.code(), "refused_by_entra", "{}", reply.body);
        let secret = world.portal.add_secret(client_id).await;
        api.post(&path, &json!({ "client_secret": secret })).await;
        self.secrets.push(WRONG_SECRET.to_owned());
    }
}

/// The token of each connection leaves, is refused, and another one leaves.
async fn hand_out(api: &Api) {
    for name in [AS_USER, AS_APPLICATION] {
        let path = format!("/connections/{name}");
        let tokens = json!({ "policy": { "tokens": true } });
        api.expect(Method::PATCH, &path, &tokens).await;
        let path = format!("{path}/token");
        let first = api.post(&path, &json!({})).await;
        let instead = json!({ "instead_of": first["token_id"] });
        let second = api.post(&path, &instead).await;
        assert_ne!(first["access_token"], second["access_token"]);
    }
}

/// A read and a write through each connection, one of them kept under a key.
async fn work(api: &Api) {
    let read = json!({ "top": 1 });
    api.run(AS_USER, "outlook.messages.list", &read).await;
    api.run(
        AS_APPLICATION,
        "outlook.messages.list",
        &json!({ "mailbox": BEN, "top": 1 }),
    )
    .await;
    api.run(
        AS_USER,
        "outlook.messages.send",
        &json!({ "message": message("a story") }),
    )
    .await;
    let path = operation_path(AS_USER, "outlook.drafts.create");
    let reply = api
        .send(
            Method::POST,
            &path,
            &message("a draft"),
            Some("story-draft"),
        )
        .await
        .unwrap();
    assert_eq!(reply.status, 201, "{}", reply.body);
}
