//! Client secrets and certificates that end within thirty days, replaced by the applications themselves where an administrator
//! wants that.

use jiff::{SignedDuration, Timestamp};
use model::{Actor, KeyScope, Proof, ProofState, Role};
use store::Page;

use crate::{Caller, Context, Lifecycle, Live, Result, TokenBroker};

const AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Read at once.
const TURN: i64 = 50;

pub(super) async fn sweep(context: &Context, live: &Live, broker: &TokenBroker) -> Result<()> {
    let horizon = context.now() + AHEAD;
    let mut after = None;
    loop {
        let page = Page { after, limit: TURN };
        let ending = context
            .store
            .read()
            .await?
            .proofs_to_rotate(horizon, page)
            .await?;
        for proof in &ending {
            if is_due(context, proof, horizon).await? {
                replace(context, live, broker, proof).await?;
            }
        }
        match ending.last() {
            Some(last) if i64::try_from(ending.len()).is_ok_and(|n| n == TURN) => {
                after = Some(last.id);
            }
            _ => return Ok(()),
        }
    }
}

/// Whether it is still in use, and nothing of its kind that is in use outlasts it.
async fn is_due(context: &Context, proof: &Proof, horizon: Timestamp) -> Result<bool> {
    let mut tx = context.store.read().await?;
    let (workspace, app) = (proof.workspace_id, proof.app_registration_id);
    let used: Vec<Proof> = tx
        .proofs(workspace, app)
        .await?
        .into_iter()
        .map(|known| known.proof)
        .filter(|other| other.state == ProofState::Active && other.kind == proof.kind)
        .collect();
    let lasts = |other: &Proof| other.expires_at.is_none_or(|end| end >= horizon);
    Ok(used.iter().any(|other| other.id == proof.id) && !used.iter().any(lasts))
}

async fn replace(
    context: &Context,
    live: &Live,
    broker: &TokenBroker,
    proof: &Proof,
) -> Result<()> {
    let mut tx = context.store.read().await?;
    let app = tx
        .app_registration(proof.workspace_id, proof.app_registration_id)
        .await?;
    drop(tx);
    let Some(app) = app.filter(|app| app.auto_rotate) else {
        return Ok(());
    };
    let itself = Caller {
        workspace_id: app.workspace_id,
        member_id: app.created_by,
        role: Role::Admin,
        actor: Actor::System,
        scope: KeyScope::default(),
    };
    let connections = Lifecycle::new(context.clone(), live.clone(), broker.clone());
    let kind = Some(proof.kind);
    if let Err(error) = connections.rotate_by_itself(&itself, app.id, kind).await {
        // The warning that follows tells the people who can help.
        tracing::warn!(
            app_registration.id = %app.id, proof.id = %proof.id, kind = proof.kind.id(), error = %error,
            "a proof of an application could not be replaced"
        );
    }
    Ok(())
}
