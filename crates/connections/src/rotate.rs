//! A new proof: seen to work before it is used, without a call failing meanwhile.

mod at_microsoft;
mod certificate;
mod secret;

use std::time::Duration;

use model::{
    AppRegistration, AppRegistrationId, Connection, ConnectionMethod, ConnectionState,
    PermissionSet, Place, Policy, Proof, ProofId, ProofKind, ProofState, Service, WorkspaceId,
};
use store::{Removal, SealedProof, repeated};
use tokio::time::sleep;

use self::at_microsoft::Registration;
use crate::apps;
use crate::broker::is_shut_out;
use crate::life::{NewConnection, fresh_connection};
use crate::proof::{Draft, Material, NewProof};
use crate::{Caller, Context, Error, Lifecycle, Result, events, service_principal};

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
    let (stored, _) = apps::store_proof(&life.context, &snapshot.app, &draft).await?;
    Ok(stored.proof)
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
    let (app, stored) = stored(life, caller, app).await?;
    let wanted = stored
        .iter()
        .find(|known| known.proof.id == proof)
        .ok_or_else(|| no_proof(proof))?;
    let material = Material::open(context, &app, wanted).await?;
    let snapshot = life.live.assemble(for_graph(life, caller, app.id), app)?;
    service_principal::verify(context, &snapshot, &material).await?;
    put_in_use(context, &snapshot.app, proof).await?;
    Ok(Proof {
        state: ProofState::Active,
        refused_code: None,
        ..wanted.proof.clone()
    })
}

/// Makes a client secret at Microsoft or a certificate here, sees it work, switches to it, and removes there what was replaced
/// before. Of the kind that is in use, unless another is asked for.
pub(crate) async fn by_itself(
    life: &Lifecycle,
    caller: &Caller,
    app: AppRegistrationId,
    kind: Option<ProofKind>,
) -> Result<Proof> {
    // Much is held across the many steps, and jobs hold this future.
    let outcome = Box::pin(renew(life, caller, app, kind)).await;
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

async fn renew(
    life: &Lifecycle,
    caller: &Caller,
    app: AppRegistrationId,
    kind: Option<ProofKind>,
) -> Result<Proof> {
    let (app, stored) = stored(life, caller, app).await?;
    let kind = kind.unwrap_or_else(|| in_use(&stored));
    let registration = Registration::new(life, caller, app)?;
    match kind {
        ProofKind::ClientSecret => secret::replace(&registration).await,
        ProofKind::Certificate => certificate::replace(&registration).await,
        other => Err(Error::Invalid {
            field: "kind",
            message: format!(
                "`{}` has no end; what is replaced is a `client_secret` or a `certificate`",
                other.id()
            ),
        }),
    }
}

/// The kind of the newest proof in use that has an end.
fn in_use(stored: &[SealedProof]) -> ProofKind {
    let mut used = stored
        .iter()
        .map(|known| &known.proof)
        .filter(|proof| proof.state == ProofState::Active)
        .map(|proof| proof.kind);
    used.find(|kind| matches!(kind, ProofKind::ClientSecret | ProofKind::Certificate))
        .unwrap_or(ProofKind::ClientSecret)
}

async fn stored(
    life: &Lifecycle,
    caller: &Caller,
    id: AppRegistrationId,
) -> Result<(AppRegistration, Vec<SealedProof>)> {
    let mut tx = life.context.store.read().await?;
    let app = tx.app_registration(caller.workspace_id, id).await?;
    let app = app.ok_or_else(|| Error::NotFound {
        what: "app registration",
        id: id.to_string(),
    })?;
    let stored = tx.proofs(caller.workspace_id, id).await?;
    Ok((app, stored))
}

fn no_proof(id: ProofId) -> Error {
    Error::NotFound {
        what: "proof",
        id: id.to_string(),
    }
}

/// Puts a stored proof in use and retires the others; answers how all of them stood before.
async fn put_in_use(
    context: &Context,
    app: &AppRegistration,
    proof: ProofId,
) -> Result<Vec<SealedProof>> {
    repeated(|| try_to_use(context, app, proof)).await
}

async fn try_to_use(
    context: &Context,
    app: &AppRegistration,
    proof: ProofId,
) -> Result<Vec<SealedProof>> {
    let mut tx = context.store.write().await?;
    tx.hold_app_registration(app.workspace_id, app.id).await?;
    let before = tx.proofs(app.workspace_id, app.id).await?;
    let others = before.iter().map(|known| &known.proof);
    for other in others.filter(|other| other.id != proof && other.state == ProofState::Active) {
        tx.set_proof_state(app.workspace_id, other.id, ProofState::Retired)
            .await?;
    }
    let active = ProofState::Active;
    if !tx.set_proof_state(app.workspace_id, proof, active).await? {
        return Err(no_proof(proof));
    }
    tx.commit().await?;
    Ok(before)
}

/// Entra's replicas learn of a new proof one after the other: pauses between the tries to use it, in seconds.
const PAUSES: [u64; 5] = [2, 5, 10, 20, 30];

/// Tried until Entra knows it, for about a minute. `unknown` is what it says until then.
async fn until_known(
    registration: &Registration<'_>,
    material: &Material,
    unknown: &str,
) -> Result<()> {
    let (context, snapshot) = (registration.context(), &registration.snapshot);
    for pause in PAUSES {
        let tried = service_principal::verify(context, snapshot, material).await;
        let Err(error) = tried else {
            return Ok(());
        };
        let code = error.diagnosis().map(|told| told.evidence.code.as_str());
        if code != Some(unknown) {
            return Err(error);
        }
        sleep(Duration::from_secs(pause)).await;
    }
    let tried = service_principal::verify(context, snapshot, material).await;
    tried.map(drop)
}

async fn forget(context: &Context, old: &Proof) -> Result<()> {
    let mut tx = context.store.write().await?;
    tx.delete_proof(old.workspace_id, old.id).await?;
    let removal = Removal::new(old.workspace_id, old.id, context.now());
    tx.note_removal(&removal).await?;
    Ok(tx.commit().await?)
}

/// The new proof is in use whatever becomes of the old one, which is tried again at the next replacement.
fn tell_left(old: &Proof, removed: Result<()>) {
    if let Err(error) = removed {
        tracing::warn!(
            app_registration.id = %old.app_registration_id, proof.id = %old.id, error = %error,
            "a proof that was replaced could not be removed at Microsoft"
        );
    }
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

/// Tells every connection of the application: one that waited for a new proof goes on, and a renewal that still fails
/// with the old secret does not speak for any of them.
async fn revive(life: &Lifecycle, workspace: WorkspaceId, app: AppRegistrationId) -> Result<()> {
    let mut tx = life.context.store.read().await?;
    let siblings = tx.connections_of_app(workspace, app).await?;
    drop(tx);
    for sibling in siblings {
        while !repeated(|| touch(life, &sibling)).await? {}
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
    let waits = matches!(
        before,
        ConnectionState::NeedsAdmin | ConnectionState::Degraded | ConnectionState::Expiring
    );
    if waits && !is_shut_out(&connection) {
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
