use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{self, Sender};

use tokio::time::timeout;

use super::{End, FORMAT, Head, Table, tables};
use crate::{Error, Result, Store, Transaction};

/// Pieces that wait to be hashed and handed on.
const WAITING: usize = 8;
/// Longest time in which whoever listens takes no piece: the transaction lasts as long, and holds a reader and a snapshot.
const PATIENCE: Duration = Duration::from_mins(1);

/// How much of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Everything,
    /// What was removed: small enough to be kept every hour, for the day when an older backup is restored.
    Deletions,
}

/// Writes the installation as it is at one moment, while it goes on. How many rows there were. It fails when nothing of it is
/// taken for a minute.
pub async fn write(
    store: &Store,
    content: Content,
    made_at: Timestamp,
    out: Sender<Bytes>,
) -> Result<u64> {
    let mut tx = store.read().await?;
    tx.be_patient().await?;
    let (pieces, hashed) = mpsc::channel(WAITING);
    let (rows, handed_on) = tokio::join!(
        all(&mut *tx, content, made_at, pieces),
        hand_on(hashed, &out),
    );
    handed_on?;
    rows
}

async fn all(
    tx: &mut dyn Transaction,
    content: Content,
    made_at: Timestamp,
    out: Sender<Bytes>,
) -> Result<u64> {
    let head = Head {
        consentry_backup: FORMAT,
        made_at,
        schema: tx.schema().await?,
        deletions_only: content == Content::Deletions,
    };
    say(&out, &head).await;
    let mut rows = 0;
    for &table in tables() {
        let is_list = [Table::DELETIONS, Table::REMOVALS].contains(&table);
        if content == Content::Deletions && !is_list {
            continue;
        }
        let columns = tx.columns(table).await?;
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        say(&out, &json!({ "table": table.name(), "columns": names })).await;
        rows += tx.export(table, &columns, &out).await?;
    }
    // The hash is put in by whoever saw everything go by.
    say(&out, &json!({ "rows": rows })).await;
    Ok(rows)
}

async fn say(out: &Sender<Bytes>, line: &(impl serde::Serialize + Sync)) {
    let mut line = serde_json::to_vec(line).expect("plain data serialises");
    line.push(b'\n');
    // Whoever listened is gone; what follows notices as well.
    let _ = out.send(line.into()).await;
}

/// Hands pieces on and hashes them; the last one becomes the last line.
async fn hand_on(mut pieces: mpsc::Receiver<Bytes>, out: &Sender<Bytes>) -> Result<()> {
    let mut hash = Sha256::new();
    let mut held: Option<Bytes> = None;
    while let Some(piece) = pieces.recv().await {
        if let Some(before) = held.replace(piece) {
            hash.update(&before);
            let sent = timeout(PATIENCE, out.send(before)).await;
            if sent.map_err(|_| not_taken())?.is_err() {
                return Ok(());
            }
        }
    }
    let Some(last) = held.and_then(|last| rows(&last)) else {
        return Ok(());
    };
    let sha256 = hex::encode(hash.finalize());
    let end = End { rows: last, sha256 };
    let said = timeout(PATIENCE, say(out, &end)).await;
    said.map_err(|_| not_taken())
}

fn not_taken() -> Error {
    Error::Backup(format!(
        "nothing of it was taken for {} seconds",
        PATIENCE.as_secs()
    ))
}

/// Of the last line; `None` when the writer failed before it.
fn rows(line: &[u8]) -> Option<u64> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    line.get("rows")?.as_u64()
}
