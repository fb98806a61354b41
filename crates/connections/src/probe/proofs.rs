//! When the application's client secrets end, as Microsoft has it. Whoever gave one may not have said, and an end that nobody
//! knows is one that nobody is warned of.
//!
//! Source: <https://learn.microsoft.com/graph/api/application-get>

use jiff::Timestamp;
use model::{ConnectionMethod, Proof, ProofKind, ProofState};
use serde::Deserialize;

use super::{Asker, Probe};
use crate::Result;

/// Application permissions that let an application read its own registration.
const ALLOWING: [&str; 4] = [
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
];

/// A `passwordCredential` of Graph's: everything but the secret.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    key_id: String,
    /// The secret's first three characters.
    hint: Option<String>,
    end_date_time: Timestamp,
}

/// Notes what is found, and says nothing of what is not: an application that may not read this works all the same.
pub(super) async fn run(asker: &mut Asker<'_>) {
    let connection = &asker.snapshot.connection;
    let granted = connection.granted.iter().flatten();
    let is_allowed = granted
        .map(model::Permission::as_str)
        .any(|name| ALLOWING.contains(&name));
    if connection.method != ConnectionMethod::ServicePrincipal || !is_allowed {
        return;
    }
    let client_id = &asker.snapshot.app.client_id;
    let path = format!("/applications(appId='{client_id}')?$select=passwordCredentials");
    let Some(answer) = asker.wonder(&Probe::new("client secret", path, "")).await else {
        return;
    };
    let known: Vec<Known> =
        serde_json::from_value(answer["passwordCredentials"].clone()).unwrap_or_default();
    match learn(asker, &known).await {
        Ok(told) => {
            for told in told {
                asker.note("client secret", true, told);
            }
        }
        Err(error) => tracing::warn!(error = %error, "when a client secret ends could not be kept"),
    }
}

/// Keeps the ends that are not known yet, or were said otherwise.
async fn learn(asker: &Asker<'_>, known: &[Known]) -> Result<Vec<String>> {
    let (context, app) = (asker.context, &asker.snapshot.app);
    let mut tx = context.store.write().await?;
    tx.hold_app_registration(app.workspace_id, app.id).await?;
    let proofs = tx.proofs(app.workspace_id, app.id).await?;
    let now = context.now();
    let mut told = Vec::new();
    for proof in proofs.into_iter().map(|sealed| sealed.proof) {
        let is_secret = proof.kind == ProofKind::ClientSecret && proof.state == ProofState::Active;
        let Some(end) = end(&proof, known, now).filter(|_| is_secret) else {
            continue;
        };
        if proof.expires_at != Some(end) {
            tx.set_proof_end(app.workspace_id, proof.id, end, now)
                .await?;
        }
        told.push(format!(
            "`{}…` ends on {end}, as Microsoft has it",
            proof.hint
        ));
    }
    tx.commit().await?;
    Ok(told)
}

/// By its id at Microsoft, or by how it begins. Of several that begin so, what was said if it is one of them, or else the one that
/// ends first: a warning too early is better than none.
fn end(proof: &Proof, known: &[Known], now: Timestamp) -> Option<Timestamp> {
    let is_it = |one: &&Known| match &proof.details.key_id {
        Some(key_id) => one.key_id.eq_ignore_ascii_case(key_id),
        None => one.hint.as_deref() == Some(proof.hint.as_str()),
    };
    let ends = || known.iter().filter(is_it).map(|one| one.end_date_time);
    proof
        .expires_at
        .filter(|said| ends().any(|end| end == *said))
        .or_else(|| ends().filter(|end| *end > now).min())
        .or_else(|| ends().max())
}
