//! A line of the log between the model and its columns.

use model::{
    Activity, ActivityId, ActivityKind, Actor, ChainLink, ConnectionId, OperationKind, Outcome,
    Phase, WorkspaceId, WriterId,
};
use serde::Serialize;

use crate::row::{Row, unreadable};
use crate::statement::json;
use crate::{ChainedActivity, Result};

pub(super) const LINE: &str = "workspace_id, id, at, actor_type, actor_id, kind, action, connection_id, target, \
    phase, intent_id, outcome, status, code, duration_us, remote";

/// A line's columns by name, as they travel in one JSON array.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    workspace_id: WorkspaceId,
    id: ActivityId,
    at: i64,
    actor_type: &'static str,
    actor_id: Option<&'a str>,
    kind: &'static str,
    action: &'a str,
    connection_id: Option<ConnectionId>,
    target: Option<&'a str>,
    phase: Phase,
    intent_id: Option<ActivityId>,
    outcome: Outcome,
    status: Option<u16>,
    code: Option<&'a str>,
    duration_us: Option<i64>,
    remote: String,
    writer: WriterId,
    seq: i64,
    prev_hash: String,
    hash: String,
}

impl<'a> From<&'a ChainedActivity> for Line<'a> {
    fn from(ChainedActivity { line, link }: &'a ChainedActivity) -> Self {
        let (actor_type, actor_id) = actor_columns(&line.actor);
        Self {
            workspace_id: line.workspace_id,
            id: line.id,
            at: line.at.as_microsecond(),
            actor_type,
            actor_id,
            kind: kind_id(line.kind),
            action: &line.action,
            connection_id: line.connection_id,
            target: line.target.as_deref(),
            phase: line.phase,
            intent_id: line.intent_id,
            outcome: line.outcome,
            status: line.status,
            code: line.code.as_deref(),
            duration_us: line.duration_us,
            remote: json(&line.remote),
            writer: link.writer,
            seq: link.seq,
            prev_hash: hex::encode(link.prev_hash),
            hash: hex::encode(link.hash),
        }
    }
}

/// What `open_intents` needs to know of an intent.
#[derive(Serialize)]
pub(super) struct Intent {
    workspace_id: WorkspaceId,
    id: ActivityId,
    writer: WriterId,
}

impl Intent {
    pub(super) fn new(chained: &ChainedActivity, id: ActivityId) -> Self {
        Self {
            workspace_id: chained.line.workspace_id,
            id,
            writer: chained.link.writer,
        }
    }
}

fn actor_columns(actor: &Actor) -> (&'static str, Option<&str>) {
    match actor {
        Actor::Member(id) => ("member", Some(id)),
        Actor::ApiKey(id) => ("api_key", Some(id)),
        Actor::System => ("system", None),
        Actor::Anonymous => ("anonymous", None),
    }
}

fn actor(row: &impl Row) -> Result<Actor> {
    match row.text("actor_type")?.as_str() {
        "member" => Ok(Actor::Member(row.text("actor_id")?)),
        "api_key" => Ok(Actor::ApiKey(row.text("actor_id")?)),
        "system" => Ok(Actor::System),
        "anonymous" => Ok(Actor::Anonymous),
        other => Err(unreadable("actor_type", format!("`{other}` is no actor"))),
    }
}

/// One word for both levels: no kind of operation is called like another kind of line.
fn kind_id(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Operation(operation) => operation.id(),
        ActivityKind::Token => "token",
        ActivityKind::Change => "change",
        ActivityKind::Access => "access",
    }
}

fn kind(row: &impl Row) -> Result<ActivityKind> {
    match row.text("kind")?.as_str() {
        "token" => Ok(ActivityKind::Token),
        "change" => Ok(ActivityKind::Change),
        "access" => Ok(ActivityKind::Access),
        _ => row
            .parsed::<OperationKind>("kind")
            .map(ActivityKind::Operation),
    }
}

pub(super) fn phase_id(phase: Phase) -> &'static str {
    match phase {
        Phase::Intent => "intent",
        Phase::Result => "result",
    }
}

fn status(row: &impl Row) -> Result<Option<u16>> {
    row.maybe_integer("status")?
        .map(|status| u16::try_from(status).map_err(|e| unreadable("status", e)))
        .transpose()
}

pub(super) fn activity(row: &impl Row) -> Result<Activity> {
    Ok(Activity {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        at: row.instant("at")?,
        actor: actor(row)?,
        kind: kind(row)?,
        action: row.text("action")?,
        connection_id: row.maybe_parsed("connection_id")?,
        target: row.maybe_text("target")?,
        phase: row.named("phase")?,
        intent_id: row.maybe_parsed("intent_id")?,
        outcome: row.named("outcome")?,
        status: status(row)?,
        code: row.maybe_text("code")?,
        duration_us: row.maybe_integer("duration_us")?,
        remote: row.json("remote")?,
    })
}

pub(super) fn chained(row: &impl Row) -> Result<ChainedActivity> {
    let link = ChainLink {
        writer: row.parsed("writer")?,
        seq: row.integer("seq")?,
        prev_hash: row.hash("prev_hash")?,
        hash: row.hash("hash")?,
    };
    Ok(ChainedActivity {
        line: activity(row)?,
        link,
    })
}
