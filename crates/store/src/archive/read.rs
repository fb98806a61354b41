use std::str::FromStr;

use jiff::Timestamp;
use model::{ApiKeyId, WorkspaceId};
use serde::Deserialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::{Column, End, FORMAT, Head, Table, tables};
use crate::{Deletion, Error, Removal, Result, Store, Transaction};

/// Rows that go into one statement: far below the number of values that either database takes in one.
const AT_ONCE: usize = 200;

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub made_at: Timestamp,
    pub rows: u64,
    /// Connections, proofs and the like of the backup that had been removed since, and were removed again.
    pub removed_again: u64,
}

/// What was removed here or elsewhere, and is not to come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    pub connections: Vec<Deletion>,
    pub others: Vec<Removal>,
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
/// what was removed, and `removed` from elsewhere, are carried out once more on what came back.
pub async fn restore(
    store: &Store,
    backup: impl AsyncBufRead + Unpin + Send,
    mut removed: Removed,
    replace: bool,
) -> Result<Restored> {
    let mut tx = store.write().await?;
    tx.be_patient().await?;
    let mut revoked = Vec::new();
    if replace {
        removed
            .connections
            .extend(tx.deletions(Timestamp::MIN).await?);
        removed.others.extend(tx.removals().await?);
        revoked = revoked_keys(&mut *tx).await?;
        tx.clear(Table::BOOTSTRAPS).await?;
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
    tx.amend(&reader.head.schema).await?;
    let removed_again = remove_again(&mut *tx, &removed).await?;
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

/// What a backup, or a list, says was removed.
pub async fn removed(backup: impl AsyncBufRead + Unpin + Send) -> Result<Removed> {
    let mut reader = Reader::open(backup).await?;
    let mut found = Removed::default();
    while let Some(section) = reader.heading().await? {
        while let Some(row) = reader.row().await? {
            let row = Noted(&section.columns, &row);
            if section.table == Table::DELETIONS.name() {
                found.connections.push(row.deletion()?);
            } else if section.table == Table::REMOVALS.name() {
                found.others.push(row.removal()?);
            }
        }
    }
    Ok(found)
}

/// A row of such a list, with the names of its columns.
struct Noted<'a>(&'a [String], &'a [Json]);

impl Noted<'_> {
    fn deletion(&self) -> Result<Deletion> {
        Ok(Deletion {
            workspace_id: self.parsed("workspace_id")?,
            connection_id: self.parsed("connection_id")?,
            at: self.at()?,
        })
    }

    fn removal(&self) -> Result<Removal> {
        Ok(Removal {
            workspace_id: self.parsed("workspace_id")?,
            id: self.parsed("id")?,
            at: self.at()?,
        })
    }

    fn cell(&self, name: &str) -> Option<&Json> {
        let at = self.0.iter().position(|column| column == name)?;
        self.1.get(at)
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Result<T> {
        let text = self.cell(name).and_then(Json::as_str);
        text.and_then(|text| text.parse().ok()).ok_or_else(unread)
    }

    fn at(&self) -> Result<Timestamp> {
        let at = self.cell("at").and_then(Json::as_i64).ok_or_else(unread)?;
        Timestamp::from_microsecond(at).map_err(|_| unread())
    }
}

fn unread() -> Error {
    Error::Backup("its list of what was removed cannot be read".to_owned())
}

/// What was removed after the backup was made is not to come back with it: connections first, since others are used by them.
async fn remove_again(tx: &mut dyn Transaction, removed: &Removed) -> Result<u64> {
    let mut count = 0;
    for deletion in &removed.connections {
        let (workspace, id) = (deletion.workspace_id, deletion.connection_id);
        if tx.delete_connection(workspace, id, deletion.at).await? {
            count += 1;
        } else {
            tx.note_deletion(deletion).await?;
        }
    }
    for removal in &removed.others {
        count += u64::from(tx.remove_again(removal).await?);
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
