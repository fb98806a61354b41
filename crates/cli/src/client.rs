//! The server as seen from the command line: HTTP to an address, or to the socket of a data directory.

mod endpoint;
mod problem;

use std::time::Duration;

use anyhow::Context;
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::arguments::Global;
use crate::environment;
use crate::exit::{Exit, Failure};

pub(crate) use endpoint::Endpoint;
pub(crate) use problem::failure_of;

/// Longest wait for a server to take the connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of a server: it repeats throttled calls for a while before it answers.
const SILENCE: Duration = Duration::from_mins(5);
/// Most items that one page of a list has.
const PAGE: &str = "200";

/// Speaks `/api/v1` of one server.
pub(crate) struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    key: Option<SecretString>,
}

impl Client {
    /// Finds the server; nothing is sent yet.
    pub(crate) fn open(global: &Global) -> anyhow::Result<Self> {
        let endpoint = Endpoint::find(global)?;
        Self::at(endpoint, environment::api_key())
    }

    /// A client of this server, with this key.
    pub(crate) fn at(endpoint: Endpoint, key: Option<SecretString>) -> anyhow::Result<Self> {
        let http = endpoint
            .configure(reqwest::Client::builder())
            .user_agent(concat!("consentry/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .context("the HTTP client cannot be made")?;
        Ok(Self {
            http,
            endpoint,
            key,
        })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The address of something below `/api/v1`; segments are encoded as needed.
    pub(crate) fn url<const N: usize>(&self, segments: [&str; N]) -> Url {
        let mut url = self.endpoint.base();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(segments);
        }
        url
    }

    /// The address of something outside the API: `healthz`, `.well-known/jwks.json`.
    pub(crate) fn page(&self, path: &str) -> Url {
        let mut url = self.endpoint.base();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }

    pub(crate) async fn get(&self, url: Url) -> anyhow::Result<Value> {
        self.json(self.request(Method::GET, url)).await
    }

    pub(crate) async fn post(&self, url: Url, body: &Value) -> anyhow::Result<Value> {
        self.json(self.request(Method::POST, url).json(body)).await
    }

    pub(crate) async fn patch(&self, url: Url, body: &Value) -> anyhow::Result<Value> {
        self.json(self.request(Method::PATCH, url).json(body)).await
    }

    pub(crate) async fn delete(&self, url: Url) -> anyhow::Result<Value> {
        self.json(self.request(Method::DELETE, url)).await
    }

    /// Every item of a list, page after page, `most` at most.
    pub(crate) async fn list(&self, mut url: Url, most: usize) -> anyhow::Result<Vec<Value>> {
        url.query_pairs_mut().append_pair("limit", PAGE);
        let mut items = Vec::new();
        let mut after: Option<String> = None;
        while items.len() < most {
            let mut page = url.clone();
            if let Some(after) = &after {
                page.query_pairs_mut().append_pair("after", after);
            }
            let mut answer = self.get(page).await?;
            if let Some(Value::Array(found)) = answer.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            after = answer["next"].as_str().map(str::to_owned);
            if after.is_none() {
                break;
            }
        }
        items.truncate(most);
        Ok(items)
    }

    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url);
        match &self.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }

    /// The answer, if it is a good one; else the server's problem as a [`Failure`].
    pub(crate) async fn send(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let response = request
            .send()
            .await
            .map_err(|error| self.endpoint.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        Err(problem::failure(status.as_u16(), &body).into())
    }

    async fn json(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let body = self.send(request).await?.bytes().await.map_err(|error| {
            Failure::new(Exit::Unreachable, format!("the answer broke off: {error}"))
        })?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).context("the server's answer is no JSON")
    }
}
