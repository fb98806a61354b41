use jiff::Timestamp;
use model::{ApiKeyId, WorkspaceId};
use serde::Deserialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::{Column, End, FORMAT, Head, Table, tables};
use crate::{Deletion, Error, Result, Store, Transaction};

/// Rows that go into one statement: far below the number of values that either database takes in one.
const AT_ONCE: usize = 200;

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub made_at: Timestamp,
    pub rows: u64,
    /// Connections of the backup that had been removed since, and were removed again.
    pub removed_again: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    table: String,
    columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Row(Vec<Json>),
    Section(Section),
    End(End),
}

/// Puts a backup into a database, all of it or nothing. What is there already is only given up if `replace` says so; its list of
/// deletions, and `deleted` from elsewhere, are carried out once more on what came back.
pub async fn restore(
    store: &Store,
    backup: impl AsyncBufRead + Unpin + Send,
    mut deleted: Vec<Deletion>,
    replace: bool,
) -> Result<Restored> {
    let mut tx = store.write().await?;
    tx.be_patient().await?;
    let mut revoked = Vec::new();
    if replace {
        deleted.extend(tx.deletions(Timestamp::MIN).await?);
        revoked = revoked_keys(&mut *tx).await?;
        for &table in tables().iter().rev() {
            tx.clear(table).await?;
        }
    } else if !tx.workspaces().await?.is_empty() {
        return Err(Error::Backup(
            "there is an installation in this database".to_owned(),
        ));
    }
    let mut reader = Reader::open(backup).await?;
    if reader.head.deletions_only {
        return Err(Error::Backup(
            "it holds the list of deletions alone".to_owned(),
        ));
    }
    let schema = tx.schema().await?;
    if let Some(newer) = reader
        .head
        .schema
        .iter()
        .find(|version| !schema.contains(version))
    {
        return Err(Error::Backup(format!(
            "a newer version made it: its schema {newer:04} is not known here"
        )));
    }
    while reader.section(&mut *tx).await? {}
    let removed_again = remove_again(&mut *tx, &deleted).await?;
    for (workspace, key, at) in revoked {
        tx.revoke_api_key(workspace, key, at).await?;
    }
    tx.commit().await?;
    Ok(Restored {
        made_at: reader.head.made_at,
        rows: reader.rows,
        removed_again,
    })
}

/// Keys that were revoked here: a backup of before does not make them good again.
async fn revoked_keys(tx: &mut dyn Transaction) -> Result<Vec<(WorkspaceId, ApiKeyId, Timestamp)>> {
    let mut revoked = Vec::new();
    for workspace in tx.workspaces().await? {
        for key in tx.api_keys(workspace.id).await? {
            revoked.extend(key.revoked_at.map(|at| (workspace.id, key.id, at)));
        }
    }
    Ok(revoked)
}

/// The list of deletions in a backup.
pub async fn deletions(backup: impl AsyncBufRead + Unpin + Send) -> Result<Vec<Deletion>> {
    let mut reader = Reader::open(backup).await?;
    let mut found = Vec::new();
    while let Some(section) = reader.heading().await? {
        let wanted = section.table == Table::DELETIONS.name();
        while let Some(row) = reader.row().await? {
            if wanted {
                found.push(deletion(&section.columns, &row)?);
            }
        }
    }
    Ok(found)
}

fn deletion(columns: &[String], row: &[Json]) -> Result<Deletion> {
    let wrong = || Error::Backup("its list of deletions cannot be read".to_owned());
    let cell = |name: &str| {
        let at = columns.iter().position(|column| column == name)?;
        row.get(at)
    };
    let text = |name: &str| cell(name).and_then(Json::as_str).ok_or_else(wrong);
    let at = cell("at").and_then(Json::as_i64).ok_or_else(wrong)?;
    Ok(Deletion {
        workspace_id: text("workspace_id")?.parse().map_err(|_| wrong())?,
        connection_id: text("connection_id")?.parse().map_err(|_| wrong())?,
        at: Timestamp::from_microsecond(at).map_err(|_| wrong())?,
    })
}

/// A connection that was removed after the backup was made is not to come back with it.
async fn remove_again(tx: &mut dyn Transaction, deleted: &[Deletion]) -> Result<u64> {
    let mut count = 0;
    for deletion in deleted {
        let (workspace, id) = (deletion.workspace_id, deletion.connection_id);
        if tx.delete_connection(workspace, id, deletion.at).await? {
            count += 1;
        } else {
            tx.note_deletion(deletion).await?;
        }
    }
    Ok(count)
}

