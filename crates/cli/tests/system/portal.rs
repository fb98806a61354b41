//! The sandbox's control API, and its Graph as an auditor of mail would use it.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

const TIME_LIMIT: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub(crate) struct Portal {
    http: Client,
    url: String,
}

/// An application as the portal shows it, with a client secret.
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) tenant_id: String,
    pub(crate) secret: String,
}

impl Portal {
    pub(crate) fn new(url: &str) -> Self {
        let http = Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .timeout(TIME_LIMIT)
            .build()
            .unwrap();
        Self {
            http,
            url: url.trim_end_matches('/').to_owned(),
        }
    }

    /// Registers an application with these permissions of both kinds, consented to for everybody; it may read its own
    /// registration besides.
    pub(crate) async fn register(&self, redirect_uri: &str, permissions: &[&str]) -> Application {
        let own = ["Application.Read.All"];
        let application: Vec<_> = permissions.iter().chain(&own).collect();
        let new = json!({
            "display_name": "Consentry",
            "redirect_uris": [redirect_uri],
            "delegated": permissions,
            "application": application,
            "admin_consent": true,
        });
        let made = self.control(Method::POST, "applications", &new).await;
        let client_id = made["client_id"].as_str().unwrap().to_owned();
        Application {
            secret: self.add_secret(&client_id).await,
            tenant_id: made["tenant_id"].as_str().unwrap().to_owned(),
            client_id,
        }
    }

    pub(crate) async fn add_secret(&self, client_id: &str) -> String {
        let path = format!("applications/{client_id}/secrets");
        let made = self.control(Method::POST, &path, &Value::Null).await;
        made["secret_text"].as_str().unwrap().to_owned()
    }

    /// A certificate's public half, in PEM.
    pub(crate) async fn add_certificate(&self, client_id: &str, certificate: &str) {
        let path = format!("applications/{client_id}/certificates");
        let new = json!({ "name": "made by Consentry", "certificate": certificate });
        self.control(Method::POST, &path, &new).await;
    }

    pub(crate) async fn expire_secrets(&self, client_id: &str) {
        let path = format!("applications/{client_id}/expire-secrets");
        self.control(Method::POST, &path, &Value::Null).await;
    }

    /// Moves the sandbox's clock, and nobody else's.
    pub(crate) async fn advance(&self, by: Duration) {
        self.control(
            Method::POST,
            "clock",
            &json!({ "advance_secs": by.as_secs() }),
        )
        .await;
    }

    /// Seconds that access tokens live from now on.
    pub(crate) async fn set_access_token_lifetime(&self, seconds: u32) {
        self.control(
            Method::POST,
            "settings",
            &json!({ "access_token_lifetime": seconds }),
        )
        .await;
    }

    /// Lets the token endpoint take its time, so often.
    pub(crate) async fn slow_tokens(&self, by: Duration, times: u32) {
        let delay = u64::try_from(by.as_millis()).unwrap();
        let fault = json!({
            "method": "POST", "path_contains": "/oauth2/v2.0/token", "times": times, "action": { "delay": delay },
        });
        self.control(Method::POST, "faults", &fault).await;
    }

    /// Everything unguessable that it gave out, in clear.
    pub(crate) async fn issued(&self) -> Vec<String> {
        let issued = self.control(Method::GET, "issued", &Value::Null).await;
        let texts = issued.as_array().unwrap().iter();
        texts
            .map(|one| one["text"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn forget_requests(&self) {
        self.control(Method::DELETE, "requests", &Value::Null).await;
    }

    /// How many requests for a token came since they were forgotten.
    pub(crate) async fn token_requests(&self) -> usize {
        let path = "requests?method=POST&path_contains=/oauth2/v2.0/token";
        self.control(Method::GET, path, &Value::Null)
            .await
            .as_array()
            .unwrap()
            .len()
    }

    /// A token of the application's own.
    pub(crate) async fn token(&self, application: &Application) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &application.client_id),
            ("client_secret", &application.secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let url = format!("{}/{}/oauth2/v2.0/token", self.url, application.tenant_id);
        let response = self.http.post(url).form(&form).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        body["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{body}"))
            .to_owned()
    }

    /// Every item of a list of Graph.
    pub(crate) async fn items(&self, token: &str, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = Some(format!("{}/v1.0{path}", self.url));
        while let Some(url) = next {
            let response = self.http.get(url).bearer_auth(token).send().await.unwrap();
            let mut page: Value = response.json().await.unwrap();
            let Value::Array(found) = page["value"].take() else {
                panic!("{path} answers {page}");
            };
            items.extend(found);
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
        }
        items
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Value {
        let mut request = self
            .http
            .request(method, format!("{}/_sandbox/{path}", self.url));
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(
            status.is_success(),
            "the sandbox answered {status} to `{path}`: {text}"
        );
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}
