//! Where delta queries are: kept under a name, sealed, for one operation with one input.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connections::{Caller, Snapshot};
use jiff::Timestamp;
use model::{ConnectionId, Sealed, sha256};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::CursorRow;

use crate::{Call, Error, Result, Runner, policy, record};

/// In one connection.
const MOST: usize = 100;
const LONGEST_NAME: usize = 64;

/// What may be shown of a kept place.
#[derive(Debug, Clone, Serialize)]
pub struct Cursor {
    pub name: String,
    pub operation: String,
    /// How many rounds were read and kept.
    pub rounds: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) operation: String,
    /// SHA-256 of the input: a link answers what was asked first.
    pub(super) input: [u8; 32],
    pub(super) round: i64,
    pub(super) began: Timestamp,
    pub(super) link: String,
}

/// Where a round begins.
pub(super) struct Start {
    pub(super) input: [u8; 32],
    /// The one that was kept last; zero before the first.
    pub(super) round: i64,
    pub(super) began: Timestamp,
    pub(super) link: Option<String>,
}

impl Runner {
    /// Places that are kept for the connection, by name.
    pub async fn cursors(&self, caller: &Caller, connection: ConnectionId) -> Result<Vec<Cursor>> {
        let snapshot = self.seen(caller, connection).await?;
        let mut tx = self.parts.context.store.read().await?;
        let rows = tx.cursors(caller.workspace_id, snapshot.connection.id);
        Ok(rows.await?.into_iter().map(shown).collect())
    }

    /// Keeps what the last line of a round held: the next round begins there. Kept once; a second time, or after another
    /// reader's round, it is refused.
    pub async fn keep_cursor(
        &self,
        caller: &Caller,
        connection: ConnectionId,
        name: &str,
        keep: &str,
    ) -> Result<Cursor> {
        let snapshot = self.used(caller, connection).await?;
        let outcome = self.moved(caller, &snapshot, name, keep).await;
        let action = match &outcome {
            Ok(cursor) if cursor.rounds == 1 => "cursor.create",
            _ => "cursor.move",
        };
        self.told(caller, &snapshot, action, name, outcome.as_ref().err())
            .await?;
        outcome
    }

    async fn moved(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        name: &str,
        keep: &str,
    ) -> Result<Cursor> {
        let unknown = || wrong("keep", "this is not the last line of a round of this name");
        let sealed = URL_SAFE_NO_PAD.decode(keep).map_err(|_| unknown())?;
        let sealed = Sealed::from_bytes(sealed);
        let place = self.opened(snapshot, name, &sealed).await;
        let place = place.map_err(|_| unknown())?;
        let context = &self.parts.context;
        let row = CursorRow {
            name: name.to_owned(),
            operation: place.operation,
            round: place.round,
            sealed,
            created_at: place.began,
            updated_at: context.now(),
        };
        let mut tx = context.store.write().await?;
        let (workspace, id) = (caller.workspace_id, snapshot.connection.id);
        if !tx.move_cursor(workspace, id, &row).await? {
            return Err(connections::Error::Conflict.into());
        }
        if tx.cursors(workspace, id).await?.len() > MOST {
            return Err(full());
        }
        // As it is kept: a database counts in microseconds.
        let kept = tx.cursor(workspace, id, name).await?;
        tx.commit().await?;
        Ok(shown(kept.unwrap_or(row)))
    }

    /// Forgets a place: the next round of its name begins with everything.
    pub async fn delete_cursor(
        &self,
        caller: &Caller,
        connection: ConnectionId,
        name: &str,
    ) -> Result<()> {
        let snapshot = self.used(caller, connection).await?;
        let mut tx = self.parts.context.store.write().await?;
        if !tx
            .delete_cursor(caller.workspace_id, snapshot.connection.id, name)
            .await?
        {
            return Err(connections::Error::NotFound {
                what: "cursor",
                id: name.to_owned(),
            }
            .into());
        }
        tx.commit().await?;
        self.told(caller, &snapshot, "cursor.delete", name, None)
            .await
    }

