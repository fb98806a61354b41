use async_trait::async_trait;
use jiff::Timestamp;
use model::{DataKeyId, WorkspaceId};

use crate::{Page, Result};

/// A data key as it lies in the database: wrapped by the master key named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKeyRow {
    pub id: DataKeyId,
    pub workspace_id: WorkspaceId,
    /// Id of the connection or app registration whose secrets it seals.
    pub owner: String,
    pub master_key_id: String,
    pub wrapped: Vec<u8>,
}

/// Wrapped data keys. Removing one shreds everything it sealed.
#[async_trait]
pub trait DataKeys {
    async fn create_data_key(&mut self, key: &DataKeyRow) -> Result<()>;
    async fn data_key(
        &mut self,
        workspace: WorkspaceId,
        id: DataKeyId,
    ) -> Result<Option<DataKeyRow>>;
    /// Keys not wrapped by `current_master_key`, of every workspace: the work of a rotation, in pages by id.
    async fn data_keys_to_rewrap(
        &mut self,
        current_master_key: &str,
        page: Page<DataKeyId>,
    ) -> Result<Vec<DataKeyRow>>;
    /// False when the key was changed or removed meanwhile.
    async fn rewrap_data_key(
        &mut self,
        old: &DataKeyRow,
        master_key_id: &str,
        wrapped: &[u8],
    ) -> Result<bool>;
    /// Ids of the master keys that data keys are wrapped by.
    async fn master_keys_in_use(&mut self) -> Result<Vec<String>>;
    /// It was replaced at `at`, and is to go once nothing is sealed by it.
    async fn retire_data_key(
        &mut self,
        workspace: WorkspaceId,
        id: DataKeyId,
        at: Timestamp,
    ) -> Result<bool>;
    /// Those replaced before `before`, of every workspace, the longest ago first.
    async fn retired_data_keys(&mut self, before: Timestamp, limit: i64)
    -> Result<Vec<DataKeyRow>>;
    async fn delete_data_key(&mut self, workspace: WorkspaceId, id: DataKeyId) -> Result<bool>;
    /// How many there are in all: whether this database holds anything sealed.
    async fn count_data_keys(&mut self) -> Result<i64>;
}

/// Facts about the installation, by name: the key check values live here.
#[async_trait]
pub trait Meta {
    async fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>>;
    async fn set_meta(&mut self, name: &str, value: &[u8]) -> Result<()>;
}
