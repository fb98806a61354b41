//! Several requests in one. Graph and Business Central write them as JSON, Dataverse as `multipart/mixed` with change sets.
//! Reading an answer is total: any bytes give replies or `None`.
//!
//! Sources: <https://learn.microsoft.com/graph/json-batching>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>,
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/webservices/use-odata-batch>

mod json;
mod multipart;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

pub use self::json::{json_body, json_replies};
pub use self::multipart::{change_set_body, multipart_body, multipart_replies};

/// One request of a batch.
#[derive(Debug, Clone)]
pub struct Part {
    /// What its answer is told by.
    pub id: usize,
    pub method: Method,
    /// As the service wants it inside a batch: below the version for JSON, below the host for multipart.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    /// Those that have to succeed before. JSON only.
    pub after: Vec<usize>,
}

/// The answer to one of them.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Absent in most multipart answers, which come in the order of the requests.
    pub id: Option<usize>,
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// As it would have come alone.
    pub body: Bytes,
}

/// Whether a body of these headers is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.to_ascii_lowercase().contains("json"))
}
