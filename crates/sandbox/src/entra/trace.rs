//! What identifies one request to Entra, and the headers that every answer of it carries.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use uuid::{Builder, Uuid};

use super::secrets;
use crate::http::{base_url, names};
use crate::shared::Shared;

/// One request, as errors and headers name it.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// New for each request; the header `x-ms-request-id`.
    pub(crate) id: Uuid,
    /// The caller's `client-request-id` when it is a GUID.
    pub(crate) correlation_id: Uuid,
    pub(crate) at: Timestamp,
    /// Scheme and authority under which the caller reached us.
    pub(crate) base: String,
}

impl Trace {
    fn new(headers: &HeaderMap, at: Timestamp) -> Self {
        let given = headers
            .get("client-request-id")
            .and_then(|id| id.to_str().ok())
            .and_then(|id| Uuid::try_parse(id).ok());
        Self {
            id: random_uuid(),
            correlation_id: given.unwrap_or_else(random_uuid),
            at,
            base: base_url(headers),
        }
    }

    /// Whether an address is at another name of this authority.
    pub(crate) fn is_alias_of_us(&self, address: &str) -> bool {
        names::is_login(&self.base) && names::is_login(address)
    }

    /// Where tokens say they come from: one name for all aliases of it.
    pub(crate) fn issuer_base(&self) -> &str {
        if names::is_login(&self.base) {
            names::LOGIN
        } else {
            &self.base
        }
    }

    /// Where Microsoft Graph is for whoever reached us here.
    pub(crate) fn graph_base(&self) -> &str {
        if names::is_login(&self.base) {
            names::GRAPH
        } else {
            &self.base
        }
    }

    /// The form in which Entra writes instants into errors.
    pub(crate) fn timestamp(&self) -> String {
        self.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    }
}

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .expect("every route of Entra is behind `identify`"))
    }
}

/// Gives each request its trace, and its answer the headers of Entra.
pub(crate) async fn identify(
    State(shared): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let trace = Trace::new(request.headers(), shared.now());
    let echo = request
        .headers()
        .get("return-client-request-id")
        .is_some_and(|wanted| wanted.as_bytes().eq_ignore_ascii_case(b"true"));
    request.extensions_mut().insert(trace.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::PRAGMA, "no-cache"),
        (
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("p3p"),
            "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"",
        ),
        (
            HeaderName::from_static("x-ms-ests-server"),
            "2.1.0 - SANDBOX ProdSlices",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Metadata is public and may be cached; everything else may not.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store, no-cache"));
    headers.insert("x-ms-request-id", uuid_value(trace.id));
    if echo {
        headers.insert("client-request-id", uuid_value(trace.correlation_id));
    }
    response
}

fn random_uuid() -> Uuid {
    Builder::from_random_bytes(secrets::random()).into_uuid()
}

fn uuid_value(id: Uuid) -> HeaderValue {
    HeaderValue::from_str(&id.to_string()).expect("a UUID is plain ASCII")
}
