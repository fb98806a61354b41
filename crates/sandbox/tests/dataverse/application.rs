//! A sandbox with an application, and requests with the tokens that it gets for itself.

use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use sandbox::{Clock, Control, NewApplication, Options, Sandbox};
use serde_json::Value;

pub(crate) struct Cloud {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) client_id: String,
    secret: String,
    http: Client,
}

/// What was answered; the body is null when it is no JSON.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        Self::start_in(None).await
    }

    pub(crate) async fn start_in(data: Option<&Path>) -> Self {
        let options = Options {
            data: data.map(Path::to_owned),
            clock: Clock::fixed("2026-10-01T12:00:00Z".parse().unwrap()),
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let control = sandbox.control();
        let known = control.applications();
        let known = known.iter().find(|it| it.display_name == "Tests");
        let client_id = if let Some(known) = known {
            known.client_id.clone()
        } else {
            let new = NewApplication {
                display_name: "Tests".to_owned(),
                ..NewApplication::default()
            };
            control.register_application(new).unwrap().client_id
        };
        let year = Duration::from_hours(365 * 24);
        let secret = control.add_secret(&client_id, "tests", year).unwrap();
        Self {
            sandbox,
            control,
            client_id,
            secret: secret.secret_text,
            http: Client::builder().build().unwrap(),
        }
    }

    /// The answer of the token endpoint to client credentials for a resource.
    pub(crate) async fn token_answer(&self, scope: &str) -> Answer {
        self.grant(&[("grant_type", "client_credentials"), ("scope", scope)])
            .await
    }

    pub(crate) async fn grant(&self, more: &[(&str, &str)]) -> Answer {
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.sandbox.url(),
            self.sandbox.tenant_id()
        );
        let mut form = vec![
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        form.extend(more);
        answer(self.http.post(url).form(&form)).await
    }

    pub(crate) async fn token_for(&self, audience: &str) -> String {
        let answer = self.token_answer(&format!("{audience}/.default")).await;
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    /// A request with a token, if any, to a path of the host.
    pub(crate) async fn call(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let url = format!("{}{path}", self.sandbox.url());
        let mut request = self.http.request(method, url);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// A request to the control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        answer(self.http.request(method, url).json(&body)).await
    }
}

async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.json().await.unwrap_or_default(),
    }
}
