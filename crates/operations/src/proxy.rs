//! The raw pass-through: the same policy, and Microsoft's answer streamed as it comes.
//!
//! Each request is held against the catalogue for its kind and target. What matches nothing is denied unless the policy
//! allows `raw`. Headers travel by allow-list in both directions, so that nobody impersonates through one of Microsoft's.

use std::sync::Arc;

use bytes::Bytes;
use catalog::Matched;
use connections::{Caller, Snapshot};
use http::header::{self, HeaderName};
use http::{HeaderMap, Method, StatusCode};
use microsoft::{IncomingBody, Target};
use model::{Activity, Api, ConnectionId, OperationKind};
use serde_json::Value;
use url::Url;

use crate::exchange::{refused, settled};
use crate::policy::{self, Deed, Permit, Wanted};
use crate::ready::{Ready, repeat};
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Answer, Error, Result, Runner, record, write};

/// Request headers that travel on.
const SENT: [&str; 9] = [
    "accept",
    "accept-language",
    "consistencylevel",
    "content-range",
    "content-type",
    "if-match",
    "if-none-match",
    "prefer",
    "range",
];

/// Answer headers that travel back.
const RETURNED: [&str; 17] = [
    "accept-ranges",
    "client-request-id",
    "content-disposition",
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
    pub body: Bytes,
    pub idempotency_key: Option<&'a str>,
}

/// Microsoft's answer, whatever its status.
#[derive(Debug)]
pub struct ProxyAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: ProxyBody,
}

/// A write's answer was read whole before its result was recorded; a read's streams.
#[derive(Debug)]
pub enum ProxyBody {
    Whole(Bytes),
    Stream(Box<IncomingBody>),
}

impl Runner {
    /// Sends a raw request under the connection's policy.
    pub async fn proxy(&self, call: ProxyCall<'_>) -> Result<ProxyAnswer> {
        let parts = &self.parts;
        let snapshot = parts
            .live
            .get(call.caller.workspace_id, call.connection)
            .await?;
        let matched = match_request(&call, &snapshot);
        let outcome = match matched {
            Ok(matched) => decide(parts, &call, &snapshot, matched.as_ref()).await,
            Err(error) => Err(error),
        };
        let (permit, wire, operation) = match outcome {
            Ok(decided) => decided,
            Err(error) => {
                let kind = kind_of(&call.method);
                let action = format!("raw.{}", call.method.as_str().to_ascii_lowercase());
                let deed = Deed {
                    kind,
                    action,
                    target: None,
                };
                parts
                    .context
                    .journal
                    .note(record::refused(
                        &parts.context,
                        call.caller,
                        &snapshot,
                        &deed,
                        &error,
                    ))
                    .await;
                return Err(error);
            }
        };
        let repeats =
            operation.map_or(catalog::Repeat::Never, |operation| match operation.repeat {
                // A raw body is not touched, so that no mark of ours can be left to look for.
                catalog::Repeat::Look(_) => catalog::Repeat::Never,
                other => other,
            });
        let ready = Ready::raw(operation, repeats, snapshot, permit, wire);
        if ready.permit.deed().kind == OperationKind::Read {
            return read(parts, call.caller, &ready).await;
        }
        write::run(parts, call.caller, ready, call.idempotency_key)
            .await
            .map(whole)
    }
}

/// The answer's headers as they come; a refusal by Microsoft is passed on as it is, and recorded.
async fn read(parts: &Parts, caller: &Caller, ready: &Ready) -> Result<ProxyAnswer> {
    let begun = record::begun(&parts.context, caller, &ready.snapshot, ready.permit.deed());
    let outcome = wire::send(parts, &ready.snapshot, &ready.permit, &ready.wire).await;
    let told = outcome
        .as_ref()
        .map(|answer| (answer.status.as_u16(), record::remote_ids(answer)));
    let mut line = Activity {
        intent_id: None,
        ..record::ended(&parts.context, &begun, told)
    };
    if outcome
        .as_ref()
        .is_ok_and(|answer| !answer.status.is_success())
    {
        line.outcome = model::Outcome::Failed;
    }
    parts.context.journal.note(line).await;
    let incoming = outcome.map_err(settled)?;
    if incoming.status.is_client_error() || incoming.status.is_server_error() {
        return Err(refused(
            &ready.snapshot,
            ready.operation,
            ready.permit.deed().target.as_deref(),
            incoming,
        )
        .await);
    }
    Ok(ProxyAnswer {
        status: incoming.status,
        headers: allowed(&incoming.headers, &RETURNED),
        body: ProxyBody::Stream(Box::new(incoming.body)),
    })
}

