//! Batches: each request in one is read out of it, and judged as if it had come alone. One that is denied denies the whole.
//!
//! Sources: <https://learn.microsoft.com/graph/json-batching>,
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/developer/devenv-develop-custom-api#using-batch-calls>.

use http::{HeaderMap, Method, header};
use model::{Api, Policy, Service};
use serde_json::{Map, Value};
use url::Url;

use super::body::{is_json, unreadable};
use super::multipart::{self, Piece};
use super::reach::{Asked, Part, Reading, reading};
use super::{body, denied, headers, json};
use crate::{Error, Result};

/// What a request of a JSON batch is made of.
const FIELDS: [&str; 7] = [
    "id",
    "method",
    "url",
    "headers",
    "body",
    "dependson",
    "atomicitygroup",
];

/// Requests in a batch. Dataverse takes as many, the others fewer.
const MOST: usize = 1_000;
/// Bytes of one's address: what Dataverse takes for long queries.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/retrieve-data>.
const LONGEST: usize = 64 * 1024;

/// One request within a batch.
struct Member {
    method: Method,
    /// From its first `/`.
    path: String,
    query: String,
    body: Said,
}

enum Said {
    Nothing,
    Json(Value),
    /// A file's bytes, or anything else that is not read.
    Other,
}

/// Whether the path below the version is that of a batch.
pub(super) fn is_at(path: &str) -> bool {
    let path = path.trim_matches('/').to_ascii_lowercase();
    path == "$batch" || path == "%24batch"
}

/// All that the requests of a batch act on.
pub(super) fn parts(
    service: Service,
    policy: &Policy,
    root: &Url,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Vec<Part>> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let members = match multipart::boundary(content_type) {
        Some(boundary) if service.api() != Api::Graph => {
            multiple(root, bytes, boundary, Depth::Batch)?
        }
        _ => {
            is_json(Some(content_type))?;
            listed(service.api(), root, bytes)?
        }
    };
    if members.is_empty() {
        return Err(unreadable("it holds no requests"));
    }
    if members.len() > MOST {
        return Err(unreadable(&format!("it holds more than {MOST} requests")));
    }
    let mut parts = Vec::new();
    for (number, member) in (1..).zip(&members) {
        parts.extend(
            member
                .parts(service, policy, root)
                .map_err(|error| of_member(number, error))?,
        );
    }
    Ok(parts)
}

fn of_member(number: usize, error: Error) -> Error {
    let named = |text: String| format!("request {number} of the batch: {text}");
    match error {
        Error::Denied { reason, instead } => Error::Denied {
            reason: named(reason),
            instead,
        },
        Error::Input {
            code,
            field,
            message,
        } => Error::Input {
            code,
            field,
            message: named(message),
        },
        other => other,
    }
}

impl Member {
    fn parts(&self, service: Service, policy: &Policy, root: &Url) -> Result<Vec<Part>> {
        if is_at(&self.path) {
            return Err(denied(
                "it is a batch itself".to_owned(),
                "send the requests in one batch",
            ));
        }
        let asked = Asked {
            service,
            root,
            method: &self.method,
            path: &self.path,
            query: &self.query,
        };
        let matched = asked.matched()?;
        let wanted = reading(
            service,
            policy,
            &self.method,
            matched.as_ref().map(|matched| matched.operation),
        );
        let body = match (wanted, &self.body) {
            (Reading::Nothing | Reading::Whole, Said::Nothing) | (Reading::Stream, _) => None,
            (Reading::Nothing, _) => return Err(unreadable("a request of this method has none")),
            (Reading::Whole, Said::Json(value)) => Some(value),
            (Reading::Whole, Said::Other) => return Err(unreadable("it is not JSON")),
        };
        asked.parts(matched.as_ref(), body)
    }
}

/// `{"requests": [{"id", "method", "url", "headers", "body"}]}`.
fn listed(api: Api, root: &Url, bytes: &[u8]) -> Result<Vec<Member>> {
    let batch = json::parse(bytes).map_err(|reason| unreadable(&reason))?;
    let requests = batch
        .as_object()
        .filter(|fields| fields.len() == 1)
        .and_then(|fields| fields.get("requests")?.as_array())
        .ok_or_else(|| unreadable("it is not a list of `requests` alone"))?;
    requests
        .iter()
        .map(|request| {
            let fields = request
                .as_object()
                .ok_or_else(|| unreadable("a request of it is no object"))?;
            if let Some(name) = fields
                .keys()
                .find(|name| !FIELDS.contains(&name.to_lowercase().as_str()))
            {
                return Err(unreadable(&format!("a request of it has a field `{name}`")));
            }
            one_listed(api, root, fields)
        })
        .collect()
}

