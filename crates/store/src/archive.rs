//! A whole installation as lines of text, the same from either database: what a backup holds and a restore puts back.
//!
//! The first line says what it is, then come the tables, each headed by its name and columns, a row a line; the last line says
//! how many rows there were and what they hash to, so that a file that was cut off is noticed. What is sealed stays sealed: no
//! master key is in it.

pub(crate) mod amend;
pub(crate) mod line;
mod read;
mod tables;
mod write;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;

pub use self::read::{Removed, Restored, removed, restore};
pub use self::tables::{Table, left_out, tables};
pub use self::write::{Content, write};

use crate::Result;

/// What this version writes, and the only one that it reads.
pub(crate) const FORMAT: u32 = 1;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Bytes,
}

/// A column as the database itself describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) consentry_backup: u32,
    pub(crate) made_at: jiff::Timestamp,
    /// Versions of the migrations that the database had.
    pub(crate) schema: Vec<i64>,
    /// Whether it holds the list of deletions alone.
    #[serde(default)]
    pub(crate) deletions_only: bool,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    pub(crate) rows: u64,
    /// Of every byte before this line, hexadecimal.
    pub(crate) sha256: String,
}

/// What moving whole tables takes of a database.
#[async_trait]
pub trait Archive {
    /// Lifts the limits on time that hold for ordinary work, for this transaction.
    async fn be_patient(&mut self) -> Result<()>;
    /// Versions of the migrations that were applied.
    async fn schema(&mut self) -> Result<Vec<i64>>;
    /// Every table there is.
    async fn table_names(&mut self) -> Result<Vec<String>>;
    async fn columns(&mut self, table: Table) -> Result<Vec<Column>>;
    /// Sends every row as a line, several to a piece; how many there were. A receiver that is gone ends it early.
    async fn export(
        &mut self,
        table: Table,
        columns: &[Column],
        out: &Sender<Bytes>,
    ) -> Result<u64>;
    async fn import(
        &mut self,
        table: Table,
        columns: &[Column],
        rows: &[Vec<serde_json::Value>],
    ) -> Result<()>;
    async fn clear(&mut self, table: Table) -> Result<()>;
    /// Does to rows of a backup what migrations that came after its `schema` did to the rows that they met.
    async fn amend(&mut self, schema: &[i64]) -> Result<()>;
}
