use async_trait::async_trait;
use model::WorkspaceId;

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{ChainHead, Checkpoint, Checkpoints, Result};

const CHECKPOINT: &str = "workspace_id, number, at, heads, prev_hash, hash, key_id, signature";

fn checkpoint(row: &impl Row) -> Result<Checkpoint> {
    Ok(Checkpoint {
        workspace_id: row.parsed("workspace_id")?,
        number: row.integer("number")?,
        at: row.instant("at")?,
        heads: row.json("heads")?,
        prev_hash: row.hash("prev_hash")?,
        hash: row.hash("hash")?,
        key_id: row.text("key_id")?,
        signature: row.bytes("signature")?,
    })
}

#[async_trait]
impl<D: Dialect> Checkpoints for Tx<D> {
    async fn moved_heads(&mut self, workspace: WorkspaceId) -> Result<Vec<ChainHead>> {
        let select = "SELECT writer, seq, hash FROM chain_heads
            WHERE workspace_id = $1 AND seq > vouched ORDER BY writer";
        self.all(statement(select).id(workspace), |row| {
            Ok(ChainHead {
                writer: row.parsed("writer")?,
                seq: row.integer("seq")?,
                hash: hex::encode(row.bytes("hash")?),
            })
        })
        .await
    }

    async fn add_checkpoint(&mut self, new: &Checkpoint) -> Result<()> {
        let insert = format!(
            "INSERT INTO checkpoints ({CHECKPOINT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        );
        let insert = statement(insert)
            .id(new.workspace_id)
            .bind(new.number)
            .bind(new.at)
            .json(&new.heads)
            .bind(new.prev_hash)
            .bind(new.hash)
            .bind(new.key_id.as_str())
            .bind(new.signature.as_slice());
        self.execute(insert).await?;
        for head in &new.heads {
            let update =
                "UPDATE chain_heads SET vouched = $3 WHERE workspace_id = $1 AND writer = $2";
            let update = statement(update)
                .id(new.workspace_id)
                .id(head.writer)
                .bind(head.seq);
            self.execute(update).await?;
        }
        Ok(())
    }

    async fn last_checkpoint(&mut self, workspace: WorkspaceId) -> Result<Option<Checkpoint>> {
        let select = format!(
            "SELECT {CHECKPOINT} FROM checkpoints WHERE workspace_id = $1 ORDER BY number DESC LIMIT 1"
        );
        self.first(statement(select).id(workspace), checkpoint)
            .await
    }

    async fn checkpoints(
        &mut self,
        workspace: WorkspaceId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Checkpoint>> {
        let select = format!(
            "SELECT {CHECKPOINT} FROM checkpoints WHERE workspace_id = $1 AND number > $2 ORDER BY number LIMIT $3"
        );
        let select = statement(select).id(workspace).bind(after).bind(limit);
        self.all(select, checkpoint).await
    }
}
