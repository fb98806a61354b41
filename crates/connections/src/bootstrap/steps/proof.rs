//! The proof, and that it works. What is made is sealed here before anything else is done: a secret whose text was lost with
//! the process that asked for it is removed, and made anew.

use jiff::SignedDuration;
use microsoft::TOKEN_EXCHANGE_AUDIENCE;
use model::{AppRegistration, Proof, ProofKind, ProofState, Service};
use serde_json::{Value, json};

use super::{Outcome, Result, Work};
use crate::apps::{self, NewSecret};
use crate::bootstrap::at_microsoft::Directory;
use crate::bootstrap::refusal::Refusal;
use crate::bootstrap::wanted::WantedProof;
use crate::proof::key_credential;
use crate::proof::{CERTIFICATE_DAYS, CONSENTRY, Draft, NewCertificate, NewFederated, NewProof};
use crate::{Error, grant, issuer, rotate, service_principal, test};

/// How long a secret made here is good for.
const SECRET: SignedDuration = SignedDuration::from_hours(180 * 24);

impl Work<'_> {
    pub(super) async fn proof(&mut self) -> Result<Outcome> {
        let app = self.known_registration()?;
        let object_id = self.known_application()?.object_id;
        let known = self.usable(&app).await?;
        let cloud = self.cloud()?;
        let directory = self.directory(&cloud);
        match self.wanted.proof {
            WantedProof::Secret => self.secret(&directory, &app, &object_id, &known).await,
            WantedProof::Certificate => self.certificate(&directory, &app, &object_id, known).await,
            WantedProof::Federated => self.federated(&directory, &app, &object_id, known).await,
        }
    }

    /// Proofs here of the wanted kind that are in use, or wait for their first success.
    async fn usable(&self, app: &AppRegistration) -> Result<Vec<Proof>> {
        let kind = match self.wanted.proof {
            WantedProof::Secret => ProofKind::ClientSecret,
            WantedProof::Certificate => ProofKind::Certificate,
            WantedProof::Federated => ProofKind::FederatedCredential,
        };
        let mut tx = self.life.context.store.read().await?;
        let all = tx.proofs(app.workspace_id, app.id).await?;
        let of_kind = all.into_iter().map(|sealed| sealed.proof).filter(|proof| {
            proof.kind == kind && matches!(proof.state, ProofState::Active | ProofState::Pending)
        });
        Ok(of_kind.collect())
    }

    async fn secret(
        &self,
        directory: &Directory<'_>,
        app: &AppRegistration,
        object_id: &str,
        known: &[Proof],
    ) -> Result<Outcome> {
        let there = directory.secrets(object_id).await?;
        let is_there = |proof: &&Proof| {
            let key_id = proof.details.key_id.as_deref();
            there.iter().any(|(id, _)| Some(id.as_str()) == key_id)
        };
        if let Some(proof) = known.iter().find(is_there) {
            return Ok(Outcome::there(&proof.id.to_string()));
        }
        let name = format!("Consentry {}", app.id);
        let is_ours = |id: &str| {
            known
                .iter()
                .any(|proof| proof.details.key_id.as_deref() == Some(id))
        };
        for (id, _) in there
            .iter()
            .filter(|(id, given)| *given == name && !is_ours(id))
        {
            directory.remove_secret(object_id, id).await?;
        }
        let context = &self.life.context;
        let made = directory
            .add_secret(object_id, &name, context.now() + SECRET)
            .await?;
        let secret = NewSecret {
            value: made.secret_text.into(),
            expires_at: Some(made.end_date_time),
        };
        let draft = Draft::of(context, app, secret.into()).await?;
        self.keep(app, &draft.with_key_id(made.key_id).waiting())
            .await
    }

    /// The key is made and sealed first; its certificate is registered after that.
    async fn certificate(
        &self,
        directory: &Directory<'_>,
        app: &AppRegistration,
        object_id: &str,
        known: Vec<Proof>,
    ) -> Result<Outcome> {
        let (proof, outcome) = if let Some(proof) = known.into_iter().next() {
            let outcome = Outcome::there(&proof.id.to_string());
            (proof, outcome)
        } else {
            let days = CERTIFICATE_DAYS;
            let new = NewProof::Certificate(NewCertificate::Generate { days });
            self.draw(app, new).await?
        };
        let mut all = directory.certificates(object_id).await?;
        if all.iter().any(|entry| key_credential::is_of(entry, &proof)) {
            return Ok(outcome);
        }
        all.push(key_credential::entry(&proof));
        directory.put_certificates(object_id, all).await?;
        Ok(Outcome::made(&proof.hint))
    }

    async fn federated(
        &self,
        directory: &Directory<'_>,
        app: &AppRegistration,
        object_id: &str,
        known: Vec<Proof>,
    ) -> Result<Outcome> {
        let context = &self.life.context;
        let known = known.into_iter().find(|proof| proof.hint == CONSENTRY);
        let outcome = if let Some(proof) = known {
            Outcome::there(&proof.id.to_string())
        } else {
            let new = NewFederated {
                source: CONSENTRY.to_owned(),
                identity_client_id: None,
            };
            self.draw(app, NewProof::Federated(new)).await?.1
        };
        let trust = (context.issuer_url(), issuer::subject(app));
        if directory.trusted(object_id).await?.contains(&trust) {
            return Ok(outcome);
        }
        let body: Value = json!({
            "name": "consentry",
            "issuer": trust.0,
            "subject": trust.1,
            "audiences": [TOKEN_EXCHANGE_AUDIENCE],
            "description": "Assertions that Consentry signs",
        });
        directory.trust(object_id, body).await?;
        Ok(Outcome::made(&trust.1))
    }

    /// A proof made here, sealed.
    async fn draw(&self, app: &AppRegistration, new: NewProof) -> Result<(Proof, Outcome)> {
        let context = &self.life.context;
        let draft = Draft::of(context, app, new).await?;
        let proof = apps::store_proof(context, app, &draft).await?.0.proof;
        let outcome = Outcome::made(&proof.id.to_string());
        Ok((proof, outcome))
    }

    async fn keep(&self, app: &AppRegistration, draft: &Draft) -> Result<Outcome> {
        let context = &self.life.context;
        let proof = apps::store_proof(context, app, draft).await?.0.proof;
        Ok(Outcome::made(&proof.id.to_string()))
    }

    /// Signs in as the application, puts the proof in use, and sees that what was granted is in the token.
    pub(super) async fn verify(&mut self) -> Result<Outcome> {
        let (context, app) = (&self.life.context, self.known_registration()?);
        let known = self.usable(&app).await?;
        let waiting = known
            .iter()
            .find(|proof| proof.state == ProofState::Pending);
        if let Some(proof) = waiting {
            rotate::try_stored(self.life, self.caller, app.id, proof.id).await?;
        }
        let connection = rotate::for_graph(self.life, self.caller, app.id);
        let connection = model::Connection {
            service: Service::Outlook,
            requested: self.wanted_of_graph(),
            ..connection
        };
        let snapshot = self.life.live.assemble(connection, app.clone())?;
        let given = grant::application(context, &snapshot).await;
        let given = given.map_err(|error| service_principal::explained(&snapshot, error))?;
        let granted = model::Connection {
            granted: grant::granted(&given, Service::Outlook),
            ..snapshot.connection.clone()
        };
        let missing = test::missing(&granted);
        if !missing.is_empty() && !self.is_late {
            let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
            return Err(Refusal::NotYet(format!(
                "the token does not carry {} yet",
                names.join(", ")
            )));
        }
        if self.wanted.auto_rotate && !app.auto_rotate {
            let mut tx = context.store.write().await?;
            if !tx.set_auto_rotate(app.workspace_id, app.id, true).await? {
                return Err(Error::Conflict.into());
            }
            tx.commit().await?;
        }
        Ok(match waiting {
            Some(proof) => Outcome {
                details: vec![format!("it signs in by `{}`", proof.kind.id())],
                ..Outcome::made(&proof.hint)
            },
            None => Outcome::there("it signs in"),
        })
    }

    fn wanted_of_graph(&self) -> model::PermissionSet {
        let names = crate::bootstrap::plan::of_api(self.wanted, model::Api::Graph);
        names.into_iter().collect()
    }
}
