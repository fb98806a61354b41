//! How something can be asked for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use catalog::{Operation, RequestBody, Root};
use model::{Api, Connection, ConnectionMethod};
use operations::Error;
use serde_json::{Map, Value, json};

use super::stage::Stage;
use crate::stage::fields;

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Run {
        input: Map<String, Value>,
        cursor: Option<String>,
    },
    /// Through the pass-through; below the version, with its query.
    Raw {
        method: &'static str,
        path: String,
        body: Option<Value>,
    },
    /// As the only part of a batch of the catalogue's own.
    Batch(&'static str, Map<String, Value>),
    /// In a batch of Microsoft's own through the pass-through, behind a request that is allowed.
    Mixed {
        allowed: String,
        method: &'static str,
        path: String,
        body: Option<Value>,
    },
}

/// The name of a way, and what it asks for.
pub(crate) type Way = (String, Ask);

pub(crate) fn run(input: Map<String, Value>) -> Ask {
    Ask::Run {
        input,
        cursor: None,
    }
}

pub(crate) fn link(input: &Map<String, Value>, url: &str) -> Ask {
    Ask::Run {
        input: input.clone(),
        cursor: Some(URL_SAFE_NO_PAD.encode(url)),
    }
}

/// The operation's request below the version, with its body.
pub(crate) fn request(
    stage: &Stage,
    operation: &'static Operation,
    input: &Map<String, Value>,
) -> Option<(String, Option<Value>)> {
    let root = stage.root(operation.api);
    let method = ConnectionMethod::ServicePrincipal;
    let request = operation.request(method, input, &root).ok()?;
    if request.root != Root::Version {
        return None;
    }
    let query: Vec<String> = request
        .query
        .iter()
        .map(|(name, value)| {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            format!("{name}={value}")
        })
        .collect();
    let path = request.path.trim_start_matches('/').to_owned();
    let body = match request.body {
        Some(RequestBody::Json(body)) => Some(body),
        _ => None,
    };
    let path = if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    };
    Some((path, body))
}

/// The forms in which a path might be written for somebody to read it otherwise.
pub(crate) fn forms(path: &str) -> Vec<(&'static str, String)> {
    let first = path.chars().next().unwrap_or('a');
    let rest = &path[first.len_utf8()..];
    let (before, query) = path.split_once('?').unwrap_or((path, ""));
    let with_query = |path: String| match query {
        "" => path,
        query => format!("{path}?{query}"),
    };
    vec![
        ("as it is", path.to_owned()),
        ("in upper case", with_query(before.to_uppercase())),
        ("encoded once", format!("%{:02X}{rest}", u32::from(first))),
        (
            "encoded twice",
            format!("%25{:02X}{rest}", u32::from(first)),
        ),
        ("with an empty segment", format!("/{path}")),
        ("with a slash at its end", with_query(format!("{before}/"))),
        ("with a fragment", with_query(format!("{before}%23x"))),
        ("behind `..`", format!("WhoAmI/../{path}")),
        ("behind encoded `..`", format!("WhoAmI/%2e%2e/{path}")),
        ("behind a backslash", format!("WhoAmI%5C..%5C{path}")),
        ("with parameters", with_query(format!("{before};x=y"))),
    ]
}

/// Does it, and says whether it was refused.
pub(crate) async fn send(
    stage: &Stage,
    connection: &Connection,
    operation: &'static Operation,
    ask: &Ask,
) -> Result<(), Error> {
    match ask {
        Ask::Run { input, cursor } => stage
            .run(connection, operation.id, input.clone(), cursor.as_deref())
            .await
            .map(drop),
        Ask::Raw { method, path, body } => {
            let body = body
                .as_ref()
                .map_or_else(Bytes::new, |body| body.to_string().into());
            stage
                .below_version(connection, method, path, "application/json", body)
                .await
                .map(drop)
        }
        Ask::Batch(batch, input) => {
            let member = json!({ "id": "1", "operation": operation.id, "input": input });
            let members = fields(&json!({ "requests": [member] }));
            let answer = stage.run(connection, batch, members, None).await?;
            // One that is refused is refused by itself.
            let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            match answer["responses"][0]["status"].as_u64() {
                Some(status) if status < 300 => Ok(()),
                _ => Err(Error::Unexpected(answer.to_string())),
            }
        }
        Ask::Mixed {
            allowed,
            method,
            path,
            body,
        } => {
            let root = stage.root(connection.service.api());
            let host = stage.world.sandbox.url();
            let base = root.strip_prefix(host).unwrap_or_default();
            let (content_type, bytes) = if connection.service.api() == Api::Dataverse {
                multipart(
                    base,
                    &[("GET", allowed, None), (method, path, body.as_ref())],
                )
            } else {
                listed(&[("GET", allowed, None), (method, path, body.as_ref())])
            };
            stage
                .below_version(connection, "POST", "$batch", &content_type, bytes)
                .await
                .map(drop)
        }
    }
}

type Member<'a> = (&'a str, &'a str, Option<&'a Value>);

fn multipart(base: &str, members: &[Member<'_>]) -> (String, Bytes) {
    let mut text = String::new();
    for (method, path, body) in members {
        let body = body.map_or_else(String::new, Value::to_string);
        text.push_str(
            "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n",
        );
        text += &[method, " ", base, "/", path, " HTTP/1.1\r\n"].concat();
        if body.is_empty() {
            text.push_str("\r\n\r\n");
        } else {
            text += &["Content-Type: application/json\r\n\r\n", &body, "\r\n"].concat();
        }
    }
    text.push_str("--b--\r\n");
    ("multipart/mixed; boundary=b".to_owned(), text.into())
}

fn listed(members: &[Member<'_>]) -> (String, Bytes) {
    let requests: Vec<Value> = (1..)
        .zip(members)
        .map(|(id, (method, path, body))| {
            let mut request = json!({ "id": id.to_string(), "method": method, "url": path });
            if let Some(body) = body {
                request["headers"] = json!({ "Content-Type": "application/json" });
                request["body"] = (*body).clone();
            }
            request
        })
        .collect();
    let body = json!({ "requests": requests }).to_string();
    ("application/json".to_owned(), body.into())
}
