//! The way of a call: operation, input, policy, permission, token, request, activity, answer.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use catalog::{Operation, RequestBody, Root};
use connections::{Caller, Context, Live, Snapshot, TokenBroker, diagnose_graph};
use http::{HeaderMap, HeaderValue, Method, header};
use microsoft::{ApiClient, Content, GraphFault, Incoming, Repeat, Target};
use model::{ActivityId, ConnectionId, OperationKind};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::idempotency::Running;
use crate::policy::{self, Deed, Permit};
use crate::wire::{self, Wire};
use crate::{Error, Result, behavior, input, pages, record, write};

/// Answers of operations are held in memory up to this; larger ones are for the pass-through, which streams.
pub(crate) const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// What every part of a call needs.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) context: Context,
    pub(crate) live: Live,
    pub(crate) broker: TokenBroker,
    pub(crate) api: ApiClient,
    /// Idempotency keys that this process works on right now.
    pub(crate) running: Running,
}

/// Runs operations. Cheap to clone.
#[derive(Clone)]
pub struct Runner {
    pub(crate) parts: Parts,
}

/// One operation to run.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    pub caller: &'a Caller,
    pub connection: ConnectionId,
    pub operation: &'a str,
    pub input: Map<String, Value>,
    /// Where a page before this one said that the list goes on.
    pub cursor: Option<&'a str>,
    /// Makes a write happen at most once, however often it is asked for.
    pub idempotency_key: Option<&'a str>,
}

/// Microsoft's answer as it is.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Bytes,
    /// For the next page, where there is one.
    pub cursor: Option<String>,
    /// The line of the activity log that tells of it.
    pub activity: Option<ActivityId>,
    /// Answered from what was stored under the idempotency key.
    pub replayed: bool,
}

/// A file on its way to the caller.
pub struct Streamed {
    /// 200, or 206 for the range that was asked for.
    pub status: http::StatusCode,
    /// What is known of the file: its type, length, range and version.
    pub headers: HeaderMap,
    pub bytes: futures_util::stream::BoxStream<'static, Result<Bytes>>,
    pub activity: ActivityId,
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What would be sent, and that the policy allows it.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub operation: String,
    pub kind: OperationKind,
    pub target: Option<String>,
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

/// A call that may be sent.
pub(crate) struct Ready {
    /// `None` for a raw request that matches none.
    pub(crate) operation: Option<&'static Operation>,
    /// What may be done when it is not known whether it happened.
    pub(crate) repeat: catalog::Repeat,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) permit: Permit,
    pub(crate) wire: Wire,
    pub(crate) input: Map<String, Value>,
    /// The function that carries it out; none for a raw request, which is sent as it is.
    pub(crate) behavior: Option<&'static str>,
    /// A file's bytes beside the input, to be read once.
    content: Mutex<Option<Content>>,
    pub(crate) content_length: Option<u64>,
}

impl Ready {
    /// A raw request: what matches an operation is judged as that, and sent as it came.
    pub(crate) fn raw(
        operation: Option<&'static Operation>,
        repeat: catalog::Repeat,
        snapshot: Arc<Snapshot>,
        permit: Permit,
        wire: Wire,
    ) -> Self {
        Self {
            operation,
            repeat,
            snapshot,
            permit,
            wire,
            input: Map::new(),
            behavior: None,
            content: Mutex::default(),
            content_length: None,
        }
    }

    /// Another request of the same operation: what one decision allowed may take several.
    pub(crate) fn with(&self, wire: Wire) -> Self {
        Self {
            operation: self.operation,
            repeat: self.repeat,
            snapshot: Arc::clone(&self.snapshot),
            permit: self.permit.to_part(),
            wire,
            input: self.input.clone(),
            behavior: None,
            content: Mutex::default(),
            content_length: None,
        }
    }

    /// Another operation that is a part of this one.
    pub(crate) fn part(
        of: &Self,
        operation: &'static Operation,
        input: Map<String, Value>,
    ) -> Result<Self> {
        let request = request(operation, &of.snapshot, &input)?;
        let wire = wire(operation, &of.snapshot, request)?;
        Ok(Self {
            operation: Some(operation),
            repeat: operation.repeat,
            input,
            ..of.with(wire)
        })
    }