fn match_request(call: &ProxyCall<'_>, snapshot: &Snapshot) -> Result<Option<Matched>> {
    if snapshot.connection.service.api() != call.api {
        return Err(Error::Unsupported {
            reason: format!(
                "a connection to {} is not for this API",
                snapshot.connection.service.title()
            ),
            instead: format!("use `{}`", snapshot.connection.service.api().id()),
        });
    }
    let inside = call.path.split_once('/').map_or("", |(_, rest)| rest);
    catalog::matching(
        snapshot.connection.service,
        call.method.as_str(),
        &format!("/{inside}"),
        call.query.unwrap_or_default(),
    )
    .map_err(|error| Error::Input {
        code: "invalid_input",
        field: Some("path".to_owned()),
        message: error.to_string(),
    })
}

type Decided = (Permit, Wire, Option<&'static catalog::Operation>);

async fn decide(
    parts: &Parts,
    call: &ProxyCall<'_>,
    snapshot: &Arc<Snapshot>,
    matched: Option<&Matched>,
) -> Result<Decided> {
    let operation = matched.map(|matched| matched.operation);
    let url = address(call, snapshot)?;
    let permit = if let Some(matched) = matched {
        let body: Option<Value> = serde_json::from_slice(&call.body).ok();
        let wanted = Wanted {
            operation: matched.operation,
            target: matched.target(),
            targets: matched.targets(body.as_ref()),
            url: &url,
            body: body.as_ref(),
        };
        policy::permit(parts, call.caller, snapshot, wanted).await?
    } else {
        let kind = kind_of(&call.method);
        policy::permit_raw(call.caller, snapshot, call.method.as_str(), kind)?
    };
    let repeats = match (operation, permit.deed().kind) {
        (_, OperationKind::Read) => microsoft::Repeat::Safe,
        (Some(operation), _) => repeat(operation.repeat),
        (None, _) => microsoft::Repeat::Never,
    };
    let wire = Wire {
        target: Target::Url(url),
        method: call.method.clone(),
        headers: allowed(call.headers, &SENT),
        body: Some(call.body.clone()).filter(|body| !body.is_empty()),
        repeat: repeats,
    };
    Ok((permit, wire, operation))
}

/// The URL on the connection's cloud, with the version that was asked for if it is one there.
fn address(call: &ProxyCall<'_>, snapshot: &Snapshot) -> Result<Url> {
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
    url.set_path(&format!("{base}/{}", call.path));
    url.set_query(call.query);
    Ok(url)
}

/// What a request that matches nothing would do, judged by its method alone.
fn kind_of(method: &Method) -> OperationKind {
    match *method {
        Method::GET | Method::HEAD => OperationKind::Read,
        Method::PUT | Method::PATCH => OperationKind::Write,
        Method::DELETE => OperationKind::Delete,
        _ => OperationKind::Action,
    }
}

fn allowed(headers: &HeaderMap, names: &[&'static str]) -> HeaderMap {
    names
        .iter()
        .filter_map(|name| Some((HeaderName::from_static(name), headers.get(*name)?.clone())))
        .collect()
}

fn whole(answer: Answer) -> ProxyAnswer {
    let mut headers = HeaderMap::new();
    if let Some(value) = answer.content_type.and_then(|text| text.parse().ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if answer.replayed {
        headers.insert(
            HeaderName::from_static("consentry-replayed"),
            header::HeaderValue::from_static("true"),
        );
    }
    ProxyAnswer {
        status: StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK),
        headers,
        body: ProxyBody::Whole(answer.body),
    }
}