    /// A line of the log for what happened to a place: kept first, moved on and so acknowledged, begun anew, or deleted.
    pub(super) async fn told(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        action: &str,
        name: &str,
        refused: Option<&Error>,
    ) -> Result<()> {
        let context = &self.parts.context;
        let line = record::changed(context, caller, snapshot, action, name, refused);
        Ok(context.journal.record(line).await?)
    }

    /// The place kept under `name`, if it is of this operation and input; the very first one otherwise.
    pub(super) async fn start(&self, call: &Call<'_>, name: &str) -> Result<Start> {
        check_name(name)?;
        let snapshot = self.used(call.caller, call.connection).await?;
        let input = hash(&call.input);
        let context = &self.parts.context;
        let mut tx = context.store.read().await?;
        let (workspace, id) = (call.caller.workspace_id, snapshot.connection.id);
        let row = tx.cursor(workspace, id, name).await?;
        if row.is_none() && tx.cursors(workspace, id).await?.len() >= MOST {
            return Err(full());
        }
        drop(tx);
        let Some(row) = row else {
            let began = context.now();
            return Ok(Start {
                input,
                round: 0,
                began,
                link: None,
            });
        };
        let place = self.opened(&snapshot, name, &row.sealed).await?;
        if place.operation != call.operation || place.input != input {
            let message = format!(
                "`{name}` follows `{}` with its own input; use that, or another name",
                place.operation
            );
            return Err(Error::Input {
                code: "delta_mismatch",
                field: Some("delta".to_owned()),
                message,
            });
        }
        Ok(Start {
            input,
            round: row.round,
            began: row.created_at,
            link: Some(place.link),
        })
    }

    pub(super) async fn sealed(
        &self,
        caller: &Caller,
        connection: ConnectionId,
        name: &str,
        place: &Place,
    ) -> Result<String> {
        let snapshot = self.seen(caller, connection).await?;
        let text =
            serde_json::to_string(place).map_err(|error| Error::Unexpected(error.to_string()))?;
        let seals = &self.parts.context.seals;
        let sealed = seals.seal_cursor(&snapshot.connection, name, &text).await?;
        Ok(URL_SAFE_NO_PAD.encode(sealed.as_bytes()))
    }

    async fn opened(&self, snapshot: &Snapshot, name: &str, sealed: &Sealed) -> Result<Place> {
        let seals = &self.parts.context.seals;
        let text = seals
            .open_cursor(&snapshot.connection, name, sealed)
            .await?;
        serde_json::from_str(&text)
            .map_err(|_| Error::Unexpected("a kept cursor does not read".to_owned()))
    }

    pub(super) async fn seen(
        &self,
        caller: &Caller,
        connection: ConnectionId,
    ) -> Result<Arc<Snapshot>> {
        let live = &self.parts.live;
        let snapshot = live.get(caller.workspace_id, connection).await?;
        policy::may_see(caller, &snapshot)?;
        Ok(snapshot)
    }

    async fn used(&self, caller: &Caller, connection: ConnectionId) -> Result<Arc<Snapshot>> {
        let snapshot = self.seen(caller, connection).await?;
        policy::may_use(caller, &snapshot)?;
        Ok(snapshot)
    }
}

fn shown(row: CursorRow) -> Cursor {
    Cursor {
        name: row.name,
        operation: row.operation,
        rounds: row.round,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The same for the same fields, in whatever order they came.
fn hash(input: &Map<String, Value>) -> [u8; 32] {
    let mut input = Value::Object(input.clone());
    input.sort_all_objects();
    sha256(input.to_string().as_bytes())
}

fn check_name(name: &str) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err(wrong(
        "delta",
        "a name has 1 to 64 letters, digits, `.`, `_` or `-`",
    ))
}

fn full() -> Error {
    let message = format!("the connection has {MOST} cursors; delete one that is no longer read");
    wrong("delta", &message)
}

fn wrong(field: &str, message: &str) -> Error {
    Error::Input {
        code: "invalid_input",
        field: Some(field.to_owned()),
        message: message.to_owned(),
    }
}
