//! The way of a call: operation, input, policy, permission, token, request, activity, answer.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use catalog::Operation;
use connections::{Caller, Context, Live, TokenBroker};
use http::{HeaderMap, HeaderValue};
use microsoft::{ApiClient, Content};
use model::{ActivityId, ConnectionId, OperationKind};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::behavior::batch::{self, Form};
use crate::exchange::settled;
use crate::idempotency::Running;
use crate::policy::{Deed, Known};
use crate::ready::{self, Ready};
use crate::tally::Tally;
use crate::{Error, Result, behavior, pages, record, write};

/// What every part of a call needs.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) context: Context,
    pub(crate) live: Live,
    pub(crate) broker: TokenBroker,
    pub(crate) api: ApiClient,
    /// Idempotency keys that this process works on right now.
    pub(crate) running: Running,
    /// What the places are that connections are held to.
    pub(crate) known: Known,
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
                known: Known::default(),
            },
        }
    }

    /// The connection of this name that the caller sees.
    pub async fn named(&self, caller: &Caller, name: &str) -> Result<ConnectionId> {
        let snapshot = self.parts.live.named(caller, name).await?;
        Ok(snapshot.connection.id)
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
        let mut sent = None;
        if let Some(field) = field
            && let Some(file) = content.take()
        {
            // One request with all of it in its body; larger files go by a session.
            let bytes = behavior::whole_file(file).await?;
            sent = Some(bytes.len() as u64);
            call.input
                .insert(field.to_owned(), STANDARD.encode(bytes).into());
        }
        let mut ready = self.ready(&call).await?;
        ready.bring(content);
        ready.file_bytes = ready.content_length.or(sent);
        match ready.permit.deed().kind {
            OperationKind::Read => {
                let mut answer = self.read(&call, &ready).await?;
                if ready.operation.is_some_and(|operation| operation.paging) {
                    answer.cursor = pages::cursor(&ready, &answer.body);
                }
                Ok(answer)
            }
            _ => write::run(&self.parts, call.caller, ready, call.idempotency_key).await,
        }
    }

    /// A page of a list whose reader looks for the next one itself.
    pub(crate) async fn page(&self, call: &Call<'_>) -> Result<Answer> {
        let ready = self.ready(call).await?;
        let mut answer = self.read(call, &ready).await?;
        answer.cursor = pages::told(&ready, &answer.body);
        Ok(answer)
    }

    /// What `run` would send, decided but not sent.
    pub async fn plan(&self, call: Call<'_>) -> Result<Plan> {
        let ready = self.ready(&call).await?;
        let url = ready.wire.url(&ready.snapshot)?;
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
        let outcome = outcome.map_err(|error| settled(error).during(ready.permit.deed()));
        let told = outcome
            .as_ref()
            .map(|coming| (coming.status.as_u16(), coming.remote.clone()));
        let line = model::Activity {
            intent_id: None,
            ..record::ended(context, &begun, told)
        };
        let activity = line.id;
        let coming = match outcome {
            Ok(coming) => coming,
            Err(error) => {
                context.journal.note(line).await;
                return Err(error);
            }
        };
        let tally = Tally::of(context, line, &coming.headers);
        tracing::debug!(operation.id = operation.id, "a file begins to come");
        Ok(Streamed {
            status: coming.status,
            headers: coming.headers,
            bytes: tally.over(coming.bytes),
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
        let outcome = outcome.map_err(|error| settled(error).during(ready.permit.deed()));
        let line = record::ended(
            &parts.context,
            &begun,
            outcome
                .as_ref()
                .map(|(answer, remote)| (answer.status, remote.clone())),
        );
        let is_file = ready
            .operation
            .is_some_and(|operation| operation.result.bytes);
        let answered = outcome.as_ref().ok().filter(|_| is_file);
        let line = model::Activity {
            intent_id: None,
            bytes_received: answered.and_then(|(answer, _)| i64::try_from(answer.body.len()).ok()),
            ..line
        };
        let activity = line.id;
        parts.context.journal.note(line).await;
        let (answer, _) = outcome?;
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
        let input = ready::with_defaults(&call.input, operation, &snapshot);
        let deed = Deed::of(operation, ready::target(operation, &snapshot, &input));
        let outcome = if let Some(form) = Form::of(operation.behavior) {
            batch::prepare(parts, form, call, &input, operation, &snapshot).await
        } else {
            let decided = ready::prepare(parts, call, &input, operation, &snapshot).await;
            decided.map(|(permit, wire)| {
                Ready::catalogued(operation, Arc::clone(&snapshot), permit, wire, input)
            })
        };
        let outcome = outcome.map_err(|error| error.during(&deed));
        if let Err(error) = &outcome {
            let line = record::refused(&parts.context, call.caller, &snapshot, &deed, error);
            parts.context.journal.note(line).await;
        }
        outcome
    }
}
