//! The item that a session is for, by its own address.

use http::{HeaderMap, HeaderValue, Method};
use microsoft::{Repeat, Target};
use serde_json::Value;

use crate::ready::Ready;
use crate::wire::Wire;
use crate::{Error, Result};

const SESSION: &str = "/createUploadSession";

/// The item at the address that the session was asked for.
pub(super) fn item(ready: &Ready) -> Result<Ready> {
    at(ready, ":", Method::GET, None)
}

pub(super) fn empty(ready: &Ready) -> Result<Ready> {
    at(ready, ":/content", Method::PUT, Some(bytes::Bytes::new()))
}

fn at(ready: &Ready, suffix: &str, method: Method, body: Option<bytes::Bytes>) -> Result<Ready> {
    let mut url = microsoft::resolve(&ready.snapshot.cloud, &ready.wire.target)
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    let path = url
        .path()
        .strip_suffix(SESSION)
        .and_then(|path| path.strip_suffix(':'));
    let path = path.ok_or_else(|| Error::Unexpected("the address is no file's".to_owned()))?;
    url.set_path(&format!("{path}{suffix}"));
    if method == Method::PUT
        && let Some(conflict) = ready.input.get("conflictBehavior").and_then(Value::as_str)
    {
        url.query_pairs_mut()
            .append_pair("@microsoft.graph.conflictBehavior", conflict);
    }
    let mut headers = HeaderMap::new();
    if method == Method::PUT {
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        headers.extend(
            ready
                .wire
                .headers
                .get(http::header::IF_MATCH)
                .map(|tag| (http::header::IF_MATCH, tag.clone())),
        );
    }
    Ok(ready.with(Wire {
        target: Target::Url(url),
        method,
        headers,
        body,
        repeat: Repeat::Safe,
    }))
}
