//! Headers travel by allow-list in both directions. What is not here may let one act as somebody else (`CallerObjectId`,
//! `MSCRMCallerID`), as something else (`X-HTTP-Method-Override`), or past an organisation's own rules.

use connections::Snapshot;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};
use microsoft::ProofUrl;

use super::denied;
use crate::{Error, Result};

/// Request headers that travel on.
const SENT: [&str; 20] = [
    "accept",
    "accept-language",
    "client-request-id",
    "consistencylevel",
    "content-range",
    "content-type",
    "data-access-intent",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "isolation",
    "odata-maxversion",
    "odata-version",
    "prefer",
    "range",
    "x-ms-chunk-size",
    "x-ms-file-name",
    "x-ms-transfer-mode",
];

/// What a request within a batch may carry beside these: they are of its envelope.
const OF_A_MEMBER: [&str; 3] = ["content-id", "content-length", "content-transfer-encoding"];

/// Answer headers that travel back. `Location` does too, where it is one of the cloud's own.
const RETURNED: [&str; 24] = [
    "accept-ranges",
    "allow",
    "client-request-id",
    "content-disposition",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "odata-entityid",
    "odata-version",
    "preference-applied",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "request-id",
    "retry-after",
    "ms-correlation-x",
    "x-ms-chunk-size",
    "x-ms-file-name",
    "x-ms-file-size",
    "x-ms-service-request-id",
];

/// A preference that gives the caller lasting access to what was shared, on a request that looks like a read.
///
/// Source: <https://learn.microsoft.com/graph/api/shares-get>.
const REDEEMS: &str = "redeemsharinglink";

/// What travels on of a request's headers. Refused is what would be lost on the way and count there.
pub(super) fn sent(headers: &HeaderMap) -> Result<HeaderMap> {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if encodings.into_iter().any(|value| value != "identity") {
        return Err(unfit(
            "content-encoding",
            "a compressed body is not passed on; send it as it is",
        ));
    }
    if headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
        return Err(unfit("content-type", "there is more than one content type"));
    }
    for value in headers.get_all("prefer") {
        harmless(value.as_bytes())?;
    }
    Ok(listed(headers, &SENT))
}

/// Whether a request within a batch may carry the header.
pub(super) fn member(name: &str, value: &str) -> Result<()> {
    let name = name.to_ascii_lowercase();
    let known = |names: &[&str]| names.contains(&name.as_str());
    if !known(&SENT) && !known(&OF_A_MEMBER) {
        return Err(denied(
            format!("a request of the batch has the header `{name}`, which is not passed on"),
            "leave it out",
        ));
    }
    if name == "prefer" {
        harmless(value.as_bytes())?;
    }
    Ok(())
}

fn harmless(prefer: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(prefer).to_ascii_lowercase();
    if text.contains(REDEEMS) {
        return Err(denied(
            "redeeming a sharing link gives lasting access, which a read must not",
            "leave the preference out; the link's owner can share the item with whom it is for",
        ));
    }
    Ok(())
}

/// What travels back. An address that carries its own proof is handed to the caller alone, who was allowed to ask for it: it is
/// neither kept nor logged, and any that is not the cloud's own is left out.
pub(super) fn returned(snapshot: &Snapshot, headers: &HeaderMap) -> HeaderMap {
    let mut back = listed(headers, &RETURNED);
    if let Some(location) = headers
        .get(header::LOCATION)
        .filter(|value| value.to_str().is_ok_and(|text| is_own(snapshot, text)))
    {
        back.insert(header::LOCATION, location.clone());
    }
    back
}

fn is_own(snapshot: &Snapshot, location: &str) -> bool {
    let Ok(root) = snapshot.api_root() else {
        return false;
    };
    let on_api = root
        .join(location)
        .is_ok_and(|url| url.origin() == root.origin() && url.username().is_empty());
    on_api || ProofUrl::of(&snapshot.cloud, location).is_some()
}

fn listed(headers: &HeaderMap, names: &[&'static str]) -> HeaderMap {
    let mut listed = HeaderMap::new();
    for name in names {
        let name = HeaderName::from_static(name);
        for value in headers.get_all(&name) {
            listed.append(name.clone(), HeaderValue::clone(value));
        }
    }
    listed
}

fn unfit(field: &str, message: &str) -> Error {
    Error::Input {
        code: "invalid_input",
        field: Some(field.to_owned()),
        message: message.to_owned(),
    }
}
