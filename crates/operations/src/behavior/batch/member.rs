//! The members of a batch, each prepared and decided like a call of its own.

use std::sync::Arc;

use bytes::Bytes;
use catalog::Operation;
use connections::{Caller, Snapshot};
use http::{HeaderValue, Method};
use microsoft::odata::{Part, json_body};
use model::{ConnectionMethod, OperationKind};
use serde_json::{Map, Value};
use url::Url;

use super::order::{self, Order};
use super::reference::{self, Made};
use super::{Form, fate};
use crate::policy;
use crate::ready::{self, Ready};
use crate::runner::Parts;
use crate::{Call, Error, Result, input};

/// What a batch is made of.
pub(crate) struct Batch {
    pub(super) form: Form,
    pub(super) caller: Caller,
    /// As the caller listed them.
    pub(super) members: Vec<Member>,
    /// Their places, each after those it depends on.
    pub(super) sequence: Vec<usize>,
    /// Whether those after a failure are tried.
    pub(super) goes_on: bool,
    /// All or none.
    pub(super) is_whole: bool,
}

pub(super) struct Member {
    /// Its caller's name.
    pub(super) id: String,
    pub(super) ready: Ready,
    pub(super) operation: &'static Operation,
    /// As it is written into the envelope; its id there is its place and one.
    pub(super) part: Part,
    /// Whole, to be counted.
    pub(super) url: Url,
    /// Places of those that have to succeed before.
    pub(super) after: Vec<usize>,
}

impl Member {
    pub(super) fn may_repeat(&self) -> bool {
        matches!(
            self.ready.repeat,
            catalog::Repeat::Safe | catalog::Repeat::Idempotent
        )
    }

    pub(super) fn is_read(&self) -> bool {
        self.ready.permit.deed().kind == OperationKind::Read
    }
}

/// Decides on each member, and then on the batch. One that is refused refuses the whole, and is named.
pub(crate) async fn prepare(
    parts: &Parts,
    form: Form,
    call: &Call<'_>,
    input: &Map<String, Value>,
    operation: &'static Operation,
    snapshot: &Arc<Snapshot>,
) -> Result<Ready> {
    refuse_method(operation, snapshot.connection.method)?;
    input::check(operation, snapshot.connection.method, input)?;
    let requests = input.get("requests").and_then(Value::as_array);
    let requests = requests.map(Vec::as_slice).unwrap_or_default();
    let Order {
        ids,
        after,
        sequence,
    } = order::read(requests)?;
    let mut members: Vec<Member> = Vec::with_capacity(requests.len());
    let mut made = Vec::new();
    for (place, (request, after)) in requests.iter().zip(after).enumerate() {
        let id = &ids[place];
        let of = Of {
            parts,
            form,
            call,
            snapshot,
            made: &made,
            place,
        };
        let mut member = of
            .member(request, id)
            .await
            .map_err(|error| fate::named(error, place, id))?;
        member.part.after = after.iter().map(|place| place + 1).collect();
        member.after = after;
        if form == Form::ChangeSet {
            made.push(Made {
                id: id.clone(),
                entity_set: entity_set(&member.url, snapshot)?,
            });
        }
        members.push(member);
    }
    let is = |name: &str, value: &Value| input.get(name) == Some(value);
    let batch = Batch {
        form,
        caller: call.caller.clone(),
        sequence,
        goes_on: form == Form::Graph || is("continueOnError", &true.into()),
        is_whole: form == Form::ChangeSet || is("isolation", &"snapshot".into()),
        members,
    };
    envelope(call, input, operation, snapshot, batch)
}

fn refuse_method(operation: &Operation, method: ConnectionMethod) -> Result<()> {
    match operation.support(method) {
        catalog::Support::Supported => Ok(()),
        catalog::Support::Refused { reason, instead } => Err(Error::Unsupported {
            reason: reason.to_owned(),
            instead: instead.to_owned(),
        }),
    }
}

/// The batch as one thing to do: of its members' kind, and no more to be repeated than they are.
fn envelope(
    call: &Call<'_>,
    input: &Map<String, Value>,
    operation: &'static Operation,
    snapshot: &Arc<Snapshot>,
    batch: Batch,
) -> Result<Ready> {
    let permits = batch.members.iter().map(|member| &member.ready.permit);
    let permit = policy::permit_batch(call.caller, snapshot, operation, permits)?;
    let mut wire = ready::plain(operation, snapshot, input)?;
    let parts: Vec<_> = batch
        .members
        .iter()
        .map(|member| member.part.clone())
        .collect();
    wire.body = Some(json_body(&parts).to_string().into());
    if batch.goes_on && batch.form != Form::Graph {
        let goes_on = HeaderValue::from_static("odata.continue-on-error");
        wire.headers.insert("prefer", goes_on);
    }
    if batch.is_whole && batch.form == Form::BusinessCentral {
        let snapshot = HeaderValue::from_static("snapshot");
        wire.headers.insert("isolation", snapshot);
    }
    let all = |of: fn(&Member) -> bool| batch.members.iter().all(of);
    let repeat = if all(Member::is_read) {
        catalog::Repeat::Safe
    } else if all(Member::may_repeat) {
        catalog::Repeat::Idempotent
    } else {
        catalog::Repeat::Never
    };
    let mut ready = Ready::catalogued(operation, Arc::clone(snapshot), permit, wire, input.clone());
    ready.repeat = repeat;
    ready.batch = Some(batch);
    Ok(ready)
}

