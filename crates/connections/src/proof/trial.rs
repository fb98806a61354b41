use std::collections::VecDeque;

use jiff::Timestamp;
use model::{Actor, AppRegistration, Outcome, Proof, ProofState};
use store::SealedProof;

use super::{Blame, Material, blame};
use crate::grant::AskError;
use crate::{Context, Error, diagnosis};

/// One proof after the other, until one works or none is left.
pub(crate) struct Trial<'a> {
    context: &'a Context,
    app: &'a AppRegistration,
    left: VecDeque<SealedProof>,
    last: Option<AskError>,
}

/// The proof whose turn it is.
pub(crate) struct Candidate {
    proof: Proof,
    pub(crate) material: Material,
}

impl<'a> Trial<'a> {
    pub(crate) async fn begin(
        context: &'a Context,
        app: &'a AppRegistration,
    ) -> Result<Self, AskError> {
        let stored = context
            .store
            .read()
            .await?
            .proofs(app.workspace_id, app.id)
            .await?;
        Ok(Self {
            context,
            app,
            left: ordered(stored, context.now()).into(),
            last: None,
        })
    }

    /// The next one to try. When none is left, why the last one did not work.
    pub(crate) async fn next(&mut self) -> Result<Candidate, AskError> {
        let Some(stored) = self.left.pop_front() else {
            return Err(self
                .last
                .take()
                .unwrap_or_else(|| AskError::Ours(no_proof(self.app))));
        };
        let material = Material::open(self.context, self.app, &stored).await?;
        Ok(Candidate {
            proof: stored.proof,
            material,
        })
    }

    /// Goes on to the next one where that may help; otherwise the error is the answer.
    pub(crate) async fn failed(
        &mut self,
        candidate: &Candidate,
        error: AskError,
    ) -> Result<(), AskError> {
        let blame = match &error {
            AskError::Entra(error) => blame(error, &candidate.material),
            AskError::Source(_) => Blame::ProofForNow,
            AskError::Ours(_) => Blame::Else,
        };
        if blame == Blame::Else {
            return Err(error);
        }
        if blame == Blame::Proof {
            self.refuse(&candidate.proof, &error).await?;
        }
        // What a passing failure says is worth less than what Entra says of another proof.
        if self.last.is_none() || blame == Blame::Proof {
            self.last = Some(error);
        }
        Ok(())
    }

    /// It works: from now on it is one of those in use.
    pub(crate) async fn worked(&self, candidate: &Candidate) -> Result<(), AskError> {
        let proof = &candidate.proof;
        if !matches!(proof.state, ProofState::Pending | ProofState::Refused) {
            return Ok(());
        }
        let mut tx = self.context.store.write().await?;
        tx.set_proof_state(self.app.workspace_id, proof.id, ProofState::Active)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Kept, and told once: another proof may go on doing the work meanwhile.
    async fn refuse(&self, proof: &Proof, error: &AskError) -> Result<(), AskError> {
        if matches!(proof.state, ProofState::Refused | ProofState::Pending) {
            return Ok(());
        }
        let AskError::Entra(error) = error else {
            return Ok(());
        };
        let evidence = diagnosis::evidence(error);
        let remote = evidence.remote_ids();
        let code = evidence.code;
        let mut tx = self.context.store.write().await?;
        tx.refuse_proof(self.app.workspace_id, proof.id, &code)
            .await?;
        tx.commit().await?;
        tracing::warn!(
            app_registration.id = %self.app.id,
            proof.id = %proof.id,
            code,
            "Entra refused a proof of an application; another is used if there is one"
        );
        let mut line = self.context.line(
            self.app.workspace_id,
            Actor::System,
            "app_registration.proof_refused",
        );
        line.target = Some(proof.id.to_string());
        line.outcome = Outcome::Failed;
        line.code = Some(code);
        line.remote = remote;
        self.context.journal.note(line).await;
        Ok(())
    }
}

/// In use, then replaced, then not known to Entra yet; newest first among equals, and what is said to have expired after what
/// has not. Refused ones are tried only when nothing else is left to try.
fn ordered(mut stored: Vec<SealedProof>, now: Timestamp) -> Vec<SealedProof> {
    if stored
        .iter()
        .any(|known| known.proof.state != ProofState::Refused)
    {
        stored.retain(|known| known.proof.state != ProofState::Refused);
    }
    // The sort keeps the order of age that they came in.
    stored.sort_by_key(|known| {
        let proof = &known.proof;
        let is_over = proof.expires_at.is_some_and(|end| end <= now);
        let rank = match proof.state {
            ProofState::Active => 0,
            ProofState::Retired => 1,
            ProofState::Pending | ProofState::Refused => 2,
        };
        (is_over, rank)
    });
    stored
}

fn no_proof(app: &AppRegistration) -> Error {
    Error::Invalid {
        field: "client_secret",
        message: format!(
            "app registration `{}` has no proof; add a client secret, a certificate or a federated credential",
            app.name
        ),
    }
}
