//! A certificate replaced through Microsoft Graph by the application itself.
//!
//! Each step looks first, so that a run that ended anywhere is taken up by the next: the key is made and sealed before Microsoft
//! hears of it, a certificate that waits is used instead of another one, and one that Microsoft lists is not announced again.

use jiff::{SignedDuration, Timestamp};
use microsoft::ClientCertificate;
use model::{Proof, ProofKind, ProofState};
use store::SealedProof;

use super::at_microsoft::{Registration, There};
use super::secret;
use crate::apps;
use crate::proof::{CERTIFICATE_DAYS, Draft, Material, NewCertificate, NewProof};
use crate::{Error, Result};

/// What Entra says of a certificate that it does not know, or not yet.
const UNKNOWN: &str = "AADSTS700027";
/// One that waits is worth using if it is good for longer than this.
const WORTH_USING: SignedDuration = SignedDuration::from_hours(24 * 60);

pub(super) async fn replace(registration: &Registration<'_>) -> Result<Proof> {
    // Before anything is made: whether the application may look at its registration at all.
    let there = registration.look().await?;
    let new = draw(registration).await?;
    let certificate = open(registration, &new).await?;
    if there.entries(&new.proof).next().is_none() {
        announce(registration, &there, &new.proof).await?;
    }
    let material = Material::Certificate(Box::new(certificate));
    super::until_known(registration, &material, UNKNOWN).await?;
    let before =
        super::put_in_use(registration.context(), registration.app(), new.proof.id).await?;
    // What was in use until now goes on working for calls under way; what was replaced before it is done with. Where somebody
    // else put the same one in use meanwhile, the other run sees to that.
    let is_ours = |known: &SealedProof| known.proof.id == new.proof.id;
    let was_used = |known: &SealedProof| known.proof.state == ProofState::Active;
    if !before.iter().any(|known| is_ours(known) && was_used(known)) {
        for old in before.iter().map(|known| &known.proof) {
            if old.state == ProofState::Retired {
                let removed = remove(registration, &there, &material, old).await;
                super::tell_left(old, removed);
            }
        }
    }
    Ok(Proof {
        state: ProofState::Active,
        refused_code: None,
        ..new.proof
    })
}

/// The certificate that waits to be announced, or a new one, sealed.
async fn draw(registration: &Registration<'_>) -> Result<SealedProof> {
    let (context, app) = (registration.context(), registration.app());
    let now = context.now();
    let stored = context
        .store
        .read()
        .await?
        .proofs(app.workspace_id, app.id)
        .await?;
    if let Some(waiting) = waiting(stored, now) {
        return Ok(waiting);
    }
    let days = CERTIFICATE_DAYS;
    let new = NewProof::Certificate(NewCertificate::Generate { days });
    let draft = Draft::of(context, app, new).await?;
    Ok(apps::store_proof(context, app, &draft).await?.0)
}

fn waiting(stored: Vec<SealedProof>, now: Timestamp) -> Option<SealedProof> {
    stored.into_iter().find(|known| {
        let proof = &known.proof;
        proof.kind == ProofKind::Certificate
            && proof.state == ProofState::Pending
            && proof.expires_at.is_some_and(|end| end > now + WORTH_USING)
    })
}

async fn open(registration: &Registration<'_>, stored: &SealedProof) -> Result<ClientCertificate> {
    let opened = Material::open(registration.context(), registration.app(), stored).await?;
    match opened {
        Material::Certificate(certificate) => Ok(*certificate),
        _ => Err(Error::Unexpected(format!(
            "proof {} is no certificate",
            stored.proof.id
        ))),
    }
}

/// Vouched for by a certificate that is there; where none is, by the permission to change the registration.
async fn announce(registration: &Registration<'_>, there: &There, new: &Proof) -> Result<()> {
    let Some(held) = held(registration, there).await? else {
        return registration.put_key(there, new).await;
    };
    let now = registration.context().now();
    let proof = held.prove_possession(&there.object_id, now);
    let proof = proof.map_err(|error| Error::Unexpected(error.to_string()))?;
    registration.add_key(new, &proof).await
}

/// The newest certificate of ours that Microsoft takes.
async fn held(registration: &Registration<'_>, there: &There) -> Result<Option<ClientCertificate>> {
    let (context, app) = (registration.context(), registration.app());
    let now = context.now();
    let stored = context
        .store
        .read()
        .await?
        .proofs(app.workspace_id, app.id)
        .await?;
    let good = stored.iter().find(|known| {
        let proof = &known.proof;
        proof.kind == ProofKind::Certificate
            && matches!(proof.state, ProofState::Active | ProofState::Retired)
            && proof.expires_at.is_some_and(|end| end > now)
            && there.entries(proof).next().is_some()
    });
    match good {
        Some(stored) => open(registration, stored).await.map(Some),
        None => Ok(None),
    }
}

/// There and here. A certificate that was given to Consentry may serve others: it is forgotten when somebody says so.
async fn remove(
    registration: &Registration<'_>,
    there: &There,
    signer: &Material,
    old: &Proof,
) -> Result<()> {
    let app = registration.app();
    match (old.kind, signer) {
        (ProofKind::ClientSecret, _) => secret::remove(registration, old).await,
        (ProofKind::Certificate, Material::Certificate(signer))
            if Draft::is_made_here(app, old) =>
        {
            let context = registration.context();
            for key_id in there
                .entries(old)
                .filter_map(|entry| entry["keyId"].as_str())
            {
                let proof = signer.prove_possession(&there.object_id, context.now());
                let proof = proof.map_err(|error| Error::Unexpected(error.to_string()))?;
                registration.remove_key(key_id, &proof).await?;
            }
            super::forget(context, old).await
        }
        _ => Ok(()),
    }
}
