//! Data keys replaced while calls go on. The new key seals from then on, and what lies sealed is sealed anew at once; the old
//! one stays for a while, for what others sealed who did not know yet, and goes when nothing is sealed by it any more. Envelopes
//! name their key, so that each opens whichever is current.

use jiff::SignedDuration;
use model::{AppRegistrationId, Connection, ConnectionId, DataKeyId, Sealed, WorkspaceId};
use serde::Serialize;
use store::{DataKeyRow, SealedAt, SealedCell, Transaction, repeated};
use vault::{DataKey, ExposeSecret};

use crate::seal::place;
use crate::{Context, Error, Result};

/// Longer than anybody holds a key without asking whether it is current, and than a browser's way through consent takes.
const KEPT: SignedDuration = SignedDuration::from_mins(15);
/// Removed in one turn at most; the next one takes the rest.
const TURN: i64 = 50;
/// Rows sealed anew in one transaction.
const AT_ONCE: i64 = 200;

/// How a data key was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resealed {
    pub data_key_id: DataKeyId,
    /// Values that lie under the new key now.
    pub resealed: u64,
}

/// A new data key for the connection, with its tokens under it, in one transaction; kept answers follow.
pub(crate) async fn of_connection(context: &Context, connection: &Connection) -> Result<Resealed> {
    let (workspace, id) = (connection.workspace_id, connection.id);
    let (data_key_id, tokens) = loop {
        if let Some(replaced) = repeated(|| replace_connections(context, workspace, id)).await? {
            break replaced;
        }
    };
    let answers = move_answers(context, workspace, id, data_key_id).await?;
    Ok(Resealed {
        data_key_id,
        resealed: tokens + answers,
    })
}

/// The new key, and how many values lie under it. `None` when somebody changed a token meanwhile.
async fn replace_connections(
    context: &Context,
    workspace: WorkspaceId,
    id: ConnectionId,
) -> Result<Option<(DataKeyId, u64)>> {
    let mut tx = context.store.write().await?;
    let stored = tx.hold_connection(workspace, id).await?;
    let mut stored = stored.ok_or_else(|| Error::no_connection(&id))?;
    let owner = id.to_string();
    let (new_id, new) = context.seals.create(&mut *tx, workspace, &owner).await?;
    let cells = tx.sealed_tokens(workspace, id).await?;
    let moved = move_all(context, &mut *tx, workspace, &cells, &new).await?;
    let old = stored.data_key_id.replace(new_id);
    stored.updated_at = context.now();
    if moved != cells.len() as u64 || !tx.update_connection(&stored).await? {
        return Ok(None);
    }
    retire(context, &mut *tx, workspace, old).await?;
    tx.commit().await?;
    Ok(Some((new_id, moved)))
}

/// The same for an app registration and its proofs.
pub(crate) async fn of_app(
    context: &Context,
    workspace: WorkspaceId,
    id: AppRegistrationId,
) -> Result<Resealed> {
    loop {
        if let Some(replaced) = repeated(|| replace_apps(context, workspace, id)).await? {
            return Ok(replaced);
        }
    }
}

/// `None` when somebody changed a proof meanwhile.
async fn replace_apps(
    context: &Context,
    workspace: WorkspaceId,
    id: AppRegistrationId,
) -> Result<Option<Resealed>> {
    let mut tx = context.store.write().await?;
    let app = tx.hold_app_registration(workspace, id).await?;
    let app = app.ok_or_else(|| Error::NotFound {
        what: "app registration",
        id: id.to_string(),
    })?;
    let owner = id.to_string();
    let (data_key_id, new) = context.seals.create(&mut *tx, workspace, &owner).await?;
    let cells = tx.sealed_proofs(workspace, id).await?;
    let resealed = move_all(context, &mut *tx, workspace, &cells, &new).await?;
    let old = app.data_key_id;
    let is_ours = tx.set_app_data_key(workspace, id, old, data_key_id).await?;
    if resealed != cells.len() as u64 || !is_ours {
        return Ok(None);
    }
    retire(context, &mut *tx, workspace, old).await?;
    tx.commit().await?;
    Ok(Some(Resealed {
        data_key_id,
        resealed,
    }))
}

async fn retire(
    context: &Context,
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    old: Option<DataKeyId>,
) -> Result<()> {
    if let Some(old) = old {
        tx.retire_data_key(workspace, old, context.now()).await?;
    }
    Ok(())
}

/// Seals under `new` what lies under another key; answers how many lie under `new` then.
async fn move_all(
    context: &Context,
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    cells: &[SealedCell],
    new: &DataKey,
) -> Result<u64> {
    let mut moved = 0;
    for cell in cells {
        let old = DataKey::id_of(&cell.sealed)?;
        if old == new.id() {
            moved += 1;
            continue;
        }
        let old = context.seals.key_in(tx, workspace, Some(old)).await?;
        let anew = seal_anew(&old, new, cell)?;
        moved += u64::from(tx.reseal(workspace, cell, &anew).await?);
    }
    Ok(moved)
}

