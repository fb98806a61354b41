use async_trait::async_trait;
use jiff::Timestamp;
use model::{DataKeyId, IssuerKeyId, Sealed, WorkspaceId};

use crate::Result;

/// A key by which the installation signs as an issuer, its private half sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerKeyRow {
    /// From 1, without gaps: of two that are made at once only one is stored.
    pub number: i64,
    pub id: IssuerKeyId,
    /// Where its data key lies.
    pub workspace_id: WorkspaceId,
    pub data_key_id: DataKeyId,
    /// A JSON Web Key.
    pub public: serde_json::Value,
    pub sealed: Sealed,
    pub created_at: Timestamp,
    /// It is published before it signs, so that whoever keeps the published keys has it by then.
    pub signs_from: Timestamp,
}

/// The installation's own keys as an issuer.
#[async_trait]
pub trait IssuerKeys {
    /// [`Error::Exists`](crate::Error::Exists) when another replica took the number.
    async fn add_issuer_key(&mut self, key: &IssuerKeyRow) -> Result<()>;
    /// Newest first.
    async fn issuer_keys(&mut self) -> Result<Vec<IssuerKeyRow>>;
    /// With its data key.
    async fn delete_issuer_key(&mut self, key: &IssuerKeyRow) -> Result<bool>;
}
