//! Client secrets that end within thirty days, replaced by the applications themselves where an administrator wants that.

use jiff::SignedDuration;
use model::{Actor, KeyScope, Proof, ProofKind, Role};
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
        let secrets = ending
            .iter()
            .filter(|proof| proof.kind == ProofKind::ClientSecret);
        for proof in secrets {
            replace(context, live, broker, proof).await?;
        }
        match ending.last() {
            Some(last) if i64::try_from(ending.len()).is_ok_and(|n| n == TURN) => {
                after = Some(last.id);
            }
            _ => return Ok(()),
        }
    }
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
    if let Err(error) = connections.rotate_by_itself(&itself, app.id).await {
        // The warning that follows tells the people who can help.
        tracing::warn!(app_registration.id = %app.id, error = %error, "a client secret could not be replaced");
    }
    Ok(())
}
