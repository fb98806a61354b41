use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::Value as Json;
use tokio::sync::mpsc::Sender;

use crate::archive::{Archive, Column, Kind, Table, amend, line};
use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Error, Result};

/// A piece is sent once it is this large, in bytes.
const PIECE: usize = 64 * 1024;

fn column(row: &impl Row) -> Result<Column> {
    let kind = match row.text("kind")?.to_ascii_lowercase().as_str() {
        "text" => Kind::Text,
        "integer" | "bigint" => Kind::Integer,
        "blob" | "bytea" => Kind::Bytes,
        other => return Err(Error::Backup(format!("a column is of the kind `{other}`"))),
    };
    Ok(Column {
        name: row.text("name")?,
        kind,
    })
}

#[async_trait]
impl<D: Dialect> Archive for Tx<D> {
    async fn be_patient(&mut self) -> Result<()> {
        for &setting in D::PATIENCE {
            self.execute(statement(setting)).await?;
        }
        Ok(())
    }

    async fn schema(&mut self) -> Result<Vec<i64>> {
        let select = statement("SELECT version FROM _sqlx_migrations ORDER BY version");
        self.all(select, |row| row.integer("version")).await
    }

    async fn table_names(&mut self) -> Result<Vec<String>> {
        self.all(statement(D::TABLES), |row| row.text("name")).await
    }

    async fn columns(&mut self, table: Table) -> Result<Vec<Column>> {
        let select = statement(D::COLUMNS).bind(table.name());
        let columns = self.all(select, column).await?;
        if line::fits(&columns) {
            return Ok(columns);
        }
        Err(Error::Backup(format!(
            "`{}` has too many columns",
            table.name()
        )))
    }

    async fn export(
        &mut self,
        table: Table,
        columns: &[Column],
        out: &Sender<Bytes>,
    ) -> Result<u64> {
        let select = line::select(table.name(), columns);
        let mut rows = self.stream(&select);
        let (mut piece, mut count) = (Vec::new(), 0);
        while let Some(row) = rows.next().await {
            line::write(&row?, columns, &mut piece)?;
            count += 1;
            if piece.len() >= PIECE && out.send(std::mem::take(&mut piece).into()).await.is_err() {
                return Ok(count);
            }
        }
        if !piece.is_empty() {
            // Whoever listened is gone; whoever writes the end notices as well.
            let _ = out.send(piece.into()).await;
        }
        Ok(count)
    }

    async fn import(&mut self, table: Table, columns: &[Column], rows: &[Vec<Json>]) -> Result<()> {
        let mut insert = statement(line::insert(table.name(), columns, rows.len()));
        for row in rows {
            for (cell, column) in row.iter().zip(columns) {
                insert = insert.bind(line::value(cell, column)?);
            }
        }
        self.execute(insert).await.map(drop)
    }

    async fn clear(&mut self, table: Table) -> Result<()> {
        let delete = format!("DELETE FROM \"{}\"", table.name());
        self.execute(statement(delete)).await.map(drop)
    }

    async fn amend(&mut self, schema: &[i64]) -> Result<()> {
        for change in amend::after(schema) {
            self.execute(statement(change)).await?;
        }
        Ok(())
    }
}
