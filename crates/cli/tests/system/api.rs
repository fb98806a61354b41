//! A client of a server's API.

use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;

const TIME_LIMIT: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub(crate) struct Api {
    http: Client,
    url: String,
    key: Option<String>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Api {
    /// As whoever owns the data directory.
    pub(crate) fn over_socket(data: &Path) -> Self {
        let http = builder()
            .unix_socket(data.join("consentry.sock"))
            .build()
            .unwrap();
        Self {
            http,
            url: "http://localhost".to_owned(),
            key: None,
        }
    }

    pub(crate) fn at(url: &str, key: &str) -> Self {
        Self {
            http: builder().build().unwrap(),
            url: url.trim_end_matches('/').to_owned(),
            key: Some(key.to_owned()),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.expect(Method::GET, path, &Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        self.expect(Method::POST, path, body).await
    }

    /// Runs an operation that must succeed.
    pub(crate) async fn run(&self, connection: &str, operation: &str, input: &Value) -> Value {
        self.post(&operation_path(connection, operation), input)
            .await
    }

    pub(crate) async fn expect(&self, method: Method, path: &str, body: &Value) -> Value {
        let reply = self.send(method.clone(), path, body, None).await.unwrap();
        let is_good = (200..300).contains(&reply.status);
        assert!(
            is_good,
            "{method} {path} answered {}: {}",
            reply.status, reply.body
        );
        reply.body
    }

    /// Whatever comes back; an error is that nothing, or not all of it, did.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        idempotency_key: Option<&str>,
    ) -> reqwest::Result<Reply> {
        let mut request = self
            .http
            .request(method, format!("{}/api/v1{path}", self.url));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Reply {
            status,
            headers,
            body,
        })
    }
}

impl Reply {
    /// The problem's stable code.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

pub(crate) fn operation_path(connection: &str, operation: &str) -> String {
    format!("/connections/{connection}/operations/{operation}")
}

fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .timeout(TIME_LIMIT)
}
