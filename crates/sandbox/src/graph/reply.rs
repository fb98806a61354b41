//! Answers, and the headers that every one of them carries.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::prefer::Preferences;

/// `Content-Type` of entities and collections.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
/// `Content-Type` of errors.
pub(super) const ERROR_JSON: &str = "application/json";
const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"003","RoleInstance":"AM2PEPF0001"}}"#;

/// A success on its way to the client.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<String>,
    body: Vec<u8>,
    headers: Vec<(HeaderName, String)>,
}

impl Reply {
    fn new(status: StatusCode, content_type: Option<&str>, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: content_type.map(str::to_owned),
            body,
            headers: Vec::new(),
        }
    }

    /// 200 with an entity or a collection.
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(StatusCode::OK, Some(JSON), value.to_string().into_bytes())
    }

    /// 201 with the new entity and where it is.
    pub(crate) fn created(value: &Value, location: String) -> Self {
        let mut reply = Self::json(value).with_status(StatusCode::CREATED);
        reply.headers.push((header::LOCATION, location));
        reply
    }

    /// 202 without a body.
    pub(crate) fn accepted() -> Self {
        Self::new(StatusCode::ACCEPTED, None, Vec::new())
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None, Vec::new())
    }

    /// The number that `/$count` answers.
    pub(crate) fn count(count: usize) -> Self {
        Self::new(
            StatusCode::OK,
            Some("text/plain"),
            count.to_string().into_bytes(),
        )
    }

    /// Bytes as they are.
    pub(crate) fn raw(content_type: &str, body: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, Some(content_type), body)
    }

    /// No body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self::new(status, None, Vec::new())
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The body, where it is JSON.
    pub(super) fn into_json(self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Tells the client which of its preferences were followed.
    pub(super) fn with_preferences(mut self, prefer: &Preferences) -> Self {
        if let Some(applied) = prefer.applied() {
            self.headers
                .push((HeaderName::from_static("preference-applied"), applied));
        }
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let content_type = self.content_type.map(|value| (header::CONTENT_TYPE, value));
        for (name, value) in self.headers.into_iter().chain(content_type) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The ids by which both sides find a request again.
#[derive(Debug)]
pub(crate) struct Correlation {
    request_id: String,
    client_request_id: String,
    at: Timestamp,
}

impl Correlation {
    /// Of the `number`th request. Counted, not drawn from the state, so that reading leaves no mark on it.
    pub(super) fn new(number: u64, at: Timestamp, headers: &HeaderMap) -> Self {
        let mut hash = Sha256::new();
        hash.update(number.to_le_bytes());
        hash.update(at.as_nanosecond().to_le_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        let request_id = Builder::from_random_bytes(bytes).into_uuid().to_string();
        let client_request_id = headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .unwrap_or(&request_id)
            .to_owned();
        Self {
            request_id,
            client_request_id,
            at,
        }
    }

    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }

    pub(super) fn client_request_id(&self) -> &str {
        &self.client_request_id
    }

    /// As `innerError.date` has it, without a zone.
    pub(super) fn date(&self) -> String {
        Offset::UTC
            .to_datetime(self.at)
            .strftime("%Y-%m-%dT%H:%M:%S")
            .to_string()
    }

    /// Adds what every answer of Graph carries.
    pub(super) fn stamp(&self, mut response: Response<Body>) -> Response<Body> {
        let date = Offset::UTC
            .to_datetime(self.at)
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        let fixed = [
            ("request-id", self.request_id.as_str()),
            ("client-request-id", self.client_request_id.as_str()),
            ("x-ms-ags-diagnostic", DIAGNOSTIC),
            ("odata-version", "4.0"),
            ("strict-transport-security", "max-age=31536000"),
            ("cache-control", "no-cache"),
            ("date", date.as_str()),
        ];
        for (name, value) in fixed {
            if let Ok(value) = HeaderValue::from_str(value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
