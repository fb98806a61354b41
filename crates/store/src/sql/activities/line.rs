//! A line of the log between the model and its columns.

use model::{
    Activity, ActivityId, ActivityKind, Actor, ChainLink, OperationKind, Outcome, Phase,
    WorkspaceId, WriterId,
};
use serde::Serialize;

use crate::row::{Row, unreadable};
use crate::{ChainedActivity, Result};

pub(super) const LINE: &str = "workspace_id, id, at, actor_type, actor_id, kind, action, connection_id, target, \
    phase, intent_id, outcome, status, code, duration_us, bytes_sent, bytes_received, remote";

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

pub(super) fn actor_columns(actor: &Actor) -> (&'static str, Option<&str>) {
    match actor {
        Actor::Member(id) => ("member", Some(id)),
        Actor::ApiKey(id) => ("api_key", Some(id)),
        Actor::Local => ("local", None),
        Actor::System => ("system", None),
        Actor::Anonymous => ("anonymous", None),
    }
}

fn actor(row: &impl Row) -> Result<Actor> {
    match row.text("actor_type")?.as_str() {
        "member" => Ok(Actor::Member(row.text("actor_id")?)),
        "api_key" => Ok(Actor::ApiKey(row.text("actor_id")?)),
        "local" => Ok(Actor::Local),
        "system" => Ok(Actor::System),
        "anonymous" => Ok(Actor::Anonymous),
        other => Err(unreadable("actor_type", format!("`{other}` is no actor"))),
    }
}

/// One word for both levels: no kind of operation is called like another kind of line.
pub(super) fn kind_id(kind: ActivityKind) -> &'static str {
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

pub(super) fn outcome_id(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Started => "started",
        Outcome::Ok => "ok",
        Outcome::Failed => "failed",
        Outcome::Denied => "denied",
        Outcome::Uncertain => "uncertain",
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
        bytes_sent: row.maybe_integer("bytes_sent")?,
        bytes_received: row.maybe_integer("bytes_received")?,
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
