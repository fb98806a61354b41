mod answer;
mod content;

pub(super) use self::answer::ACTIVITY;
pub(crate) use self::content::is_file as brings_a_file;
pub(super) use self::content::patiently;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use catalog::{Operation, Support};
use http::{HeaderMap, StatusCode};
use microsoft::Content;
use model::{Api, ConnectionMethod, OperationKind, Service};
use operations::Call;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::input::{Asked, At, called};
use super::list::List;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::{App, metrics, openapi};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Search {
    service: Option<Service>,
    /// Words that all occur.
    q: Option<String>,
}

/// The same, as the document tells it.
pub(crate) const SEARCH: [openapi::Asked; 2] = [
    ("service", "string", "Those that run on this one"),
    ("q", "string", "Words that all occur, what fits best first"),
];

/// How to run it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mode {
    /// The `consentry-cursor` of the page before.
    cursor: Option<String>,
    /// Every page, one item a line.
    all: bool,
    /// Changes since the round that was kept under this name.
    delta: Option<String>,
    /// Only say what would be sent.
    dry_run: bool,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    id: &'static str,
    title: &'static str,
    summary: &'static str,
    kind: OperationKind,
    api: Api,
    services: &'static [Service],
    paging: bool,
}

#[derive(Serialize)]
pub(crate) struct Described {
    #[serde(flatten)]
    listed: Listed,
    method: &'static str,
    path: &'static str,
    docs: &'static str,
    support: [MethodSupport; 2],
    input_schema: Value,
    example: Value,
}

#[derive(Serialize)]
struct MethodSupport {
    method: ConnectionMethod,
    #[serde(rename = "supported")]
    is_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<&'static str>,
    /// Together enough, and nothing lower is.
    least_permissions: &'static [&'static str],
    /// Each of them is accepted by itself.
    accepted_permissions: &'static [&'static str],
    /// What the permission depends on, where it follows from the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    depends: Option<&'static str>,
    /// What a security role of Dataverse has to give.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    privileges: &'static [&'static str],
}

pub(crate) async fn list(Asked(search): Asked<Search>) -> Json<List<Listed>> {
    let found: Vec<&'static Operation> = match search.q.as_deref().map(str::trim) {
        Some(words) if !words.is_empty() => catalog::search(words),
        _ => catalog::operations().iter().collect(),
    };
    let of_service = |operation: &&&Operation| {
        search
            .service
            .is_none_or(|service| operation.runs_on(service))
    };
    Json(List::whole(
        found
            .iter()
            .filter(of_service)
            .map(|operation| listed(operation))
            .collect(),
    ))
}

pub(crate) async fn show(At(id): At<String>) -> Result<Json<Described>, Problem> {
    let Some(operation) = catalog::operation(&id) else {
        let nearest = catalog::nearest(&id, 3);
        return Err(::operations::Error::OperationNotFound { id, nearest }.into());
    };
    Ok(Json(Described {
        listed: listed(operation),
        method: operation.method,
        path: operation.path,
        docs: operation.docs,
        support: ConnectionMethod::ALL.map(|method| supported(operation, method)),
        input_schema: operation.input_schema(operation.usual_method()),
        example: operation.example(operation.usual_method()),
    }))
}

pub(crate) async fn run(
    State(app): State<App>,
    caller: Caller,
    At((connection, operation)): At<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let answer = Box::pin(answered(&app, &caller, &connection, &operation, request));
    answer.await.map_err(|problem| problem.of_input(&operation))
}

async fn answered(
    app: &App,
    caller: &Caller,
    connection: &str,
    operation: &str,
    request: Request,
) -> Result<Response, Problem> {
    let key = idempotency_key(request.headers())?;
    let Asking {
        mode,
        input,
        content,
    } = Asking::read(app, operation, request).await?;
    let call = Call {
        caller,
        connection: called(app, caller, connection).await?,
        operation,
        input,
        cursor: mode.cursor.as_deref(),
        idempotency_key: key.as_deref(),
    };
    if mode.dry_run {
        return Ok(Json(app.runner().plan(call).await?).into_response());
    }
    if let Some(name) = &mode.delta {
        return answer::lines(app.runner().changes(&call, name).await?).await;
    }
    if mode.all {
        return answer::lines(app.runner().run_all(&call)).await;
    }
    if catalog::operation(operation).is_some_and(|operation| operation.result.bytes) {
        return Ok(answer::file(app.runner().download(call).await?));
    }
    let started = Instant::now();
    let outcome = app.runner().run_with(call, content).await;
    if let Some(operation) = catalog::operation(operation) {
        let ended = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::operation_took(operation.id, ended, started.elapsed());
    }
    Ok(answer::one(outcome?))
}

/// What a request asks: fields as JSON, or a file's bytes with the fields in the query.
struct Asking {
    mode: Mode,
    input: Map<String, Value>,
    content: Option<Content>,
}

impl Asking {
    async fn read(app: &App, operation: &str, request: Request) -> Result<Self, Problem> {
        if content::is_file(request.headers()) {
            return content::read(operation, request);
        }
        let (mut parts, body) = request.into_parts();
        let Asked(mode) = Asked::from_request_parts(&mut parts, app).await?;
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self {
            mode,
            input: input(&body)?,
            content: None,
        })
    }
}

/// No body is an input without fields.
fn input(body: &Bytes) -> Result<Map<String, Value>, Problem> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    Ok(axum::Json::<Map<String, Value>>::from_bytes(body)?.0)
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    match key {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_input",
            "the `Idempotency-Key` must have 1 to 255 visible ASCII characters",
        )
        .field("Idempotency-Key")
        .next("send a UUID, and the same one when you repeat the request")),
    }
}

fn listed(operation: &'static Operation) -> Listed {
    Listed {
        id: operation.id,
        title: operation.title,
        summary: operation.summary,
        kind: operation.kind,
        api: operation.api,
        services: operation.services,
        paging: operation.paging,
    }
}

fn supported(operation: &'static Operation, method: ConnectionMethod) -> MethodSupport {
    let (reason, instead) = match operation.support(method) {
        Support::Supported => (None, None),
        Support::Refused { reason, instead } => (Some(reason), Some(instead)),
    };
    let permissions = operation.permissions(method);
    MethodSupport {
        method,
        is_supported: reason.is_none(),
        reason,
        instead,
        least_permissions: permissions.least,
        accepted_permissions: permissions.any,
        depends: permissions.depends,
        privileges: permissions.privileges,
    }
}