    /// The file's bytes, the first time.
    pub(crate) fn take_content(&self) -> Option<Content> {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        content.take()
    }

    /// A read that looks for the trace of the write `of`, in the same place and under the same permit.
    pub(crate) fn looking(
        of: &Self,
        operation: &'static Operation,
        input: Map<String, Value>,
    ) -> Result<Self> {
        Ok(Self {
            repeat: catalog::Repeat::Safe,
            permit: of.permit.to_look(),
            ..Self::part(of, operation, input)?
        })
    }
}

impl Runner {
    pub fn new(context: Context, live: Live, broker: TokenBroker) -> Self {
        let api = ApiClient::new(context.transport.clone());
        Self {
            parts: Parts {
                context,
                live,
                broker,
                api,
                running: Running::default(),
            },
        }
    }

    /// Runs it. Lists answer one page; writes are recorded before they are sent.
    pub async fn run(&self, call: Call<'_>) -> Result<Answer> {
        self.run_with(call, None).await
    }

    /// Runs it with a file's bytes beside the input.
    pub async fn run_with(
        &self,
        mut call: Call<'_>,
        mut content: Option<Content>,
    ) -> Result<Answer> {
        let field = catalog::operation(call.operation).and_then(Operation::content_field);
        if let Some(field) = field
            && let Some(file) = content.take()
        {
            // One request with all of it in its body; larger files go by a session.
            let bytes = behavior::whole_file(file).await?;
            call.input
                .insert(field.to_owned(), STANDARD.encode(bytes).into());
        }
        let mut ready = self.ready(&call).await?;
        ready.content_length = content.as_ref().map(|content| content.length);
        ready.content = Mutex::new(content);
        match ready.permit.deed().kind {
            OperationKind::Read => self.read(&call, &ready).await,
            _ => write::run(&self.parts, call.caller, ready, call.idempotency_key).await,
        }
    }

    /// What `run` would send, decided but not sent.
    pub async fn plan(&self, call: Call<'_>) -> Result<Plan> {
        let ready = self.ready(&call).await?;
        let url = microsoft::resolve(&ready.snapshot.cloud, &ready.wire.target)
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let deed = ready.permit.deed();
        Ok(Plan {
            operation: deed.action.clone(),
            kind: deed.kind,
            target: deed.target.clone(),
            method: ready.wire.method.to_string(),
            url: url.into(),
            headers: ready
                .wire
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: ready
                .wire
                .body
                .as_ref()
                .and_then(|body| serde_json::from_slice(body).ok()),
        })
    }

    /// Runs one whose answer is a file, and hands the bytes on as they come. A break on the way to Microsoft is resumed.
    pub async fn download(&self, call: Call<'_>) -> Result<Streamed> {
        let ready = self.ready(&call).await?;
        let operation = ready.operation.filter(|operation| operation.result.bytes);
        let Some(operation) = operation.filter(|operation| operation.kind == OperationKind::Read)
        else {
            return Err(Error::Input {
                code: "invalid_input",
                field: None,
                message: format!("`{}` answers no file", call.operation),
            });
        };
        let context = &self.parts.context;
        let begun = record::begun(context, call.caller, &ready.snapshot, ready.permit.deed());
        let outcome = behavior::open(&self.parts, &ready).await;
        let told = outcome
            .as_ref()
            .map(|coming| (coming.status.as_u16(), coming.remote.clone()));
        let line = model::Activity {
            intent_id: None,
            ..record::ended(context, &begun, told)
        };
        let activity = line.id;
        context.journal.note(line).await;
        let coming = outcome.map_err(settled)?;
        tracing::debug!(operation.id = operation.id, "a file begins to come");
        Ok(Streamed {
            status: coming.status,
            headers: coming.headers,
            bytes: coming.bytes,
            activity,
        })
    }