/// Where a member stands.
struct Of<'a> {
    parts: &'a Parts,
    form: Form,
    call: &'a Call<'a>,
    snapshot: &'a Arc<Snapshot>,
    made: &'a [Made],
    place: usize,
}

impl Of<'_> {
    async fn member(&self, request: &Value, id: &str) -> Result<Member> {
        let operation = self.operation(request)?;
        let mut input = request["input"].as_object().cloned().unwrap_or_default();
        if self.form == Form::ChangeSet {
            input = reference::stand_ins(operation, &input, self.place, self.made)?;
        }
        let input = ready::with_defaults(&input, operation, self.snapshot);
        let call = Call {
            operation: operation.id,
            input: input.clone(),
            cursor: None,
            idempotency_key: None,
            ..self.call.clone()
        };
        let (permit, wire) =
            ready::prepare(self.parts, &call, &input, operation, self.snapshot).await?;
        let url = wire.url(self.snapshot)?;
        let part = Part {
            id: self.place + 1,
            method: wire.method.clone(),
            url: self.address(&url)?,
            headers: wire.headers.clone(),
            body: self.body(wire.body.clone()),
            after: Vec::new(),
        };
        let ready = Ready::catalogued(operation, Arc::clone(self.snapshot), permit, wire, input);
        Ok(Member {
            id: id.to_owned(),
            ready,
            operation,
            part,
            url,
            after: Vec::new(),
        })
    }

    /// One that is one request, to the API that the batch goes to.
    fn operation(&self, request: &Value) -> Result<&'static Operation> {
        let id = request["operation"].as_str().unwrap_or_default();
        let refused = |code, message| Error::Input {
            code,
            field: Some(format!("requests.{}.operation", self.place)),
            message,
        };
        let operation = catalog::operation(id).ok_or_else(|| {
            let nearest = catalog::nearest(id, 3).join("`, `");
            let message = format!("there is no operation `{id}`; near to it are `{nearest}`");
            refused("operation_not_found", message)
        })?;
        let policy = &self.snapshot.connection.policy;
        let is_one = matches!(operation.behavior, None | Some("location" | "copy"))
            && !policy::lists_given_sites(policy, operation);
        if !is_one {
            let message = format!(
                "`{id}` takes more than one request, and is no part of a batch; run it by itself"
            );
            return Err(refused("invalid_input", message));
        }
        if self.form == Form::ChangeSet && operation.method == Method::GET.as_str() {
            let message = format!("`{id}` reads, and a change set holds writes only");
            return Err(refused("invalid_input", message));
        }
        let is_content = |parameter: &catalog::Parameter| {
            matches!(parameter.location, catalog::Location::Content { .. })
        };
        if self.form == Form::BusinessCentral && operation.parameters.iter().any(is_content) {
            let message = format!(
                "`{id}` sends a file's bytes, which Business Central takes in no batch; run it by itself"
            );
            return Err(refused("invalid_input", message));
        }
        Ok(operation)
    }

    /// As the envelope wants it: below the version, or below the host.
    fn address(&self, url: &Url) -> Result<String> {
        let below = below(url, self.snapshot)?;
        let query = url
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        Ok(match self.form {
            Form::Graph | Form::BusinessCentral => format!("{below}{query}"),
            Form::Dataverse => format!("{}{query}", url.path()),
            Form::ChangeSet => match reference::in_url(&below, self.made) {
                Some(address) => format!("{address}{query}"),
                None => format!("{}{query}", url.path()),
            },
        })
    }

    fn body(&self, body: Option<Bytes>) -> Option<Bytes> {
        if self.made.is_empty() {
            return body;
        }
        let body = body?;
        match serde_json::from_slice(&body) {
            Ok(mut value) => {
                reference::in_body(&mut value, self.made);
                Some(value.to_string().into())
            }
            Err(_) => Some(body),
        }
    }
}

/// The path below the API's version.
fn below(url: &Url, snapshot: &Snapshot) -> Result<String> {
    let root = snapshot.api_root()?;
    let below = url
        .path()
        .strip_prefix(root.path().trim_end_matches('/'))
        .filter(|below| below.starts_with('/') && url.origin() == root.origin());
    below.map(str::to_owned).ok_or_else(|| Error::Unsupported {
        reason: "it is served at another address than a batch".to_owned(),
        instead: "run it by itself".to_owned(),
    })
}

/// `accounts` of `/accounts(…)`
fn entity_set(url: &Url, snapshot: &Snapshot) -> Result<String> {
    let below = below(url, snapshot)?;
    let first = below.trim_start_matches('/').split('/').next();
    let set = first.unwrap_or_default().split('(').next();
    Ok(set.unwrap_or_default().to_owned())
}