/// What is kept under idempotency keys, page by page, each in a transaction of its own.
async fn move_answers(
    context: &Context,
    workspace: WorkspaceId,
    connection: ConnectionId,
    data_key: DataKeyId,
) -> Result<u64> {
    let new = context.seals.key(workspace, Some(data_key)).await?;
    let (mut after, mut moved) = (String::new(), 0);
    loop {
        let page = || move_page(context, workspace, connection, &after, &new);
        let (more, next) = repeated(page).await?;
        moved += more;
        match next {
            Some(last) => after = last,
            None => return Ok(moved),
        }
    }
}

/// By key, which is the order in which others take them too.
async fn move_page(
    context: &Context,
    workspace: WorkspaceId,
    connection: ConnectionId,
    after: &str,
    new: &DataKey,
) -> Result<(u64, Option<String>)> {
    let mut tx = context.store.write().await?;
    let (cells, next) = tx
        .sealed_answers(workspace, connection, after, AT_ONCE)
        .await?;
    let moved = move_all(context, &mut *tx, workspace, &cells, new).await?;
    tx.commit().await?;
    Ok((moved, next))
}

fn seal_anew(old: &DataKey, new: &DataKey, cell: &SealedCell) -> Result<Sealed> {
    let row = match &cell.at {
        SealedAt::RefreshToken { connection, .. } => connection.to_string(),
        SealedAt::AccessToken {
            connection,
            audience,
            ..
        } => format!("{connection}|{audience}"),
        SealedAt::Answer { key } | SealedAt::Progress { key } => key.clone(),
        SealedAt::Cursor { connection, name } => place::row_of_cursor(*connection, name),
        SealedAt::Proof { id, .. } => id.to_string(),
    };
    let lies = match &cell.at {
        SealedAt::RefreshToken { generation, .. } => place::refresh_token(&row, *generation),
        SealedAt::AccessToken { version, .. } => place::access_token(&row, *version),
        SealedAt::Answer { .. } | SealedAt::Progress { .. } => place::answer(&row),
        SealedAt::Cursor { .. } => place::cursor(&row),
        SealedAt::Proof { generation, .. } => place::proof(&row, *generation),
    };
    let text = old.open(lies, &cell.sealed)?;
    Ok(new.seal(lies, text.expose_secret()))
}

/// Removes keys that were replaced a while ago, after sealing anew what was sealed by them since.
pub(crate) async fn shred(context: &Context) -> Result<()> {
    let before = context.now() - KEPT;
    let retired = context
        .store
        .read()
        .await?
        .retired_data_keys(before, TURN)
        .await?;
    for row in retired {
        follow(context, &row).await?;
        let mut tx = context.store.write().await?;
        tx.delete_data_key(row.workspace_id, row.id).await?;
        tx.commit().await?;
        context.seals.forget(Some(row.id)).await;
    }
    Ok(())
}

/// Moves what the key's owner still has under a key that is not current. An owner that is gone has nothing.
async fn follow(context: &Context, retired: &DataKeyRow) -> Result<()> {
    let workspace = retired.workspace_id;
    if let Ok(id) = retired.owner.parse::<ConnectionId>() {
        if let Some(new) = repeated(|| follow_connection(context, workspace, id)).await? {
            move_answers(context, workspace, id, new).await?;
        }
    } else if let Ok(id) = retired.owner.parse::<AppRegistrationId>() {
        repeated(|| follow_app(context, workspace, id)).await?;
    }
    Ok(())
}

/// The current key; `None` where the connection is gone.
async fn follow_connection(
    context: &Context,
    workspace: WorkspaceId,
    id: ConnectionId,
) -> Result<Option<DataKeyId>> {
    let mut tx = context.store.write().await?;
    let Some(connection) = tx.hold_connection(workspace, id).await? else {
        return Ok(None);
    };
    let current = connection.data_key_id;
    let new = context.seals.key_in(&mut *tx, workspace, current).await?;
    let cells = tx.sealed_tokens(workspace, id).await?;
    move_all(context, &mut *tx, workspace, &cells, &new).await?;
    tx.commit().await?;
    Ok(Some(new.id()))
}

async fn follow_app(
    context: &Context,
    workspace: WorkspaceId,
    id: AppRegistrationId,
) -> Result<()> {
    let mut tx = context.store.write().await?;
    let Some(app) = tx.hold_app_registration(workspace, id).await? else {
        return Ok(());
    };
    let current = app.data_key_id;
    let new = context.seals.key_in(&mut *tx, workspace, current).await?;
    let cells = tx.sealed_proofs(workspace, id).await?;
    move_all(context, &mut *tx, workspace, &cells, &new).await?;
    Ok(tx.commit().await?)
}
