//! A client secret replaced through Microsoft Graph by the application itself.

use model::{Proof, ProofState};
use store::SealedProof;

use super::at_microsoft::{Made, Registration};
use crate::Result;
use crate::apps::{self, NewSecret};
use crate::proof::{Draft, NewProof};

/// What Entra says of a secret that it does not know, or not yet.
const UNKNOWN: &str = "AADSTS7000215";

pub(super) async fn replace(registration: &Registration<'_>) -> Result<Proof> {
    let made = registration.add_password().await?;
    let key_id = made.key_id.clone();
    let (proof, before) = match adopt(registration, made).await {
        Ok(adopted) => adopted,
        Err(error) => {
            // A secret that nobody has must not stay good for half a year. Why it came to this is the error that counts.
            if let Err(left) = registration.remove_password(&key_id).await {
                tracing::warn!(
                    app_registration.id = %registration.app().id, key_id, error = %left,
                    "a client secret that is not used was left at Microsoft"
                );
            }
            return Err(error);
        }
    };
    for old in before.into_iter().map(|known| known.proof) {
        if old.state == ProofState::Retired {
            let removed = remove(registration, &old).await;
            super::tell_left(&old, removed);
        }
    }
    Ok(proof)
}

/// Sees the new secret work and switches to it; beside it, the proofs that were there before.
async fn adopt(registration: &Registration<'_>, made: Made) -> Result<(Proof, Vec<SealedProof>)> {
    let (context, app) = (registration.context(), registration.app());
    let secret = NewSecret {
        value: made.secret_text.into(),
        expires_at: Some(made.end_date_time),
    };
    let draft = Draft::of(context, app, NewProof::Secret(secret)).await?;
    let draft = draft.with_key_id(made.key_id);
    super::until_known(registration, &draft.material, UNKNOWN).await?;
    // What was in use until now goes on working for calls under way; what was replaced before it is done with.
    let (stored, before) = apps::store_proof(context, app, &draft).await?;
    Ok((stored.proof, before))
}

/// There and here. One whose id at Microsoft is not known is forgotten here only, when somebody says so.
pub(super) async fn remove(registration: &Registration<'_>, old: &Proof) -> Result<()> {
    let Some(key_id) = &old.details.key_id else {
        return Ok(());
    };
    registration.remove_password(key_id).await?;
    super::forget(registration.context(), old).await
}
