//! `POST /$batch`: up to twenty requests in one, each answered as if it had come alone.
//! Source: <https://learn.microsoft.com/graph/json-batching>

use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::Front;
use super::auth::{self, Caller};
use super::fault::Fault;
use super::reply::{Correlation, Reply};
use super::throttling::{self, Way};
use crate::http::Action;
use crate::http::answer_of_fault;
use crate::odata::batch::{self, Member};

/// Headers of a connection rather than of an answer.
const OUTER: [&str; 4] = [
    "date",
    "strict-transport-security",
    "x-ms-ags-diagnostic",
    "content-length",
];

/// Whether this is the address of a batch.
pub(super) fn is_at(path: &str) -> bool {
    let mut segments = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .skip(1);
    let first = segments.next().unwrap_or_default();
    segments.next().is_none() && (first == "$batch" || first.eq_ignore_ascii_case("%24batch"))
}

/// Carries the members out one after the other. The token is the envelope's, for all of them.
pub(super) async fn answer(
    front: &Front,
    parts: &Parts,
    uri: &Uri,
    body: &Bytes,
) -> Result<Reply, Fault> {
    Caller::identify(&front.shared, &parts.headers)?;
    if parts.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    let members = batch::parse(body).map_err(|error| Fault::batch(&error))?;
    let version = uri
        .path()
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or("v1.0");
    let mut succeeded = Vec::with_capacity(members.len());
    let mut responses = Vec::with_capacity(members.len());
    for member in members {
        let can_be_done = member.depends_on.iter().all(|&place| succeeded[place]);
        let response = if can_be_done {
            carry_out(front, parts, version, &member).await
        } else {
            refusal(front, &parts.headers, Fault::failed_dependency())
        };
        succeeded.push(response.status().as_u16() < 400);
        responses.push(written(&member.id, response).await);
    }
    Ok(Reply::json(&json!({ "responses": responses })))
}

async fn carry_out(front: &Front, parts: &Parts, version: &str, member: &Member) -> Response<Body> {
    let (parts, body) = match request(parts, version, member) {
        Ok(request) => request.into_parts(),
        Err(fault) => return refusal(front, &parts.headers, fault),
    };
    let uri = parts.uri.clone();
    let shared = &front.shared;
    match shared.faults().take_status(&parts.method, uri.path()) {
        Some(Action::Status {
            status,
            retry_after,
            body,
        }) => return answer_of_fault(uri.path(), None, shared.now(), (status, retry_after, body)),
        Some(Action::Challenge) => {
            return refusal(front, &parts.headers, auth::challenged(shared.now()));
        }
        _ => {}
    }
    let mut admission = throttling::admit(shared, &parts, &uri, Way::InABatch);
    let mut response = match admission.refusal() {
        Some(fault) => refusal(front, &parts.headers, fault),
        None => front.answer(&parts, &uri, Ok(body)).await,
    };
    admission.tell(&mut response);
    if response.status() == StatusCode::NOT_IMPLEMENTED {
        shared.log().missed(&parts.method, uri.path());
    }
    response
}

/// The member as a request of its own: the envelope's headers where it has none, its own body.
fn request(outer: &Parts, version: &str, member: &Member) -> Result<Request<Bytes>, Fault> {
    let method: Method = member
        .method
        .parse()
        .map_err(|_| Fault::bad_request("Invalid request method."))?;
    let address = format!("/{version}{}", member.url.replace(' ', "%20"));
    let uri: Uri = address
        .parse()
        .map_err(|_| Fault::bad_request("Invalid request url."))?;
    if is_at(uri.path()) {
        return Err(Fault::bad_request(
            "A batch request cannot contain another batch request.",
        ));
    }
    let mut headers = own_headers(member)?;
    let body = bytes(member, &headers)?;
    for name in [
        header::AUTHORIZATION,
        header::HOST,
        HeaderName::from_static("x-forwarded-proto"),
    ] {
        if let Some(value) = outer.headers.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

fn own_headers(member: &Member) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    for (name, value) in &member.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Fault::bad_request("Invalid request header."));
        };
        // The length is that of what is unpacked.
        if name != header::CONTENT_LENGTH {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

/// JSON as it is, everything else by base64.
fn bytes(member: &Member, headers: &HeaderMap) -> Result<Bytes, Fault> {
    let Some(body) = &member.body else {
        return Ok(Bytes::new());
    };
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let content_type = content_type.ok_or_else(|| {
        Fault::bad_request(
            "Write request id : ".to_owned()
                + &member.id
                + " does not contain Content-Type header or body.",
        )
    })?;
    match body {
        Value::String(text) if !content_type.contains("json") => {
            let plain = text.trim_end_matches('=');
            let read = STANDARD
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(plain));
            read.map(Bytes::from).map_err(|_| {
                Fault::bad_request(
                    "The body of a request that is not JSON must be encoded in base64.",
                )
            })
        }
        _ => Ok(Bytes::from(body.to_string())),
    }
}

fn refusal(front: &Front, headers: &HeaderMap, fault: Fault) -> Response<Body> {
    let correlation = Correlation::new(front.next_number(), front.shared.now(), headers);
    fault.into_response(&correlation)
}

async fn written(id: &str, response: Response<Body>) -> Value {
    let (parts, body) = response.into_parts();
    // It is in memory already.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut written = Map::new();
    written.insert("id".to_owned(), json!(id));
    written.insert("status".to_owned(), json!(parts.status.as_u16()));
    written.insert("headers".to_owned(), Value::Object(headers(&parts.headers)));
    if !body.is_empty() {
        let is_json = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        let read = is_json
            .then(|| serde_json::from_slice(&body).ok())
            .flatten();
        written.insert(
            "body".to_owned(),
            read.unwrap_or_else(|| json!(STANDARD.encode(&body))),
        );
    }
    Value::Object(written)
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let kept = headers
        .iter()
        .filter(|(name, _)| !OUTER.contains(&name.as_str()));
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((capitalised(name.as_str()), json!(value.to_str().ok()?)))
    };
    kept.filter_map(text).collect()
}

/// `Retry-After`, as clients of other makers look for it.
fn capitalised(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}
