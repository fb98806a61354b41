//! Proofs that end soon: said at thirty, fourteen, seven, three and one days, in state, log and events.

use jiff::{SignedDuration, Timestamp};
use model::{
    Act, Connection, ConnectionState, Diagnosis, EventKind, Evidence, Group, Proof, ProofId,
    ProofKind, ProofState, RemedyStep,
};
use serde_json::json;
use store::{Page, Transaction};

use crate::{Context, Live, Result, events};

/// Days before the end at which a warning is due, the nearest first.
const STEPS: [i64; 5] = [1, 3, 7, 14, 30];
const TURN: i64 = 200;

pub(super) async fn sweep(context: &Context, live: &Live) -> Result<()> {
    let mut after: Option<ProofId> = None;
    loop {
        let page = Page { after, limit: TURN };
        let horizon = context.now() + SignedDuration::from_hours(24 * 30);
        let ending = context
            .store
            .read()
            .await?
            .proofs_ending(horizon, page)
            .await?;
        for (proof, warned) in &ending {
            warn(context, live, proof, *warned).await?;
        }
        match ending.last() {
            Some((last, _)) if i64::try_from(ending.len()).is_ok_and(|n| n == TURN) => {
                after = Some(last.id);
            }
            _ => return Ok(()),
        }
    }
}

/// The step that is due: the nearest one that the time left is within.
fn step(left: SignedDuration) -> Option<i64> {
    STEPS
        .into_iter()
        .find(|days| left <= SignedDuration::from_hours(24 * days))
}

async fn warn(context: &Context, live: &Live, proof: &Proof, warned: Option<i64>) -> Result<()> {
    let Some(end) = proof.expires_at else {
        return Ok(());
    };
    let due = step(end.duration_since(context.now()));
    let Some(days) = due.filter(|days| warned.is_none_or(|warned| *days < warned)) else {
        return Ok(());
    };
    let mut tx = context.store.write().await?;
    if another_lasts(&mut *tx, proof, end).await? {
        return Ok(());
    }
    if !tx
        .mark_warned(proof.workspace_id, proof.id, warned, days)
        .await?
    {
        return Ok(());
    }
    let connections = tx
        .connections_of_app(proof.workspace_id, proof.app_registration_id)
        .await?;
    for mut connection in connections {
        let before = connection.state;
        if !matches!(before, ConnectionState::Active | ConnectionState::Expiring) {
            continue;
        }
        connection.state = ConnectionState::Expiring;
        connection.diagnosis = Some(diagnosis(&connection, proof, end));
        connection.updated_at = context.now();
        if tx.update_connection(&connection).await? {
            let detail = json!({ "days_left": days, "expires_at": end, "proof_id": proof.id });
            events::note_with(context, &mut *tx, EventKind::Expiring, &connection, detail).await?;
            live.forget(connection.workspace_id, connection.id).await;
        }
    }
    tx.commit().await?;
    tracing::warn!(
        app_registration.id = %proof.app_registration_id,
        proof.id = %proof.id,
        days_left = days,
        "a proof of an application ends soon"
    );
    Ok(())
}

/// Whether the application goes on without this proof.
async fn another_lasts(tx: &mut dyn Transaction, proof: &Proof, end: Timestamp) -> Result<bool> {
    let proofs = tx
        .proofs(proof.workspace_id, proof.app_registration_id)
        .await?;
    Ok(proofs.iter().map(|known| &known.proof).any(|other| {
        other.id != proof.id
            && matches!(other.state, ProofState::Active | ProofState::Retired)
            && other.expires_at.is_none_or(|its| its > end)
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
}
