//! A new proof: seen to work before it is used, without a call failing meanwhile.

mod at_microsoft;

use model::{
    AppRegistrationId, Connection, ConnectionMethod, ConnectionState, PermissionSet, Place, Policy,
    Proof, ProofId, ProofState, Service, WorkspaceId,
};

use crate::apps;
use crate::life::{NewConnection, fresh_connection};
use crate::proof::{Draft, Material, NewProof};
use crate::{Caller, Error, Lifecycle, Result, events, service_principal};

pub(crate) async fn run(
    life: &Lifecycle,
    caller: &Caller,
    connection: &Connection,
    new: NewProof,
) -> Result<(Connection, Proof)> {
    let outcome = replace(life, connection, new).await;
    life.context
        .record(
            caller,
            "connection.rotate",
            Some(connection.id),
            outcome.as_ref().err(),
        )
        .await?;
    let proof = outcome?;
    revive(
        life,
        connection.workspace_id,
        connection.app_registration_id,
    )
    .await?;
    Ok((life.find(caller, &connection.id.to_string()).await?, proof))
}

async fn replace(life: &Lifecycle, connection: &Connection, new: NewProof) -> Result<Proof> {
    let snapshot = life
        .live
        .reread(connection.workspace_id, connection.id)
        .await?;
    // Client credentials show a proof to be right for a registration used with OAuth too: Entra answers with a
    // token that carries no role, or at least checks the secret first.
    let draft = Draft::of(&life.context, &snapshot.app, new).await?;
    service_principal::verify(&life.context, &snapshot, &draft.material).await?;
    let draft = draft.proven();
    let mut tx = life.context.store.write().await?;
    let proof = apps::store_proof(&life.context, &mut *tx, &snapshot.app, &draft).await?;
    tx.commit().await?;
    Ok(proof)
}

pub(crate) async fn verify(
    life: &Lifecycle,
    caller: &Caller,
    app: AppRegistrationId,
    proof: ProofId,
) -> Result<Proof> {
    let outcome = try_stored(life, caller, app, proof).await;
    life.context
        .record(
            caller,
            "app_registration.verify_proof",
            None,
            outcome.as_ref().err(),
        )
        .await?;
    let proof = outcome?;
    revive(life, caller.workspace_id, app).await?;
    Ok(proof)
}

pub(crate) async fn try_stored(
    life: &Lifecycle,
    caller: &Caller,
    app: AppRegistrationId,
    proof: ProofId,
) -> Result<Proof> {
    let context = &life.context;
    let missing = |what, id: String| Error::NotFound { what, id };
    let mut tx = context.store.read().await?;
    let app = tx
        .app_registration(caller.workspace_id, app)
        .await?
        .ok_or_else(|| missing("app registration", app.to_string()))?;
    let stored = tx.proofs(caller.workspace_id, app.id).await?;
    drop(tx);
    let wanted = stored
        .iter()
        .find(|known| known.proof.id == proof)
        .ok_or_else(|| missing("proof", proof.to_string()))?;
    let material = Material::open(context, &app, wanted).await?;
    let snapshot = life.live.assemble(for_graph(life, caller, app.id), app)?;
    service_principal::verify(context, &snapshot, &material).await?;
    let mut tx = context.store.write().await?;
    let others = stored.iter().map(|known| &known.proof);
    for other in others.filter(|other| other.id != proof && other.state == ProofState::Active) {
        tx.set_proof_state(caller.workspace_id, other.id, ProofState::Retired)
            .await?;
    }
    tx.set_proof_state(caller.workspace_id, proof, ProofState::Active)
        .await?;
    tx.commit().await?;
    Ok(Proof {
        state: ProofState::Active,
        refused_code: None,
        ..wanted.proof.clone()
    })
}

/// Makes a client secret at Microsoft, sees it work, switches to it, and removes there what was replaced before.
pub(crate) async fn by_itself(
    life: &Lifecycle,
    caller: &Caller,
    app: AppRegistrationId,
) -> Result<Proof> {
    let outcome = at_microsoft::replace(life, caller, app).await;
    life.context
        .record(
            caller,
            "app_registration.rotate",
            None,
            outcome.as_ref().err(),
        )
        .await?;
    let proof = outcome?;
    revive(life, caller.workspace_id, app).await?;
    Ok(proof)
}

/// A connection that is never stored: Entra is asked for a token to Microsoft Graph, which every tenant knows.
pub(crate) fn for_graph(life: &Lifecycle, caller: &Caller, app: AppRegistrationId) -> Connection {
    let new = NewConnection {
        name: "verification".to_owned(),
        service: Service::Outlook,
        permissions: Some(PermissionSet::new()),
        policy: Policy::default(),
        shared: false,
        place: Place::default(),
    };
    fresh_connection(
        &life.context,
        caller,
        &new,
        app,
        ConnectionMethod::ServicePrincipal,
    )
}

/// Tells every connection of the application: one that waited for an administrator goes on, and a renewal that still fails
/// with the old secret does not speak for any of them.
async fn revive(life: &Lifecycle, workspace: WorkspaceId, app: AppRegistrationId) -> Result<()> {
    let mut tx = life.context.store.read().await?;
    let siblings = tx.connections_of_app(workspace, app).await?;
    drop(tx);
    for sibling in siblings {
        while !touch(life, &sibling).await? {}
    }
    Ok(())
}

/// False when somebody else changed it meanwhile.
async fn touch(life: &Lifecycle, sibling: &Connection) -> Result<bool> {
    let (workspace, id) = (sibling.workspace_id, sibling.id);
    let mut tx = life.context.store.write().await?;
    let Some(mut connection) = tx.connection(workspace, id).await? else {
        return Ok(true);
    };
    let before = connection.state;
    if matches!(
        before,
        ConnectionState::NeedsAdmin | ConnectionState::Degraded | ConnectionState::Expiring
    ) {
        connection.state = ConnectionState::Active;
        connection.diagnosis = None;
    }
    connection.updated_at = life.context.now();
    if !tx.update_connection(&connection).await? {
        return Ok(false);
    }
    events::note_rotation(&life.context, &mut *tx, before, &connection).await?;
    tx.commit().await?;
    life.live.forget(workspace, id).await;
    Ok(true)
}
