use async_trait::async_trait;

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Removal, Removals, Result};

/// Whose id it is tells its prefix; no two of them have the same one.
const REMOVE: [&str; 4] = [
    "DELETE FROM proofs WHERE workspace_id = $1 AND id = $2",
    "DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2",
    "DELETE FROM issuer_keys WHERE workspace_id = $1 AND id = $2",
    "DELETE FROM app_registrations WHERE workspace_id = $1 AND id = $2 AND NOT EXISTS (
        SELECT 1 FROM connections c WHERE c.workspace_id = $1 AND c.app_registration_id = $2)",
];

fn removal(row: &impl Row) -> Result<Removal> {
    Ok(Removal {
        workspace_id: row.parsed("workspace_id")?,
        id: row.text("id")?,
        at: row.instant("at")?,
    })
}

#[async_trait]
impl<D: Dialect> Removals for Tx<D> {
    async fn note_removal(&mut self, removal: &Removal) -> Result<()> {
        let note = statement(
            "INSERT INTO removals (workspace_id, id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .id(removal.workspace_id)
        .bind(removal.id.as_str())
        .bind(removal.at);
        self.execute(note).await.map(drop)
    }

    async fn removals(&mut self) -> Result<Vec<Removal>> {
        let select = "SELECT workspace_id, id, at FROM removals ORDER BY at, id";
        self.all(statement(select), removal).await
    }

    async fn remove_again(&mut self, removal: &Removal) -> Result<bool> {
        let mut is_there = false;
        for delete in REMOVE {
            let delete = statement(delete)
                .id(removal.workspace_id)
                .bind(removal.id.as_str());
            is_there |= self.changes(delete).await?;
        }
        if is_there {
            let keys = "DELETE FROM data_keys WHERE workspace_id = $1 AND owner = $2";
            let keys = statement(keys)
                .id(removal.workspace_id)
                .bind(removal.id.as_str());
            self.execute(keys).await?;
        }
        self.note_removal(removal).await?;
        Ok(is_there)
    }
}