struct Reader<R> {
    lines: R,
    head: Head,
    hash: Sha256,
    rows: u64,
    /// The line that ended a table: the next one's heading.
    next: Option<Section>,
    ended: bool,
}

impl<R: AsyncBufRead + Unpin + Send> Reader<R> {
    async fn open(mut lines: R) -> Result<Self> {
        let mut first = Vec::new();
        read_line(&mut lines, &mut first).await?;
        let head: Head = serde_json::from_slice(&first)
            .map_err(|_| Error::Backup("its first line is not one of a backup".to_owned()))?;
        if head.consentry_backup != FORMAT {
            let format = head.consentry_backup;
            return Err(Error::Backup(format!(
                "its format {format} is not known here"
            )));
        }
        Ok(Self {
            lines,
            head,
            hash: Sha256::new_with_prefix(&first),
            rows: 0,
            next: None,
            ended: false,
        })
    }

    /// One table, into the database. False after the last one.
    async fn section(&mut self, tx: &mut dyn Transaction) -> Result<bool> {
        let Some(section) = self.heading().await? else {
            return Ok(false);
        };
        let (table, columns) = columns(tx, &section).await?;
        let mut rows = Vec::with_capacity(AT_ONCE);
        while let Some(row) = self.row().await? {
            if row.len() != columns.len() {
                return Err(Error::Backup(format!(
                    "a row of `{}` has another length",
                    section.table
                )));
            }
            rows.push(row);
            if rows.len() == AT_ONCE {
                tx.import(table, &columns, &rows).await?;
                rows.clear();
            }
        }
        if !rows.is_empty() {
            tx.import(table, &columns, &rows).await?;
        }
        Ok(true)
    }

    async fn heading(&mut self) -> Result<Option<Section>> {
        if let Some(section) = self.next.take() {
            return Ok(Some(section));
        }
        if self.ended {
            return Ok(None);
        }
        match self.line().await? {
            Line::Section(section) => Ok(Some(section)),
            Line::End(_) => Ok(None),
            Line::Row(_) => Err(Error::Backup("a row belongs to no table".to_owned())),
        }
    }

    /// The next row of the table at hand.
    async fn row(&mut self) -> Result<Option<Vec<Json>>> {
        match self.line().await? {
            Line::Row(row) => {
                self.rows += 1;
                Ok(Some(row))
            }
            Line::Section(section) => {
                self.next = Some(section);
                Ok(None)
            }
            Line::End(_) => Ok(None),
        }
    }

    async fn line(&mut self) -> Result<Line> {
        let mut text = Vec::new();
        read_line(&mut self.lines, &mut text).await?;
        let line = serde_json::from_slice(&text)
            .map_err(|_| Error::Backup("a line of it cannot be read".to_owned()))?;
        if let Line::End(end) = &line {
            let hash = hex::encode(self.hash.clone().finalize());
            if end.rows != self.rows || end.sha256 != hash {
                return Err(Error::Backup("it was changed after it was made".to_owned()));
            }
            self.ended = true;
        } else {
            self.hash.update(&text);
        }
        Ok(line)
    }
}

/// The columns of the table here that the backup has. One that came later keeps its default.
async fn columns(tx: &mut dyn Transaction, section: &Section) -> Result<(Table, Vec<Column>)> {
    let Section { table, columns } = section;
    let unknown = || Error::Backup(format!("it has a table `{table}` that is not known here"));
    let found = Table::find(table).ok_or_else(unknown)?;
    let known = tx.columns(found).await?;
    let columns: Option<Vec<_>> = columns
        .iter()
        .map(|name| known.iter().find(|column| column.name == *name).cloned())
        .collect();
    let unknown = || {
        Error::Backup(format!(
            "its table `{table}` has columns that are not known here"
        ))
    };
    Ok((found, columns.ok_or_else(unknown)?))
}

async fn read_line(
    lines: &mut (impl AsyncBufRead + Unpin + Send),
    text: &mut Vec<u8>,
) -> Result<()> {
    let read = lines.read_until(b'\n', text).await;
    read.map_err(|error| Error::Backup(format!("it cannot be read: {error}")))?;
    if text.last() == Some(&b'\n') {
        return Ok(());
    }
    Err(Error::Backup("it is cut off".to_owned()))
}