    async fn read(&self, call: &Call<'_>, ready: &Ready) -> Result<Answer> {
        let parts = &self.parts;
        let begun = record::begun(
            &parts.context,
            call.caller,
            &ready.snapshot,
            ready.permit.deed(),
        );
        let outcome = behavior::carry_out(parts, ready, None).await;
        let line = record::ended(
            &parts.context,
            &begun,
            outcome
                .as_ref()
                .map(|(answer, remote)| (answer.status, remote.clone())),
        );
        let line = model::Activity {
            intent_id: None,
            ..line
        };
        let activity = line.id;
        parts.context.journal.note(line).await;
        let (mut answer, _) = outcome.map_err(settled)?;
        if ready.operation.is_some_and(|operation| operation.paging) {
            answer.cursor = pages::cursor(&answer.body);
        }
        Ok(Answer {
            activity: Some(activity),
            ..answer
        })
    }

    /// Everything up to sending. A refusal is recorded.
    pub(crate) async fn ready(&self, call: &Call<'_>) -> Result<Ready> {
        let operation =
            catalog::operation(call.operation).ok_or_else(|| Error::OperationNotFound {
                id: call.operation.to_owned(),
                nearest: catalog::nearest(call.operation, 3),
            })?;
        let parts = &self.parts;
        let snapshot = parts
            .live
            .get(call.caller.workspace_id, call.connection)
            .await?;
        let input = with_defaults(&call.input, operation, &snapshot);
        let outcome = prepare(call, &input, operation, &snapshot);
        if let Err(error) = &outcome {
            let deed = Deed {
                kind: operation.kind,
                action: operation.id.to_owned(),
                target: None,
            };
            let line = record::refused(&parts.context, call.caller, &snapshot, &deed, error);
            parts.context.journal.note(line).await;
        }
        let (permit, wire) = outcome?;
        Ok(Ready {
            operation: Some(operation),
            repeat: operation.repeat,
            snapshot,
            permit,
            wire,
            input,
            behavior: operation.behavior,
            content: Mutex::default(),
            content_length: None,
        })
    }
}

/// The input, with what the connection has a default for.
fn with_defaults(
    input: &Map<String, Value>,
    operation: &Operation,
    snapshot: &Snapshot,
) -> Map<String, Value> {
    let mut input = input.clone();
    let company = snapshot.connection.place.company_id.as_deref();
    if let Some(company) = company
        && operation
            .parameter("companyId")
            .is_some_and(|parameter| parameter.absent == catalog::Absent::Connection)
        && !input.contains_key("companyId")
    {
        input.insert("companyId".to_owned(), company.into());
    }
    input
}

fn prepare(
    call: &Call<'_>,
    input: &Map<String, Value>,
    operation: &'static Operation,
    snapshot: &Snapshot,
) -> Result<(Permit, Wire)> {
    let method = snapshot.connection.method;
    if let Some(cursor) = call.cursor {
        return pages::follow(call.caller, snapshot, operation, input, cursor);
    }
    // What the method does not offer is said before what the input lacks for it.
    if let catalog::Support::Refused { reason, instead } = operation.support(method) {
        return Err(Error::Unsupported {
            reason: reason.to_owned(),
            instead: instead.to_owned(),
        });
    }
    input::check(operation, method, input)?;
    if let Some(wire) = behavior::addressed(operation, snapshot, input)? {
        let permit = policy::permit(call.caller, snapshot, operation, None)?;
        return Ok((permit, wire));
    }
    let request = request(operation, snapshot, input)?;
    let permit = policy::permit(call.caller, snapshot, operation, request.target.clone())?;
    Ok((permit, wire(operation, snapshot, request)?))
}

fn request(
    operation: &'static Operation,
    snapshot: &Snapshot,
    input: &Map<String, Value>,
) -> Result<catalog::Request> {
    let root = snapshot.api_root()?;
    operation
        .request(snapshot.connection.method, input, root.as_str())
        .map_err(|error| Error::Input {
            code: "invalid_input",
            field: Some(error.field),
            message: error.message,
        })
}

