use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use super::TransportError;
use super::error::Attempted;
use super::redact::{origin_only, redacted};
use crate::budget::Charge;
use crate::{AccessToken, Cloud};

/// Whether a request may be sent again when it is not known to have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Doing it twice is the same as doing it once: repeated on 429, on 5xx, and when the connection fails or breaks.
    Safe,
    /// Doing it twice would be seen: repeated only on 429, which Microsoft answers instead of doing it, and when no
    /// connection was made at all.
    Never,
    /// As [`Never`](Self::Never), and an answer is final: that of a batch speaks for the first of its requests that failed,
    /// and those before it were done.
    Unsent,
}

/// What is sent. A stream can be sent once only, so that such a request is never repeated.
pub enum Body {
    Empty,
    Bytes(Bytes),
    Json(serde_json::Value),
    Stream(BoxStream<'static, Result<Bytes, io::Error>>),
}

/// A request, with what the transport must know to treat it right.
pub struct Outgoing {
    pub method: Method,
    pub url: Url,
    /// Anything but `Authorization`, which only [`bearer`](Self::bearer) sets.
    pub headers: HeaderMap,
    pub body: Body,
    pub(super) bearer: Option<AccessToken>,
    pub repeat: Repeat,
    /// Whether the path, too, must not be shown.
    pub sensitive_url: bool,
    pub(super) beside_this_machine: bool,
    /// For all attempts and the pauses between them, until the answer's headers are there, or its body where that is
    /// read whole.
    pub deadline: Duration,
    /// What it draws from Microsoft's budgets; each attempt waits for them.
    pub(crate) charges: Vec<Charge>,
}

impl Outgoing {
    /// One minute, unless said otherwise.
    pub const DEADLINE: Duration = Duration::from_mins(1);

    pub fn new(method: Method, url: Url, repeat: Repeat) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::Empty,
            bearer: None,
            repeat,
            sensitive_url: false,
            beside_this_machine: false,
            deadline: Self::DEADLINE,
            charges: Vec::new(),
        }
    }

    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url, Repeat::Safe)
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The path is as secret as the query.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive_url = true;
        self
    }

    /// Lets plain http through to the link-local addresses at which a platform serves its machines, such as
    /// 169.254.169.254; no proxy is asked.
    #[must_use]
    pub(crate) fn beside_this_machine(mut self) -> Self {
        self.beside_this_machine = true;
        self
    }

    /// Sends `token` along. [`TransportError::Invalid`] unless the host is one of `cloud`'s APIs: this is the only way
    /// that a token of Microsoft's gets into a request.
    pub fn bearer(mut self, token: AccessToken, cloud: &Cloud) -> Result<Self, TransportError> {
        if !cloud.owns(&self.url) {
            return Err(self.invalid("a token is sent to hosts of the connection's cloud only"));
        }
        self.bearer = Some(token);
        Ok(self)
    }

    /// Shows an issuer of federated tokens what the operator gave for its very address: never a token of Microsoft's.
    #[must_use]
    pub(crate) fn for_issuer(mut self, token: SecretString) -> Self {
        self.bearer = Some(AccessToken::new(token, Timestamp::MAX));
        self
    }

    pub(crate) fn invalid(&self, reason: &'static str) -> TransportError {
        TransportError::Invalid {
            request: Box::new(self.attempted()),
            reason,
        }
    }

    pub(crate) fn attempted(&self) -> Attempted {
        Attempted {
            method: self.method.clone(),
            url: if self.sensitive_url {
                origin_only(&self.url)
            } else {
                redacted(&self.url)
            },
            attempts: 0,
            elapsed: Duration::ZERO,
            client_request_id: None,
        }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("request", &self.attempted().to_string())
            .field("body", &self.body)
            .field("bearer", &self.bearer)
            .field("repeat", &self.repeat)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Shows the kind and size of a body, never its content.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Json(_) => f.write_str("json"),
            Self::Stream(_) => f.write_str("stream"),
        }
    }
}
