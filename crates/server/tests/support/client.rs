//! Somebody who asks the server, and what they are answered.

use model::MemberId;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Somebody who asks, with the key they ask with.
#[derive(Clone)]
pub(crate) struct Client {
    pub(super) base: String,
    pub(super) http: reqwest::Client,
    pub(crate) key: Option<String>,
    pub(crate) member: Option<MemberId>,
}

impl Client {
    /// The same caller at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self {
            base: server.url().as_str().trim_end_matches('/').to_owned(),
            ..self.clone()
        }
    }

    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    /// Below `/api/v1`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_at(method, &format!("/api/v1{path}"))
    }

    pub(crate) fn request_at(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn get_at(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.request_at(Method::GET, path)).await
    }

    /// The status of a path that goes out as it is: `reqwest` resolves its dot segments before it sends it.
    pub(crate) async fn get_as_written(
        &self,
        path: &str,
    ) -> Result<u16, Box<dyn std::error::Error>> {
        let host = self.base.trim_start_matches("http://");
        let key = self.key.as_deref().unwrap_or_default();
        let request = format!(
            "GET /api/v1{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(host).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let status = answer.split(' ').nth(1).ok_or("no status line")?;
        Ok(status.parse()?)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> reqwest::Result<Answer> {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn post_nothing(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.request(Method::POST, path)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> reqwest::Result<Answer> {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.request(Method::DELETE, path)).await
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self {
            status,
            headers,
            body,
            text,
        })
    }

    /// The body, if the status is this.
    pub(crate) fn expect(self, status: u16) -> Result<Value, Box<dyn std::error::Error>> {
        if self.status == status {
            return Ok(self.body);
        }
        Err(format!("expected {status}, got {}: {}", self.status, self.text).into())
    }

    /// That it is a problem of this status and code, with everything that a problem has to have; its body.
    pub(crate) fn problem(
        self,
        status: u16,
        code: &str,
    ) -> Result<Value, Box<dyn std::error::Error>> {
        let kind = self.headers.get("content-type").map(HeaderValue::as_bytes);
        let request_id = self.header("x-request-id");
        let body = &self.body;
        let is_whole = kind == Some(b"application/problem+json")
            && body["request_id"] == request_id
            && body["next_step"]
                .as_str()
                .is_some_and(|step| !step.is_empty())
            && body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
            && body["status"] == status;
        if self.status == status && body["code"] == code && is_whole {
            return Ok(self.body);
        }
        Err(format!(
            "expected {status} {code}, got {}: {}",
            self.status, self.text
        )
        .into())
    }

    pub(crate) fn header(&self, name: &'static str) -> &str {
        let value = self.headers.get(HeaderName::from_static(name));
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
