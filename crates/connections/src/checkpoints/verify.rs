use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::{ChainLink, WorkspaceId, WriterId};
use serde::Serialize;
use store::journal::verify_chain_after;
use store::{Checkpoint, Transaction};

use super::hash;
use super::key::{SigningKey, lower_hex};
use crate::{Context, Result};

/// Read at once.
const PAGE: i64 = 1000;
/// Told at most; more would say nothing new.
const FAULTS: usize = 100;

/// What a look at the whole log of a workspace found.
#[derive(Debug, Default, Serialize)]
pub struct Verification {
    /// Whether no line was changed and none is missing, as far as checkpoints vouch.
    pub ok: bool,
    pub lines: u64,
    /// One for each start of each process.
    pub chains: usize,
    pub checkpoints: i64,
    /// The last one. Kept elsewhere, it shows later that checkpoints were removed at the end.
    pub last_checkpoint: Option<LastCheckpoint>,
    /// Lines that came after it: for them only their chain speaks.
    pub not_yet_vouched: u64,
    pub faults: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct LastCheckpoint {
    pub number: i64,
    pub at: Timestamp,
    /// Hexadecimal.
    pub hash: String,
    pub key_id: String,
}

/// What checkpoints say of the chains: the hash of each line that was the last one then.
type Vouched = BTreeMap<WriterId, BTreeMap<i64, String>>;

/// Reads every line and every checkpoint of the workspace.
pub async fn verify(context: &Context, workspace: WorkspaceId) -> Result<Verification> {
    let mut found = Verification::default();
    let vouched = checkpoints(context, workspace, &mut found).await?;
    let mut tx = context.store.read().await?;
    let mut writers: BTreeSet<_> = tx.chain_writers(workspace).await?.into_iter().collect();
    writers.extend(vouched.keys().copied());
    found.chains = writers.len();
    for writer in writers {
        let heads = vouched.get(&writer);
        chain(&mut *tx, workspace, writer, heads, &mut found).await?;
    }
    found.ok = found.faults.is_empty();
    found.faults.truncate(FAULTS);
    Ok(found)
}

/// Each must follow the one before, be what its hash says, and be signed by the installation's key.
async fn checkpoints(
    context: &Context,
    workspace: WorkspaceId,
    found: &mut Verification,
) -> Result<Vouched> {
    let key = SigningKey::known(context).await?;
    let mut vouched = Vouched::new();
    let mut before: Option<Checkpoint> = None;
    loop {
        let after = before.as_ref().map_or(0, |last| last.number);
        let mut tx = context.store.read().await?;
        let page = tx.checkpoints(workspace, after, PAGE).await?;
        drop(tx);
        if page.is_empty() {
            break;
        }
        for checkpoint in page {
            let number = checkpoint.number;
            let (expected, prev) = before
                .as_ref()
                .map_or((1, [0; 32]), |last| (last.number + 1, last.hash));
            if number != expected || checkpoint.prev_hash != prev {
                found
                    .faults
                    .push(format!("checkpoints are missing before number {number}"));
            }
            let is_signed = key.as_ref().is_some_and(|key| {
                checkpoint.hash == hash(&checkpoint)
                    && key.has_signed(&checkpoint.hash, &checkpoint.signature)
            });
            if !is_signed {
                found.faults.push(format!(
                    "checkpoint {number} was not made here, or was changed"
                ));
            }
            for head in &checkpoint.heads {
                let chain = vouched.entry(head.writer).or_default();
                chain.insert(head.seq, head.hash.clone());
            }
            found.checkpoints += 1;
            before = Some(checkpoint);
        }
    }
    found.last_checkpoint = before.map(|last| LastCheckpoint {
        number: last.number,
        at: last.at,
        hash: lower_hex(&last.hash),
        key_id: last.key_id,
    });
    Ok(vouched)
}

/// The lines of one writer, from the first to the last that a checkpoint vouches for, and on.
async fn chain(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    writer: WriterId,
    vouched: Option<&BTreeMap<i64, String>>,
    found: &mut Verification,
) -> Result<()> {
    let mut before: Option<ChainLink> = None;
    let mut last = 0;
    loop {
        let page = tx.chain(workspace, writer, last + 1, PAGE).await?;
        let Some(end) = page.last().map(|chained| chained.link.clone()) else {
            break;
        };
        if let Err(broken) = verify_chain_after(before.as_ref(), &page) {
            found.faults.push(format!("{broken} of {writer}"));
            return Ok(());
        }
        found.lines += page.len() as u64;
        for chained in &page {
            let said = vouched.and_then(|heads| heads.get(&chained.link.seq));
            if said.is_some_and(|said| *said != lower_hex(&chained.link.hash)) {
                let seq = chained.link.seq;
                let fault = format!("line {seq} of {writer} is not the one that was vouched for");
                found.faults.push(fault);
            }
        }
        last = end.seq;
        before = Some(end);
    }
    let until = vouched.and_then(|heads| heads.keys().last().copied());
    let until = until.unwrap_or(0);
    if last < until {
        let fault = format!("lines {} to {until} of {writer} are missing", last + 1);
        found.faults.push(fault);
    }
    found.not_yet_vouched += u64::try_from(last.saturating_sub(until)).unwrap_or(0);
    Ok(())
}
