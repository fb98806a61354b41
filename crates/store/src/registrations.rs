use async_trait::async_trait;
use model::{
    AppRegistration, AppRegistrationId, DataKeyId, Proof, ProofId, ProofState, Sealed, WorkspaceId,
};

use crate::Result;

/// A proof with its secret, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedProof {
    pub proof: Proof,
    pub sealed: Sealed,
}

/// App registrations and their proofs.
#[async_trait]
pub trait AppRegistrations {
    async fn create_app_registration(&mut self, app: &AppRegistration) -> Result<()>;
    async fn app_registration(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
    ) -> Result<Option<AppRegistration>>;
    /// The registration, which nobody else changes until this transaction ends. Whoever changes more than one row of what belongs
    /// to it asks for this first.
    async fn hold_app_registration(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
    ) -> Result<Option<AppRegistration>>;
    /// By name.
    async fn app_registrations(&mut self, workspace: WorkspaceId) -> Result<Vec<AppRegistration>>;
    /// False when it has another data key than `old`.
    async fn set_app_data_key(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
        old: Option<DataKeyId>,
        new: DataKeyId,
    ) -> Result<bool>;
    async fn set_auto_rotate(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
        auto_rotate: bool,
    ) -> Result<bool>;
    /// Its proofs and data key go with it. False when there is none.
    async fn delete_app_registration(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
    ) -> Result<bool>;

    async fn add_proof(&mut self, proof: &SealedProof) -> Result<()>;
    /// Newest first, retired ones included.
    async fn proofs(
        &mut self,
        workspace: WorkspaceId,
        app: AppRegistrationId,
    ) -> Result<Vec<SealedProof>>;
    /// Forgets what it was refused for.
    async fn set_proof_state(
        &mut self,
        workspace: WorkspaceId,
        id: ProofId,
        state: ProofState,
    ) -> Result<bool>;
    /// Entra refused it for good, with this code.
    async fn refuse_proof(
        &mut self,
        workspace: WorkspaceId,
        id: ProofId,
        code: &str,
    ) -> Result<bool>;
    async fn delete_proof(&mut self, workspace: WorkspaceId, id: ProofId) -> Result<bool>;
}
