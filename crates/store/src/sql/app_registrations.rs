use async_trait::async_trait;
use jiff::SignedDuration;
use model::{
    AppRegistration, AppRegistrationId, DataKeyId, Proof, ProofId, ProofState, WorkspaceId,
};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{AppRegistrations, Result, SealedProof};

const APP: &str = "workspace_id, id, name, cloud, tenant_id, client_id, created_by, data_key_id, version, created_at, auto_rotate";
pub(super) const PROOF: &str = "workspace_id, id, app_registration_id, kind, hint, state, expires_at, generation, sealed, created_at, details, refused_code";

/// How long before its end a proof is looked at first.
const FIRST_WARNING: SignedDuration = SignedDuration::from_hours(30 * 24);

fn app_registration(row: &impl Row) -> Result<AppRegistration> {
    Ok(AppRegistration {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: row.text("name")?,
        cloud: row.text("cloud")?,
        tenant_id: row.text("tenant_id")?,
        client_id: row.text("client_id")?,
        created_by: row.parsed("created_by")?,
        data_key_id: row.maybe_parsed("data_key_id")?,
        version: row.integer("version")?,
        created_at: row.instant("created_at")?,
        auto_rotate: row.flag("auto_rotate")?,
    })
}

pub(super) fn sealed_proof(row: &impl Row) -> Result<SealedProof> {
    let proof = Proof {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        app_registration_id: row.parsed("app_registration_id")?,
        kind: row.named("kind")?,
        hint: row.text("hint")?,
        state: row.named("state")?,
        expires_at: row.maybe_instant("expires_at")?,
        generation: row.integer("generation")?,
        created_at: row.instant("created_at")?,
        details: row.maybe_json("details")?.unwrap_or_default(),
        refused_code: row.maybe_text("refused_code")?,
    };
    Ok(SealedProof {
        proof,
        sealed: row.sealed("sealed")?,
    })
}

#[async_trait]
impl<D: Dialect> AppRegistrations for Tx<D> {
    async fn create_app_registration(&mut self, app: &AppRegistration) -> Result<()> {
        let insert = format!(
            "INSERT INTO app_registrations ({APP}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        );
        let insert = statement(insert)
            .id(app.workspace_id)
            .id(app.id)
            .bind(app.name.as_str())
            .bind(app.cloud.as_str())
            .bind(app.tenant_id.as_str())
            .bind(app.client_id.as_str())
            .id(app.created_by)
            .maybe_id(app.data_key_id)
            .bind(app.version)
            .bind(app.created_at)
            .bind(app.auto_rotate);
        self.execute(insert).await.map(drop)
    }

    async fn app_registration(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
    ) -> Result<Option<AppRegistration>> {
        let select =
            format!("SELECT {APP} FROM app_registrations WHERE workspace_id = $1 AND id = $2");
        self.first(statement(select).id(workspace).id(id), app_registration)
            .await
    }

    async fn hold_app_registration(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
    ) -> Result<Option<AppRegistration>> {
        let select = format!(
            "SELECT {APP} FROM app_registrations WHERE workspace_id = $1 AND id = $2 {}",
            D::HOLD.to_change
        );
        self.first(statement(select).id(workspace).id(id), app_registration)
            .await
    }

    async fn app_registrations(&mut self, workspace: WorkspaceId) -> Result<Vec<AppRegistration>> {
        let select =
            format!("SELECT {APP} FROM app_registrations WHERE workspace_id = $1 ORDER BY name");
        self.all(statement(select).id(workspace), app_registration)
            .await
    }

    async fn set_app_data_key(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
        old: Option<DataKeyId>,
        new: DataKeyId,
    ) -> Result<bool> {
        let update = "UPDATE app_registrations SET data_key_id = $3, version = version + 1
            WHERE workspace_id = $1 AND id = $2 AND coalesce(data_key_id, '') = $4";
        let update = statement(update)
            .id(workspace)
            .id(id)
            .id(new)
            .bind(old.map_or_else(String::new, |old| old.to_string()));
        self.changes(update).await
    }

    async fn set_auto_rotate(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
        auto_rotate: bool,
    ) -> Result<bool> {
        let update = "UPDATE app_registrations SET auto_rotate = $3, version = version + 1
            WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(update).id(workspace).id(id).bind(auto_rotate))
            .await
    }

    async fn delete_app_registration(
        &mut self,
        workspace: WorkspaceId,
        id: AppRegistrationId,
    ) -> Result<bool> {
        let app = statement("DELETE FROM app_registrations WHERE workspace_id = $1 AND id = $2")
            .id(workspace)
            .id(id);
        if !self.changes(app).await? {
            return Ok(false);
        }
        self.delete_data_keys_of(workspace, &id.to_string()).await?;
        Ok(true)
    }

    async fn add_proof(&mut self, proof: &SealedProof) -> Result<()> {
        let SealedProof { proof, sealed } = proof;
        let insert = format!(
            "INSERT INTO proofs ({PROOF}, warn_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        );
        let insert = statement(insert)
            .id(proof.workspace_id)
            .id(proof.id)
            .id(proof.app_registration_id)
            .bind(proof.kind.id())
            .bind(proof.hint.as_str())
            .bind(proof.state.id())
            .bind(proof.expires_at)
            .bind(proof.generation)
            .bind(sealed)
            .bind(proof.created_at)
            .json(&proof.details)
            .bind(proof.refused_code.as_deref())
            .bind(proof.expires_at.map(|end| end - FIRST_WARNING));
        self.execute(insert).await.map(drop)
    }

    async fn proofs(
        &mut self,
        workspace: WorkspaceId,
        app: AppRegistrationId,
    ) -> Result<Vec<SealedProof>> {
        let select = format!(
            "SELECT {PROOF} FROM proofs WHERE workspace_id = $1 AND app_registration_id = $2
            ORDER BY created_at DESC, id DESC"
        );
        self.all(statement(select).id(workspace).id(app), sealed_proof)
            .await
    }

    async fn set_proof_state(
        &mut self,
        workspace: WorkspaceId,
        id: ProofId,
        state: ProofState,
    ) -> Result<bool> {
        let update =
            "UPDATE proofs SET state = $3, refused_code = NULL WHERE workspace_id = $1 AND id = $2";
        let update = statement(update).id(workspace).id(id).bind(state.id());
        self.changes(update).await
    }

    async fn refuse_proof(
        &mut self,
        workspace: WorkspaceId,
        id: ProofId,
        code: &str,
    ) -> Result<bool> {
        let update =
            "UPDATE proofs SET state = $3, refused_code = $4 WHERE workspace_id = $1 AND id = $2";
        let update = statement(update)
            .id(workspace)
            .id(id)
            .bind(ProofState::Refused.id())
            .bind(code);
        self.changes(update).await
    }

    async fn delete_proof(&mut self, workspace: WorkspaceId, id: ProofId) -> Result<bool> {
        let delete = "DELETE FROM proofs WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(delete).id(workspace).id(id)).await
    }
}