fn one_listed(api: Api, root: &Url, fields: &Map<String, Value>) -> Result<Member> {
    let field = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    let text = |name: &str| {
        field(name)
            .and_then(Value::as_str)
            .ok_or_else(|| unreadable(&format!("a request of it has no `{name}`")))
    };
    let mut content_type = None;
    for (name, value) in field("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let value = value
            .as_str()
            .ok_or_else(|| unreadable("a header is no text"))?;
        headers::member(name, value)?;
        if name.eq_ignore_ascii_case("content-type") {
            content_type = Some(value);
        }
    }
    if field("headers").is_some_and(|headers| !headers.is_object() && !headers.is_null()) {
        return Err(unreadable("the headers of a request are no object"));
    }
    let said = match field("body") {
        None | Some(Value::Null) => Said::Nothing,
        Some(value @ (Value::Object(_) | Value::Array(_)))
            if content_type.is_none_or(|text| is_json(Some(text)).is_ok()) =>
        {
            Said::Json(value.clone())
        }
        Some(_) => Said::Other,
    };
    let (path, query) = place(api, root, text("url")?)?;
    Ok(Member {
        method: method(text("method")?)?,
        path,
        query,
        body: said,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Batch,
    ChangeSet,
}

fn multiple(root: &Url, bytes: &[u8], boundary: &str, depth: Depth) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for piece in multipart::pieces(bytes, boundary)? {
        let content_type = piece.header("content-type").unwrap_or_default();
        if piece.headers.iter().any(|(name, _)| {
            !matches!(
                name.as_str(),
                "content-type" | "content-transfer-encoding" | "content-id" | "content-length"
            )
        }) {
            return Err(unreadable(
                "a part of it has a header that a batch has no use for",
            ));
        }
        if piece
            .header("content-transfer-encoding")
            .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("binary"))
        {
            return Err(unreadable("a part of it is encoded"));
        }
        match multipart::boundary(content_type) {
            Some(inner) if depth == Depth::Batch => {
                members.extend(multiple(root, piece.body, inner, Depth::ChangeSet)?);
            }
            None if is_http(content_type) => members.push(embedded(root, piece.body)?),
            _ => {
                return Err(unreadable(
                    "a part of it is neither a request nor a change set",
                ));
            }
        }
    }
    Ok(members)
}

fn is_http(content_type: &str) -> bool {
    let text = content_type.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    parts.next() == Some("application/http") && parts.all(|part| part == "msgtype=request")
}

/// `POST /api/data/v9.2/tasks HTTP/1.1`, headers, and a body.
fn embedded(root: &Url, bytes: &[u8]) -> Result<Member> {
    let odd = || unreadable("a request of it has no first line that reads");
    let end = bytes
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .ok_or_else(odd)?;
    let line = std::str::from_utf8(&bytes[..end]).map_err(|_| odd())?;
    let words: Vec<_> = line.split(' ').collect();
    let [method_name, url, "HTTP/1.1"] = words[..] else {
        return Err(odd());
    };
    let Piece {
        headers: found,
        body: rest,
    } = multipart::piece(&bytes[end + 2..])?;
    for (name, value) in &found {
        headers::member(name, value)?;
    }
    let content_type = found
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, value)| value.as_str());
    let is_blank = rest.iter().all(u8::is_ascii_whitespace);
    let said = if is_blank {
        Said::Nothing
    } else if is_dataverse_json(content_type) {
        Said::Json(json::parse(rest).map_err(|reason| unreadable(&reason))?)
    } else {
        Said::Other
    };
    let (path, query) = place(Api::Dataverse, root, url)?;
    Ok(Member {
        method: method(method_name)?,
        path,
        query,
        body: said,
    })
}

/// `application/json;type=entry` is how Microsoft's page writes it.
fn is_dataverse_json(content_type: Option<&str>) -> bool {
    body::is_json(content_type).is_ok()
}

fn method(name: &str) -> Result<Method> {
    let method = name.to_ascii_uppercase().parse();
    let method = method.map_err(|_| unreadable("a method of it is none"))?;
    super::method(&method).cloned()
}

/// Path and query below the API's version. An address is taken as it is written, and not as a reader would mend it.
fn place(api: Api, root: &Url, url: &str) -> Result<(String, String)> {
    let outside = || {
        denied(
            format!(
                "`{}` is no address of the connection's API",
                url.split('?').next().unwrap_or_default()
            ),
            "name what is wanted from the API's version on",
        )
    };
    if url.len() > LONGEST {
        return Err(unreadable(&format!(
            "the address of a request is longer than {LONGEST} bytes"
        )));
    }
    let begins = |rest: &&str| rest.starts_with('/');
    let inside = match url.strip_prefix(root.as_str()).filter(begins) {
        Some(inside) => inside,
        None if url.contains("://") || url.starts_with("//") || url.contains(['\\', '#']) => {
            return Err(outside());
        }
        None => match url.strip_prefix(root.path()).filter(begins) {
            Some(inside) if api != Api::Graph => inside,
            _ if api == Api::Graph || !url.starts_with('/') => url,
            _ => return Err(outside()),
        },
    };
    let (path, query) = inside.split_once('?').unwrap_or((inside, ""));
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    Ok((path, query.to_owned()))
}
