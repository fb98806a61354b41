//! The raw pass-through: the same policy, and bytes streamed both ways.
//!
//! Each request is held against the catalogue for its kind and for all that it acts on: by path, query and, where that can
//! name anything, body. What matches nothing is denied unless the policy allows `raw`. A request is refused wherever
//! Microsoft might understand another one than we do. Headers travel by allow-list in both directions.

mod answer;
mod batch;
mod body;
mod fetch_xml;
mod headers;
mod json;
mod members;
mod multipart;
mod named;
mod pass;
mod query;
mod reach;
#[cfg(test)]
mod tests;

use std::mem;
use std::sync::{Arc, PoisonError};

use catalog::Operation;
use connections::{Caller, Snapshot};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use microsoft::Target;
use model::{Api, ConnectionId, OperationKind};
use url::Url;

pub use self::answer::{ProxyAnswer, ProxyBody};
pub use self::body::RawBody;
pub(crate) use self::fetch_xml::tables as tables_of_fetch_xml;
pub(crate) use self::json::parse as parse_json;
use self::pass::Going;
pub(crate) use self::query::check_options;
use self::reach::{Asked, Part, Reading};
use crate::policy::{self, Deed, Permit, Wanted};
use crate::ready::{Heard, Ready, repeat};
use crate::runner::Parts;
use crate::wire::Wire;
use crate::{Answer, Error, Result, Runner, record, write};

const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// A raw request.
#[derive(Debug)]
pub struct ProxyCall<'a> {
    pub caller: &'a Caller,
    pub connection: ConnectionId,
    pub api: Api,
    pub method: Method,
    /// With the version in front and no slash before it, still encoded: `v1.0/me/messages`.
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body: RawBody,
    /// The longest body that is read before it is sent, in bytes. Others have no limit.
    pub body_limit: usize,
    /// With it the body and the answer are kept whole.
    pub idempotency_key: Option<&'a str>,
}

impl Runner {
    /// Sends a raw request under the connection's policy.
    pub async fn proxy(&self, mut call: ProxyCall<'_>) -> Result<ProxyAnswer> {
        let parts = &self.parts;
        let (workspace, connection) = (call.caller.workspace_id, call.connection);
        let snapshot = parts.live.get(workspace, connection).await?;
        let mut deed = Deed {
            kind: reach::kind_of(&call.method),
            action: format!("raw.{}", call.method.as_str().to_ascii_lowercase()),
            target: None,
        };
        let (caller, key) = (call.caller, call.idempotency_key);
        let (ready, going) = match decide(parts, &mut call, &snapshot, &mut deed).await {
            Ok(decided) => decided,
            Err(error) => {
                let line = record::refused(&parts.context, caller, &snapshot, &deed, &error);
                parts.context.journal.note(line).await;
                return Err(error);
            }
        };
        if ready.permit.deed().kind == OperationKind::Read {
            return pass::read(parts, caller, &ready, going).await;
        }
        if key.is_none() {
            return pass::write(parts, caller, &ready, going).await;
        }
        let is_batch = !going.inner.is_empty();
        let mut ready = ready;
        let heard = Heard::default();
        ready.heard = Some(Arc::clone(&heard));
        let answer = write::run(parts, caller, ready, key).await?;
        if is_batch
            && !answer.replayed
            && let Ok(token) = parts.broker.token_for(&snapshot).await
        {
            members::look(parts, &snapshot, &token, &answer.body).await;
        }
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(whole(answer, headers::returned(&snapshot, &heard)))
    }
}

/// What is to be sent, and what of its body is sent as it comes.
async fn decide(
    parts: &Parts,
    call: &mut ProxyCall<'_>,
    snapshot: &Arc<Snapshot>,
    deed: &mut Deed,
) -> Result<(Ready, Going)> {
    let service = snapshot.connection.service;
    let policy = &snapshot.connection.policy;
    right_api(call, snapshot)?;
    let body = mem::replace(&mut call.body, RawBody::empty());
    let root = root(call, snapshot)?;
    let inside = call.path.split_once('/').map_or("", |(_, rest)| rest);
    let path = format!("/{inside}");
    let asked = Asked {
        service,
        root: &root,
        method: method(&call.method)?,
        path: &path,
        query: call.query.unwrap_or_default(),
    };
    let headers = headers::sent(call.headers)?;
    if batch::is_at(&path) && call.method == Method::POST {
        deed.action = format!("{}.batch", call.api.id());
        let bytes = body.read(call.body_limit).await?;
        let wanted = batch::parts(service, policy, &root, call.headers, &bytes)?;
        let inner = wanted
            .iter()
            .map(|part| (part.method.clone(), part.url.clone()))
            .collect();
        let permits = permitted(parts, call.caller, snapshot, wanted).await?;
        let permit = Permit::batch(deed.action.clone(), &permits);
        let repeats = match permit.deed().kind {
            OperationKind::Read => catalog::Repeat::Safe,
            _ => catalog::Repeat::Never,
        };
        let wire = wire(call, asked.url(), headers, repeats, Some(bytes));
        let ready = Ready::raw(None, repeats, Arc::clone(snapshot), permit, wire);
        let going = Going {
            inner,
            ..Going::default()
        };
        return Ok((ready, going));
    }
    let matched = asked.matched()?;
    let operation = matched.as_ref().map(|matched| matched.operation);
    if let Some(operation) = operation {
        (deed.kind, deed.action) = (operation.kind, operation.id.to_owned());
    }
    let (bytes, told, streamed) = match reach::reading(service, policy, &call.method, operation) {
        Reading::Nothing => {
            no_body(body).await?;
            (None, None, None)
        }
        Reading::Whole => {
            let bytes = body.read(call.body_limit).await?;
            let told = body::told(call.headers, &bytes)?;
            (Some(bytes), told, None)
        }
        Reading::Stream => (None, None, Some(body)),
    };
    let wanted = asked.parts(matched.as_ref(), told.as_ref())?;
    let mut permits = permitted(parts, call.caller, snapshot, wanted).await?;
    let permit = permits.swap_remove(0);
    // Nothing of it is waited for before it is known that it may be sent.
    let (bytes, streamed) = match streamed {
        Some(body) if body.is_short() || call.idempotency_key.is_some() => {
            (Some(body.read(call.body_limit).await?), None)
        }
        streamed => (bytes, streamed),
    };
    let repeats = repeats(operation, permit.deed().kind);
    let wire = wire(call, asked.url(), headers, repeats, bytes);
    let mut ready = Ready::raw(operation, repeats, Arc::clone(snapshot), permit, wire);
    let is_file = |operation: &&Operation| operation.behavior == Some("download");
    if call.method == Method::GET {
        ready.behavior = operation
            .filter(is_file)
            .and_then(|operation| operation.behavior);
    }
    let going = Going {
        body: streamed,
        ..Going::default()
    };
    Ok((ready, going))
}

