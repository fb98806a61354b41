//! Proofs that end soon: said at thirty, fourteen, seven, three and one days, in state, log and events.

use jiff::{SignedDuration, Timestamp};
use model::{
    Act, AppRegistrationId, Connection, ConnectionId, ConnectionState, Diagnosis, EventKind,
    Evidence, Group, Proof, ProofKind, ProofState, RemedyStep, WorkspaceId,
};
use serde_json::json;
use store::{Transaction, repeated};

use crate::{Context, Live, Result, events};

/// Days before the end at which a warning is due, the nearest first.
const STEPS: [i64; 5] = [1, 3, 7, 14, 30];
const TURN: i64 = 200;

pub(super) async fn sweep(context: &Context, live: &Live) -> Result<()> {
    loop {
        let now = context.now();
        let due = context
            .store
            .read()
            .await?
            .proofs_to_warn(now, TURN)
            .await?;
        for (proof, warned) in &due {
            while !repeated(|| warn(context, live, proof, *warned)).await? {}
        }
        if i64::try_from(due.len()).is_ok_and(|n| n < TURN) {
            return Ok(());
        }
    }
}

/// The step that is due: the nearest one that the time left is within.
fn step(left: SignedDuration) -> Option<i64> {
    STEPS
        .into_iter()
        .find(|days| left <= SignedDuration::from_hours(24 * days))
}

/// When the next step is due.
fn next_look(end: Timestamp, now: Timestamp) -> Option<Timestamp> {
    STEPS
        .into_iter()
        .rev()
        .map(|days| end - SignedDuration::from_hours(24 * days))
        .find(|step| *step > now)
}

/// Looks at one proof, and says when to look again. False where a connection was changed meanwhile: nothing was done, and its
/// warning would be lost.
async fn warn(context: &Context, live: &Live, proof: &Proof, warned: Option<i64>) -> Result<bool> {
    let (workspace, now) = (proof.workspace_id, context.now());
    let mut tx = context.store.write().await?;
    let Some(end) = proof.expires_at else {
        tx.look_at_proof(workspace, proof.id, None).await?;
        tx.commit().await?;
        return Ok(true);
    };
    if another_lasts(&mut *tx, proof, end).await? {
        // It may be removed, or refused.
        let tomorrow = now + SignedDuration::from_hours(24);
        tx.look_at_proof(workspace, proof.id, Some(tomorrow))
            .await?;
        tx.commit().await?;
        for connection in calm(context, workspace, proof.app_registration_id).await? {
            live.forget(workspace, connection).await;
        }
        return Ok(true);
    }
    tx.look_at_proof(workspace, proof.id, next_look(end, now))
        .await?;
    let due = step(end.duration_since(now));
    let Some(days) = due.filter(|days| warned.is_none_or(|warned| *days < warned)) else {
        tx.commit().await?;
        return Ok(true);
    };
    if !tx.mark_warned(workspace, proof.id, warned, days).await? {
        return Ok(true);
    }
    let Some(told) = tell(context, &mut *tx, proof, end, days).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    for connection in told {
        live.forget(workspace, connection).await;
    }
    tracing::warn!(
        app_registration.id = %proof.app_registration_id,
        proof.id = %proof.id,
        days_left = days,
        "a proof of an application ends soon"
    );
    Ok(true)
}

/// Sets the state of the application's connections. Their events come last in the transaction, since others wait for them.
/// `None` where somebody changed one meanwhile.
async fn tell(
    context: &Context,
    tx: &mut dyn Transaction,
    proof: &Proof,
    end: Timestamp,
    days: i64,
) -> Result<Option<Vec<ConnectionId>>> {
    let connections = tx
        .connections_of_app(proof.workspace_id, proof.app_registration_id)
        .await?;
    let mut changed = Vec::new();
    for mut connection in connections {
        if !matches!(
            connection.state,
            ConnectionState::Active | ConnectionState::Expiring
        ) {
            continue;
        }
        connection.state = ConnectionState::Expiring;
        connection.diagnosis = Some(diagnosis(&connection, proof, end));
        connection.updated_at = context.now();
        if !tx.update_connection(&connection).await? {
            return Ok(None);
        }
        changed.push(connection);
    }
    let detail = json!({ "days_left": days, "expires_at": end, "proof_id": proof.id });
    for connection in &changed {
        let detail = detail.clone();
        events::note_with(context, tx, EventKind::Expiring, connection, detail).await?;
    }
    Ok(Some(
        changed.iter().map(|connection| connection.id).collect(),
    ))
}

