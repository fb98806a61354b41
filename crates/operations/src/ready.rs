//! From an input to the request that it means, decided but not sent.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use catalog::{Operation, RequestBody, Root};
use connections::Snapshot;
use http::{HeaderMap, HeaderValue, Method, header};
use microsoft::{Content, Repeat, Target};
use serde_json::{Map, Value};

use crate::behavior::batch::Batch;
use crate::policy::{self, Permit, Wanted};
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Call, Error, Result, behavior, input, pages};

/// The headers of an answer, once it is there.
pub(crate) type Heard = Arc<Mutex<HeaderMap>>;

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
    /// Passed through as it came, and so is its answer.
    pub(crate) is_raw: bool,
    /// A file's bytes beside the input, to be read once.
    content: Mutex<Option<Content>>,
    /// Where the headers of a raw request's answer are kept for whoever wants them.
    pub(crate) heard: Option<Heard>,
    pub(crate) content_length: Option<u64>,
    /// The same, and of one that goes within the request.
    pub(crate) file_bytes: Option<u64>,
    /// The requests that it is made of, for a batch.
    pub(crate) batch: Option<Batch>,
}

impl Ready {
    /// An operation of the catalogue.
    pub(crate) fn catalogued(
        operation: &'static Operation,
        snapshot: Arc<Snapshot>,
        permit: Permit,
        wire: Wire,
        input: Map<String, Value>,
    ) -> Self {
        let behavior = if policy::lists_given_sites(&snapshot.connection.policy, operation) {
            Some(behavior::GIVEN_SITES)
        } else {
            operation.behavior
        };
        Self {
            operation: Some(operation),
            repeat: operation.repeat,
            snapshot,
            permit,
            wire,
            input,
            behavior,
            is_raw: false,
            content: Mutex::default(),
            heard: None,
            content_length: None,
            file_bytes: None,
            batch: None,
        }
    }

    /// Gives it a file's bytes.
    pub(crate) fn bring(&mut self, content: Option<Content>) {
        self.content_length = content.as_ref().map(|content| content.length);
        self.content = Mutex::new(content);
    }

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
            is_raw: true,
            content: Mutex::default(),
            heard: None,
            content_length: None,
            file_bytes: None,
            batch: None,
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
            is_raw: self.is_raw,
            content: Mutex::default(),
            heard: None,
            content_length: None,
            file_bytes: None,
            batch: None,
        }
    }

    /// The same request, where asking twice does no more than asking once.
    pub(crate) fn repeatable(&self) -> Self {
        let wire = Wire {
            repeat: Repeat::Safe,
            ..self.wire.clone()
        };
        Self {
            repeat: catalog::Repeat::Idempotent,
            ..self.with(wire)
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

/// The input, with what the connection has a default for.
pub(crate) fn with_defaults(
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

/// What the input says that it is about, for the log of what was refused.
pub(crate) fn target(
    operation: &'static Operation,
    snapshot: &Snapshot,
    input: &Map<String, Value>,
) -> Option<String> {
    request(operation, snapshot, input).ok()?.target
}

pub(crate) async fn prepare(
    parts: &Parts,
    call: &Call<'_>,
    input: &Map<String, Value>,
    operation: &'static Operation,
    snapshot: &Arc<Snapshot>,
) -> Result<(Permit, Wire)> {
    let method = snapshot.connection.method;
    if let Some(cursor) = call.cursor {
        return pages::follow(parts, call.caller, snapshot, operation, input, cursor).await;
    }
    // What service and method do not offer is said before what the input lacks for it.
    policy::fits(&snapshot.connection, operation)?;
    input::check(operation, method, input)?;
    if policy::lists_given_sites(&snapshot.connection.policy, operation) {
        let permit = policy::permit_given_sites(call.caller, snapshot, operation)?;
        return Ok((permit, behavior::first_given_site(snapshot)?));
    }
    if let Some(wire) = behavior::addressed(operation, snapshot, input)? {
        let url = wire.url(snapshot)?;
        let wanted = Wanted {
            operation,
            target: None,
            targets: operation.targets(input),
            url: &url,
            body: None,
        };
        let permit = policy::permit(parts, call.caller, snapshot, wanted).await?;
        return Ok((permit, wire));
    }
    let request = request(operation, snapshot, input)?;
    let body = match &request.body {
        Some(RequestBody::Json(body)) => Some(body.clone()),
        _ => None,
    };
    let (main, targets) = (request.target.clone(), request.targets.clone());
    let wire = wire(operation, snapshot, request)?;
    let url = wire.url(snapshot)?;
    let wanted = Wanted {
        operation,
        target: main,
        targets,
        url: &url,
        body: body.as_ref(),
    };
    let permit = policy::permit(parts, call.caller, snapshot, wanted).await?;
    Ok((permit, wire))
}

/// The operation's own request, as it would leave if it were one.
pub(crate) fn plain(
    operation: &'static Operation,
    snapshot: &Snapshot,
    input: &Map<String, Value>,
) -> Result<Wire> {
    wire(operation, snapshot, request(operation, snapshot, input)?)
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
            message: named(&error.field, error.message),
            field: Some(error.field),
        })
}

/// A sentence about a field begins with its name.
fn named(field: &str, message: String) -> String {
    let name = format!("`{field}`");
    if message.contains(&name) {
        message
    } else {
        format!("{name} {message}")
    }
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
        target: address(operation, snapshot, request.root, path_and_query)?,
        method: Method::try_from(operation.method)
            .map_err(|_| Error::Unexpected(format!("`{}` is no HTTP method", operation.method)))?,
        headers,
        body,
        repeat: repeat(operation.repeat),
    })
}

fn address(
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
