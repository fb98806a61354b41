//! What a service of the sandbox is asked and what it answers. Sockets, tokens and the log of requests are elsewhere.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;

/// The answer; a file of many gigabytes is no service's affair.
pub type Response = http::Response<Bytes>;

/// A request whose caller has been verified.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET, POST, …
    pub method: Method,
    /// Path and query as they were sent.
    pub uri: Uri,
    /// As they were sent, the token among them.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// What the caller reached us by: `http://127.0.0.1:8366`, `https://contoso.crm4.dynamics.com`. Links start with it.
    pub origin: String,
    /// When it is, in the sandbox.
    pub now: Timestamp,
    /// Whose token it carries.
    pub caller: Caller,
}

/// Who a valid token stands for.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// `tid`
    pub tenant_id: String,
    /// `oid`: the user's, or the service principal's.
    pub object_id: String,
    /// `appid`
    pub client_id: String,
    /// Whether the application calls for itself.
    pub is_application: bool,
    /// `roles` of an application's token.
    pub roles: Vec<String>,
    /// `scp` of a user's token.
    pub scopes: Vec<String>,
    /// The user's sign-in name, or the application's display name.
    pub name: String,
}

impl Request {
    /// A request of which the head is at hand.
    pub fn new(parts: &Parts, body: Bytes, origin: String, now: Timestamp, caller: Caller) -> Self {
        Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            body,
            origin,
            now,
            caller,
        }
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