/// Connections that were said to end go on as ever once the application has a proof that lasts. Which ones they were.
pub(crate) async fn calm(
    context: &Context,
    workspace: WorkspaceId,
    app: AppRegistrationId,
) -> Result<Vec<ConnectionId>> {
    loop {
        if let Some(calmed) = repeated(|| try_calm(context, workspace, app)).await? {
            return Ok(calmed);
        }
    }
}

/// `None` where somebody changed a connection meanwhile: nothing was done.
async fn try_calm(
    context: &Context,
    workspace: WorkspaceId,
    app: AppRegistrationId,
) -> Result<Option<Vec<ConnectionId>>> {
    let now = context.now();
    let mut tx = context.store.write().await?;
    let proofs = tx.proofs(workspace, app).await?;
    let lasts = proofs.iter().map(|known| &known.proof).any(|proof| {
        is_usable(proof)
            && proof
                .expires_at
                .is_none_or(|end| step(end.duration_since(now)).is_none())
    });
    if !lasts {
        return Ok(Some(Vec::new()));
    }
    let mut changed = Vec::new();
    for mut connection in tx.connections_of_app(workspace, app).await? {
        if connection.state != ConnectionState::Expiring {
            continue;
        }
        connection.state = ConnectionState::Active;
        connection.diagnosis = None;
        connection.updated_at = now;
        if !tx.update_connection(&connection).await? {
            return Ok(None);
        }
        changed.push(connection);
    }
    for connection in &changed {
        events::note_change(context, &mut *tx, ConnectionState::Expiring, connection).await?;
    }
    tx.commit().await?;
    Ok(Some(
        changed.iter().map(|connection| connection.id).collect(),
    ))
}

fn is_usable(proof: &Proof) -> bool {
    matches!(proof.state, ProofState::Active | ProofState::Retired)
}

/// Whether the application goes on without this proof.
async fn another_lasts(tx: &mut dyn Transaction, proof: &Proof, end: Timestamp) -> Result<bool> {
    let proofs = tx
        .proofs(proof.workspace_id, proof.app_registration_id)
        .await?;
    Ok(proofs.iter().map(|known| &known.proof).any(|other| {
        other.id != proof.id && is_usable(other) && other.expires_at.is_none_or(|its| its > end)
    }))
}

fn diagnosis(connection: &Connection, proof: &Proof, end: Timestamp) -> Diagnosis {
    let what = match proof.kind {
        ProofKind::Certificate => "certificate",
        _ => "client secret",
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = if connection.name.chars().all(plain) {
        connection.name.clone()
    } else {
        connection.id.to_string()
    };
    Diagnosis {
        group: Group::TokenRefreshFailed,
        cause: format!(
            "the application's {what} `{}` ends on {end}; until then everything works",
            proof.hint
        ),
        act: Act::Administrator,
        remedy: vec![RemedyStep {
            text: format!("create a new {what} in Entra and put it in use; it is verified first"),
            link: None,
            command: Some(format!("consentry connections rotate {name}")),
        }],
        evidence: Evidence {
            code: "proof.expiring".to_owned(),
            message: format!("proof {} ends on {end}", proof.id),
            ..Evidence::default()
        },
        known: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_step_is_due() {
        let hours = SignedDuration::from_hours;
        let cases = [
            (24 * 31, None),
            (24 * 30, Some(30)),
            (24 * 15, Some(30)),
            (24 * 14, Some(14)),
            (24 * 7, Some(7)),
            (50, Some(3)),
            (24, Some(1)),
            (-5, Some(1)),
        ];
        for (left, due) in cases {
            assert_eq!(step(hours(left)), due, "{left} hours");
        }
    }

    #[test]
    fn the_next_look_is_at_the_next_step() {
        let now = Timestamp::UNIX_EPOCH;
        let hours = SignedDuration::from_hours;
        let cases = [
            (24 * 31, Some(24)),
            (24 * 30, Some(24 * 16)),
            (24 * 5, Some(24 * 2)),
            (24, None),
            (-5, None),
        ];
        for (left, next) in cases {
            let next = next.map(|after| now + hours(after));
            assert_eq!(next_look(now + hours(left), now), next, "{left} hours");
        }
    }
}
