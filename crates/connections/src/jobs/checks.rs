//! Connections looked after without anybody asking: once a day each, a few at a time. A token that nobody used is renewed by
//! this, so that the refresh token of an idle connection never grows ninety days old.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/refresh-tokens>

use std::sync::Arc;

use jiff::SignedDuration;
use model::{Actor, ConnectionId, Outcome, WorkspaceId};

use crate::probe::Findings;
use crate::{BrokerError, Context, Live, Result, Snapshot, TokenBroker, missing};

const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Of one turn, so that ten thousand connections take most of a day and not one burst.
const TURN: i64 = 20;

pub(super) async fn sweep(context: &Context, live: &Live, broker: &TokenBroker) -> Result<()> {
    let before = context.now() - EVERY;
    let due = context
        .store
        .read()
        .await?
        .connections_to_check(before, TURN)
        .await?;
    for (workspace, connection) in due {
        let mut tx = context.store.write().await?;
        tx.mark_checked(workspace, connection, context.now())
            .await?;
        tx.commit().await?;
        check(context, live, broker, workspace, connection).await?;
    }
    Ok(())
}

/// A token, whether it carries what was asked for, and the few reads of a test. A failed renewal sets the state by itself.
async fn check(
    context: &Context,
    live: &Live,
    broker: &TokenBroker,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> Result<()> {
    // One that was removed meanwhile, or cannot be read, must not keep the others from being looked after.
    let Ok(snapshot) = live.reread(workspace, connection).await else {
        return Ok(());
    };
    let mut told = context.line(workspace, Actor::System, "connection.check");
    told.connection_id = Some(connection);
    match found(live, broker, &snapshot).await {
        Ok((fresh, findings)) => {
            if let Some(diagnosis) = &findings.diagnosis {
                told.outcome = Outcome::Failed;
                told.code = Some(diagnosis.evidence.code.clone());
                if let Some(state) = findings.state {
                    broker.fail(&fresh, state, diagnosis).await?;
                }
            } else if !missing(&fresh.connection).is_empty() {
                told.outcome = Outcome::Failed;
                told.code = Some("permission_missing".to_owned());
            }
        }
        Err(error) => {
            told.outcome = Outcome::Failed;
            told.code = Some(match error {
                BrokerError::Refused(diagnosis) => diagnosis.evidence.code,
                _ => "unreachable".to_owned(),
            });
        }
    }
    context.journal.note(told).await;
    Ok(())
}

/// Signs in anew, since a token that is still good knows nothing of a user who is gone or a secret that was removed, and looks.
async fn found(
    live: &Live,
    broker: &TokenBroker,
    snapshot: &Arc<Snapshot>,
) -> std::result::Result<(Arc<Snapshot>, Findings), BrokerError> {
    let token = broker.fresh(snapshot).await?;
    let (workspace, id) = (snapshot.connection.workspace_id, snapshot.connection.id);
    let fresh = live.reread(workspace, id).await?;
    let findings = broker.probed(&fresh, &token).await?;
    Ok((fresh, findings))
}
