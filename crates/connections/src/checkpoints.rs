//! How far the chains of the activity log have come, signed. A chain shows what was changed or removed inside it; that lines are
//! missing at its end shows by a checkpoint, and that a checkpoint is missing by the one after it. Somebody who can write to the
//! database, but has no master key, cannot make one.

mod key;
mod verify;

use model::{WorkspaceId, sha256};
use store::{ChainHead, Checkpoint};

use crate::{Context, Result};
use key::SigningKey;

pub use verify::{Verification, verify};

/// A checkpoint of each workspace whose log went on since the last one.
pub(crate) async fn make(context: &Context) -> Result<()> {
    let workspaces = context.store.read().await?.workspaces().await?;
    for workspace in workspaces {
        make_one(context, workspace.id).await?;
    }
    Ok(())
}

async fn make_one(context: &Context, workspace: WorkspaceId) -> Result<()> {
    let mut tx = context.store.read().await?;
    let has_moved = !tx.moved_heads(workspace).await?.is_empty();
    drop(tx);
    if !has_moved {
        return Ok(());
    }
    let key = SigningKey::of_installation(context).await?;
    let mut tx = context.store.write().await?;
    let heads = tx.moved_heads(workspace).await?;
    let last = tx.last_checkpoint(workspace).await?;
    let mut checkpoint = Checkpoint {
        workspace_id: workspace,
        number: last.as_ref().map_or(0, |last| last.number) + 1,
        at: context.now(),
        heads,
        prev_hash: last.map_or([0; 32], |last| last.hash),
        hash: [0; 32],
        key_id: key.id().to_owned(),
        signature: Vec::new(),
    };
    checkpoint.hash = hash(&checkpoint);
    checkpoint.signature = key.sign(&checkpoint.hash);
    match tx.add_checkpoint(&checkpoint).await {
        // Another replica was faster.
        Err(store::Error::Exists { .. }) => Ok(()),
        added => {
            added?;
            Ok(tx.commit().await?)
        }
    }
}

/// Of everything but the signature.
fn hash(checkpoint: &Checkpoint) -> [u8; 32] {
    let mut bytes = b"consentry checkpoint 1\n".to_vec();
    let mut put = |part: &[u8]| {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    };
    put(checkpoint.workspace_id.to_string().as_bytes());
    put(&checkpoint.number.to_be_bytes());
    put(&checkpoint.at.as_microsecond().to_be_bytes());
    put(&checkpoint.prev_hash);
    put(checkpoint.key_id.as_bytes());
    for ChainHead { writer, seq, hash } in &checkpoint.heads {
        put(writer.to_string().as_bytes());
        put(&seq.to_be_bytes());
        put(hash.as_bytes());
    }
    sha256(&bytes)
}
