//! What a connection is proved and sealed with is replaced by an administrator.

use model::{AppRegistrationId, Connection, ConnectionId, ProofId, ProofKind, Role};

use super::{Lifecycle, require};
use crate::proof::NewProof;
use crate::{Caller, Resealed, Result, data_keys, rotate};

impl Lifecycle {
    /// Replaces the proof of the connection's application once the new one is seen to work.
    pub async fn rotate(
        &self,
        caller: &Caller,
        id: ConnectionId,
        proof: NewProof,
    ) -> Result<(Connection, model::Proof)> {
        require(caller, Role::Admin, "a proof is rotated")?;
        let connection = self.managed(caller, id).await?;
        rotate::run(self, caller, &connection, proof).await
    }

    /// Replaces the data key that seals the connection's tokens and kept answers. Calls go on meanwhile.
    pub async fn rotate_data_key(&self, caller: &Caller, id: ConnectionId) -> Result<Resealed> {
        require(caller, Role::Admin, "a data key is replaced")?;
        let connection = self.managed(caller, id).await?;
        let resealed = data_keys::of_connection(&self.context, &connection).await?;
        self.live.forget(caller.workspace_id, id).await;
        self.context
            .record(caller, "connection.rotate_data_key", Some(id), None)
            .await?;
        Ok(resealed)
    }

    /// The same for the one that seals the proofs of an app registration.
    pub async fn rotate_app_data_key(
        &self,
        caller: &Caller,
        app: AppRegistrationId,
    ) -> Result<Resealed> {
        require(caller, Role::Admin, "a data key is replaced")?;
        caller.may_change()?;
        let resealed = data_keys::of_app(&self.context, caller.workspace_id, app).await?;
        self.context
            .record(caller, "app_registration.rotate_data_key", None, None)
            .await?;
        Ok(resealed)
    }

    /// Has the application replace its client secret or certificate through Microsoft Graph: made, seen to work, switched to, and
    /// what was replaced before removed there. Of the kind that is in use, unless `kind` says which. Needs the application
    /// permission `Application.ReadWrite.OwnedBy`; where one certificate replaces another, `Application.Read.All` is enough.
    pub async fn rotate_by_itself(
        &self,
        caller: &Caller,
        app: AppRegistrationId,
        kind: Option<ProofKind>,
    ) -> Result<model::Proof> {
        require(
            caller,
            Role::Admin,
            "a client secret or certificate is rotated",
        )?;
        caller.may_change()?;
        rotate::by_itself(self, caller, app, kind).await
    }

    /// Tries one stored proof at Entra. One that works is in use from now on, and those before it are retired.
    pub async fn verify_proof(
        &self,
        caller: &Caller,
        app: AppRegistrationId,
        proof: ProofId,
    ) -> Result<model::Proof> {
        require(caller, Role::Admin, "a proof is verified")?;
        caller.may_change()?;
        rotate::verify(self, caller, app, proof).await
    }
}
