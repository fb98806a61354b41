use async_trait::async_trait;

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{DataKeys, IssuerKeyRow, IssuerKeys, Result};

const KEY: &str = "number, id, workspace_id, data_key_id, public, sealed, created_at, signs_from";

fn issuer_key(row: &impl Row) -> Result<IssuerKeyRow> {
    Ok(IssuerKeyRow {
        number: row.integer("number")?,
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        data_key_id: row.parsed("data_key_id")?,
        public: row.json("public")?,
        sealed: row.sealed("sealed")?,
        created_at: row.instant("created_at")?,
        signs_from: row.instant("signs_from")?,
    })
}

#[async_trait]
impl<D: Dialect> IssuerKeys for Tx<D> {
    async fn add_issuer_key(&mut self, key: &IssuerKeyRow) -> Result<()> {
        let insert =
            format!("INSERT INTO issuer_keys ({KEY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let insert = statement(insert)
            .bind(key.number)
            .id(key.id)
            .id(key.workspace_id)
            .id(key.data_key_id)
            .json(&key.public)
            .bind(&key.sealed)
            .bind(key.created_at)
            .bind(key.signs_from);
        self.execute(insert).await.map(drop)
    }

    async fn issuer_keys(&mut self) -> Result<Vec<IssuerKeyRow>> {
        let select = format!("SELECT {KEY} FROM issuer_keys ORDER BY number DESC");
        self.all(statement(select), issuer_key).await
    }

    async fn delete_issuer_key(&mut self, key: &IssuerKeyRow) -> Result<bool> {
        let delete = statement("DELETE FROM issuer_keys WHERE number = $1 AND id = $2")
            .bind(key.number)
            .id(key.id);
        Ok(self.changes(delete).await?
            && self
                .delete_data_key(key.workspace_id, key.data_key_id)
                .await?)
    }
}