fn right_api(call: &ProxyCall<'_>, snapshot: &Snapshot) -> Result<()> {
    let service = snapshot.connection.service;
    if service.api() == call.api {
        return Ok(());
    }
    Err(Error::Unsupported {
        reason: format!("a connection to {} is not for this API", service.title()),
        instead: format!("use `{}`", service.api().id()),
    })
}

fn method(method: &Method) -> Result<&Method> {
    if METHODS.contains(method) {
        return Ok(method);
    }
    Err(denied(
        format!("the method `{method}` is not passed on"),
        "use GET, HEAD, POST, PUT, PATCH or DELETE",
    ))
}

/// A permit for each, or none for all.
async fn permitted(
    parts: &Parts,
    caller: &Caller,
    snapshot: &Arc<Snapshot>,
    wanted: Vec<Part>,
) -> Result<Vec<Permit>> {
    let mut permits = Vec::with_capacity(wanted.len());
    for part in wanted {
        permits.push(match part.operation {
            Some(operation) => {
                let wanted = Wanted {
                    operation,
                    target: part.target,
                    targets: part.targets,
                    url: &part.url,
                    body: part.body.as_ref(),
                };
                policy::permit(parts, caller, snapshot, wanted).await?
            }
            None => policy::permit_raw(caller, snapshot, part.method.as_str(), part.kind)?,
        });
    }
    Ok(permits)
}

async fn no_body(body: RawBody) -> Result<()> {
    if body.is_empty() || body.read(0).await.is_ok() {
        return Ok(());
    }
    Err(Error::Input {
        code: "invalid_input",
        field: None,
        message: "a request of this method carries no body".to_owned(),
    })
}

/// A raw body is not touched, so that no mark of ours can be left to look for.
fn repeats(operation: Option<&Operation>, kind: OperationKind) -> catalog::Repeat {
    match operation.map(|operation| operation.repeat) {
        _ if kind == OperationKind::Read => catalog::Repeat::Safe,
        Some(catalog::Repeat::Look(_)) | None => catalog::Repeat::Never,
        Some(other) => other,
    }
}

fn wire(
    call: &ProxyCall<'_>,
    url: Url,
    headers: HeaderMap,
    repeats: catalog::Repeat,
    body: Option<bytes::Bytes>,
) -> Wire {
    Wire {
        target: Target::Url(url),
        method: call.method.clone(),
        headers,
        body: body.filter(|body| !body.is_empty()),
        repeat: repeat(repeats),
    }
}

/// The connection's API with the version that was asked for, if it is one there; without a slash at its end.
fn root(call: &ProxyCall<'_>, snapshot: &Snapshot) -> Result<Url> {
    let version = call.path.split('/').next().unwrap_or_default();
    let known = match call.api {
        Api::Graph => &["v1.0", "beta"][..],
        Api::Dataverse => &["v9.2"],
        Api::BusinessCentral => &["v2.0"],
    };
    if !known.contains(&version) {
        return Err(Error::Input {
            code: "invalid_input",
            field: Some("path".to_owned()),
            message: format!(
                "the path begins with the API's version: `{}`",
                known.join("` or `")
            ),
        });
    }
    let mut url = snapshot.api_root()?;
    let base = url
        .path()
        .rsplit_once('/')
        .map_or("", |(base, _)| base)
        .to_owned();
    url.set_path(&format!("{base}/{version}"));
    Ok(url)
}

fn denied(reason: impl Into<String>, instead: &str) -> Error {
    Error::Denied {
        reason: reason.into(),
        instead: instead.to_owned(),
    }
}

fn unfit_path(error: &catalog::PathError) -> Error {
    Error::Input {
        code: "invalid_input",
        field: Some("path".to_owned()),
        message: error.to_string(),
    }
}

fn whole(answer: Answer, mut headers: HeaderMap) -> ProxyAnswer {
    headers.remove(header::CONTENT_LENGTH);
    if let Some(value) = answer.content_type.and_then(|text| text.parse().ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if answer.replayed {
        let name = HeaderName::from_static("consentry-replayed");
        headers.insert(name, HeaderValue::from_static("true"));
    }
    ProxyAnswer {
        status: StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK),
        headers,
        body: ProxyBody::Whole(answer.body),
    }
}