fn wire(operation: &Operation, snapshot: &Snapshot, request: catalog::Request) -> Result<Wire> {
    let mut headers = wire::headers(&request.headers)?;
    let (content_type, body) = match request.body {
        None => (None, None),
        Some(RequestBody::Json(body)) => (
            Some("application/json"),
            Some(Bytes::from(body.to_string())),
        ),
        Some(RequestBody::Content {
            content_type,
            bytes,
        }) => (Some(content_type), Some(Bytes::from(bytes))),
    };
    if let Some(content_type) = content_type {
        let named = headers.entry(header::CONTENT_TYPE);
        named.or_insert(HeaderValue::from_static(content_type));
    }
    let path_and_query = with_query(&request.path, &request.query);
    Ok(Wire {
        target: target(operation, snapshot, request.root, path_and_query)?,
        method: Method::try_from(operation.method)
            .map_err(|_| Error::Unexpected(format!("`{}` is no HTTP method", operation.method)))?,
        headers,
        body,
        repeat: repeat(operation.repeat),
    })
}

fn target(
    operation: &Operation,
    snapshot: &Snapshot,
    root: Root,
    path_and_query: String,
) -> Result<Target> {
    let below = |url: &str| {
        let text = format!("{}{path_and_query}", url.trim_end_matches('/'));
        text.parse()
            .map(Target::Url)
            .map_err(|_| Error::Unexpected(format!("`{}` has no address", operation.id)))
    };
    match (root, &snapshot.environment) {
        (Root::Environment, Some(environment)) => below(environment.as_str()),
        (Root::Host, _) => {
            let origin = snapshot.api_root()?.origin().ascii_serialization();
            below(&origin)
        }
        _ => Ok(Target::Path {
            api: operation.api,
            environment: snapshot.environment.clone(),
            path_and_query,
        }),
    }
}

fn with_query(path: &str, query: &[(String, String)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    format!("{path}?{query}")
}

/// Only what changes nothing, or the same again, may be sent twice without looking.
pub(crate) fn repeat(repeat: catalog::Repeat) -> Repeat {
    match repeat {
        catalog::Repeat::Safe | catalog::Repeat::Idempotent => Repeat::Safe,
        catalog::Repeat::Look(_) | catalog::Repeat::Never => Repeat::Never,
    }
}

/// Sends, and reads the answer whole. A refusal by Microsoft is an error with its diagnosis.
pub(crate) async fn exchange(parts: &Parts, ready: &Ready) -> Result<(Answer, model::RemoteIds)> {
    let incoming = wire::send(parts, &ready.snapshot, &ready.permit, &ready.wire).await?;
    let remote = record::remote_ids(&incoming.headers);
    if !incoming.status.is_success() {
        return Err(refused(
            &ready.snapshot,
            ready.operation,
            ready.permit.deed().target.as_deref(),
            incoming,
        )
        .await);
    }
    let status = incoming.status.as_u16();
    let content_type = content_type(&incoming.headers);
    let location = behavior::location(&ready.snapshot, ready.behavior, &incoming.headers);
    let mut body = incoming.body.bytes(ANSWER_LIMIT).await?;
    let mut content_type = content_type;
    if let Some(location) = location.filter(|_| body.is_empty()) {
        content_type = Some("application/json".to_owned());
        body = serde_json::json!({ "location": location })
            .to_string()
            .into();
    }
    Ok((
        Answer {
            status,
            content_type,
            body,
            cursor: None,
            activity: None,
            replayed: false,
        },
        remote,
    ))
}

pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// Microsoft's refusal, kept whole and explained.
pub(crate) async fn refused(
    snapshot: &Snapshot,
    operation: Option<&'static Operation>,
    target: Option<&str>,
    incoming: Incoming,
) -> Error {
    let retry_after = incoming.retry_after.map(|wait| wait.as_secs());
    let status = incoming.status;
    let headers = incoming.headers;
    match incoming.body.bytes(ANSWER_LIMIT).await {
        Ok(body) => {
            let fault = GraphFault::parse(status, &headers, &body);
            let diagnosis = Box::new(diagnose_graph(snapshot, operation, target, &fault));
            Error::Microsoft {
                status: status.as_u16(),
                diagnosis,
                body,
                retry_after,
            }
        }
        Err(error) => error.into(),
    }
}

/// A read is never uncertain: it can be asked again.
pub(crate) fn settled(error: Error) -> Error {
    match error {
        Error::Uncertain { message, .. } => Error::Unreachable(message),
        other => other,
    }
}
