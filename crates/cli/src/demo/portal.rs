//! The sandbox's control API, used as an administrator uses Microsoft's portal.

use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Portal {
    http: Client,
    url: String,
}

/// One request that reached Microsoft's stand-in.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    method: String,
    path: String,
    status: Option<u16>,
}

impl Portal {
    /// Of the sandbox at `url`.
    pub(super) fn new(url: &str) -> anyhow::Result<Self> {
        let http = Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .context("the HTTP client cannot be made")?;
        Ok(Self {
            http,
            url: url.to_owned(),
        })
    }

    pub(super) async fn now(&self) -> anyhow::Result<Timestamp> {
        let clock = self.call(Method::GET, "clock", None).await?;
        let now = clock["now"].as_str().context("the sandbox tells no time")?;
        Ok(now.parse()?)
    }

    /// Moves the sandbox's clock, and nobody else's.
    pub(super) async fn wait(&self, time: SignedDuration) -> anyhow::Result<()> {
        let body = json!({ "advance_secs": time.as_secs() });
        self.call(Method::POST, "clock", Some(body)).await?;
        Ok(())
    }

    /// A new application's client id and tenant id.
    pub(super) async fn register(&self, new: Value) -> anyhow::Result<(String, String)> {
        let made = self.call(Method::POST, "applications", Some(new)).await?;
        let field = |name: &str| super::scene::text(&made, name);
        Ok((field("client_id")?, field("tenant_id")?))
    }

    /// A new client secret and when it ends.
    pub(super) async fn add_secret(&self, client_id: &str) -> anyhow::Result<(String, String)> {
        let path = format!("applications/{client_id}/secrets");
        let made = self.call(Method::POST, &path, None).await?;
        let field = |name: &str| super::scene::text(&made, name);
        Ok((field("secret_text")?, field("ends_at")?))
    }

    pub(super) async fn expire_secrets(&self, client_id: &str) -> anyhow::Result<()> {
        let path = format!("applications/{client_id}/expire-secrets");
        self.call(Method::POST, &path, None).await?;
        Ok(())
    }

    /// *Grant admin consent for Contoso*.
    pub(super) async fn grant_admin_consent(&self, client_id: &str) -> anyhow::Result<()> {
        let path = format!("applications/{client_id}/consent");
        self.call(Method::POST, &path, None).await?;
        Ok(())
    }

    /// What reached it since [`Portal::forget_requests`].
    pub(super) async fn requests(&self) -> anyhow::Result<Vec<Seen>> {
        let seen = self.call(Method::GET, "requests", None).await?;
        Ok(serde_json::from_value(seen)?)
    }

    pub(super) async fn forget_requests(&self) -> anyhow::Result<()> {
        self.call(Method::DELETE, "requests", None).await?;
        Ok(())
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self
            .http
            .request(method, format!("{}/_sandbox/{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request
            .send()
            .await
            .context("the sandbox does not answer")?;
        let status = response.status();
        let bytes = response
            .bytes()
            .await
            .context("the sandbox's answer broke off")?;
        ensure!(
            status.is_success(),
            "the sandbox answered {status} to `{path}`: {}",
            String::from_utf8_lossy(&bytes)
        );
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).context("the sandbox's answer is no JSON")
    }
}

impl Seen {
    /// Whether it asked for a token.
    pub(super) fn is_token_request(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/oauth2/v2.0/token")
    }

    /// Whether it read messages.
    pub(super) fn is_read(&self) -> bool {
        self.method == "GET" && self.path.contains("/messages")
    }

    pub(super) fn was_answered(&self, status: u16) -> bool {
        self.status == Some(status)
    }
}
