//! A sandbox with an application, and requests to its Business Central.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method};
use sandbox::{Clock, Control, NewApplication, Options, Sandbox};
use serde_json::{Value, json};

pub(crate) const AUDIENCE: &str = "https://api.businesscentral.dynamics.com";
pub(crate) const FULL: &str = "D365 BUS FULL ACCESS";

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
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
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
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.sandbox.url(),
            self.sandbox.tenant_id()
        );
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", &self.secret),
            ("scope", scope),
        ];
        let response = self.http.post(url).form(&form).send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            body: response.json().await.unwrap_or_default(),
        }
    }

    pub(crate) async fn token(&self) -> String {
        let answer = self.token_answer(&format!("{AUDIENCE}/.default")).await;
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    /// A request with a token, to a path of the host.
    pub(crate) async fn call(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let url = format!("{}{path}", self.sandbox.url());
        let mut request = self.http.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            body: response.json().await.unwrap_or_default(),
        }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let path = format!("/v2.0/Production/api/v2.0/{path}");
        self.call(token, Method::GET, &path, None).await
    }

    /// A request to the control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        let request = self.http.request(method, url).json(&body);
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            body: response.json().await.unwrap_or_default(),
        }
    }

    /// The application's name for a new customer, below the first company.
    pub(crate) async fn add_customer(&self, token: &str, name: &str) -> Value {
        let companies = self.get(token, "companies").await.body;
        let company = companies["value"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v2.0/Production/api/v2.0/companies({company})/customers");
        let body = json!({ "displayName": name });
        let made = self.call(token, Method::POST, &path, Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body
    }

    pub(crate) async fn customers_named(&self, token: &str, name: &str) -> usize {
        let path = format!("customers?$filter=displayName eq '{name}'");
        let found = self.get(token, &path).await.body;
        found["value"].as_array().unwrap().len()
    }
}
