use jiff::{SignedDuration, Timestamp};
use microsoft::{ClientCertificate, TOKEN_EXCHANGE_AUDIENCE};
use model::{AppRegistration, Proof, ProofDetails, ProofId, ProofKind, ProofState};
use secrecy::{ExposeSecret, SecretString};
use store::SealedProof;
use tokio::sync::Semaphore;

use super::{
    CONSENTRY, MANAGED_IDENTITY, Material, NewCertificate, NewFederated, NewProof,
    material::Federated, sources,
};
use crate::apps::{self, NewSecret};
use crate::seal::place;
use crate::{Context, Error, Result, issuer};

/// The longest that a certificate made here is good for, in days.
const LONGEST_DAYS: u16 = 730;

/// A proof that was looked at and is not stored yet.
#[derive(Debug)]
pub(crate) struct Draft {
    kind: ProofKind,
    hint: String,
    state: ProofState,
    expires_at: Option<Timestamp>,
    details: ProofDetails,
    pub(crate) material: Material,
}

impl Draft {
    pub(crate) async fn of(
        context: &Context,
        app: &AppRegistration,
        new: NewProof,
    ) -> Result<Self> {
        match new {
            NewProof::Secret(secret) => of_secret(secret),
            NewProof::Certificate(certificate) => of_certificate(context, app, certificate).await,
            NewProof::Federated(federated) => of_federated(context, app, federated).await,
            NewProof::ManagedIdentity { client_id } => of_platform(context, app, client_id).await,
        }
    }

    /// Whether Entra has to be told of it before it can work.
    pub(crate) fn is_pending(&self) -> bool {
        self.state == ProofState::Pending
    }

    /// As it is known to work.
    #[must_use]
    pub(crate) fn proven(self) -> Self {
        Self {
            state: ProofState::Active,
            ..self
        }
    }

    /// As it is not known to work yet.
    #[must_use]
    pub(crate) fn waiting(self) -> Self {
        Self {
            state: ProofState::Pending,
            ..self
        }
    }

    /// Whether a certificate was made by [`NewCertificate::Generate`] for this registration, so that nobody else can have its key.
    pub(crate) fn is_made_here(app: &AppRegistration, proof: &Proof) -> bool {
        let subject = proof.details.subject.as_deref().unwrap_or_default();
        subject == format!("CN={}", name_for(app))
    }

    /// With Entra's own id of it.
    #[must_use]
    pub(crate) fn with_key_id(mut self, key_id: String) -> Self {
        self.details.key_id = Some(key_id);
        self
    }

    pub(crate) fn seal(
        &self,
        context: &Context,
        app: &AppRegistration,
        key: &vault::DataKey,
        generation: i64,
    ) -> Result<SealedProof> {
        let id = ProofId::generate(&*context.clock, &*context.random);
        let text = self.material.to_text()?;
        Ok(SealedProof {
            sealed: key.seal_str(place::proof(&id.to_string(), generation), &text),
            proof: Proof {
                id,
                workspace_id: app.workspace_id,
                app_registration_id: app.id,
                kind: self.kind,
                hint: self.hint.clone(),
                state: self.state,
                expires_at: self.expires_at,
                generation,
                created_at: context.now(),
                details: self.details.clone(),
                refused_code: None,
            },
        })
    }
}

fn of_secret(secret: NewSecret) -> Result<Draft> {
    apps::check_secret(&secret.value)?;
    Ok(Draft {
        kind: ProofKind::ClientSecret,
        hint: secret.value.expose_secret().chars().take(3).collect(),
        state: ProofState::Active,
        expires_at: secret.expires_at,
        details: ProofDetails::default(),
        material: Material::Secret(secret.value),
    })
}

/// Whom a certificate made here names.
fn name_for(app: &AppRegistration) -> String {
    format!("Consentry {}", app.client_id)
}

/// A hostile PFX file may ask for a million rounds each time that a key is derived, and for many keys: one thread at most is
/// kept busy by that.
static IN_TURN: Semaphore = Semaphore::const_new(1);

async fn of_certificate(
    context: &Context,
    app: &AppRegistration,
    new: NewCertificate,
) -> Result<Draft> {
    let state = match &new {
        NewCertificate::Generate { .. } => ProofState::Pending,
        _ => ProofState::Active,
    };
    let now = context.now();
    let name = name_for(app);
    if let NewCertificate::Generate { days } = new
        && !(1..=LONGEST_DAYS).contains(&days)
    {
        return Err(Error::Invalid {
            field: "days",
            message: format!("must be 1 to {LONGEST_DAYS}"),
        });
    }
    // Making a key, or deriving one from a password, takes longer than the runtime's threads may be held.
    let read = move || match new {
        NewCertificate::Pem(text) => ClientCertificate::from_pem(&text),
        NewCertificate::Pfx { file, password } => {
            ClientCertificate::from_pfx(file.expose_secret(), &password)
        }
        NewCertificate::Generate { days } => {
            let ends = now + SignedDuration::from_hours(24 * i64::from(days));
            ClientCertificate::generate(&name, now - SignedDuration::from_mins(5), ends)
        }
    };
    let _turn = IN_TURN.acquire().await;
    let certificate = tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| Error::Unexpected(error.to_string()))?
        .map_err(|error| Error::Invalid {
            field: "certificate",
            message: error.to_string(),
        })?;
    if certificate.expires_at() <= now {
        return Err(Error::Invalid {
            field: "certificate",
            message: format!("expired on {}", certificate.expires_at()),
        });
    }
    Ok(Draft {
        kind: ProofKind::Certificate,
        hint: certificate.thumbprint(),
        state,
        expires_at: Some(certificate.expires_at()),
        details: ProofDetails {
            thumbprint: Some(certificate.thumbprint()),
            subject: Some(certificate.subject().to_owned()),
            certificate: Some(certificate.public_pem()),
            ..ProofDetails::default()
        },
        material: Material::Certificate(Box::new(certificate)),
    })
}

async fn of_federated(
    context: &Context,
    app: &AppRegistration,
    new: NewFederated,
) -> Result<Draft> {
    let mut details = ProofDetails {
        source: Some(new.source.clone()),
        audience: Some(TOKEN_EXCHANGE_AUDIENCE.to_owned()),
        identity_client_id: new.identity_client_id.clone(),
        ..ProofDetails::default()
    };
    match new.source.as_str() {
        CONSENTRY => {
            issuer::check_reachable(context, &app.cloud)?;
            issuer::begin(context).await?;
            details.issuer = Some(context.issuer_url());
            details.subject = Some(issuer::subject(app));
        }
        MANAGED_IDENTITY => check_platform(context, app).await?,
        name if context.federation.knows(name) => check_ours(context, app).await?,
        other => {
            return Err(Error::Invalid {
                field: "source",
                message: format!(
                    "`{other}` is no source of assertions here; known are {}",
                    context.federation.names().join(", ")
                ),
            });
        }
    }
    Ok(Draft {
        kind: ProofKind::FederatedCredential,
        hint: new.source.clone(),
        state: ProofState::Pending,
        expires_at: None,
        details,
        material: Material::Federated(Federated {
            source: new.source,
            identity_client_id: new.identity_client_id,
        }),
    })
}

async fn of_platform(
    context: &Context,
    app: &AppRegistration,
    client_id: Option<String>,
) -> Result<Draft> {
    check_platform(context, app).await?;
    Ok(Draft {
        kind: ProofKind::ManagedIdentity,
        hint: MANAGED_IDENTITY.to_owned(),
        state: ProofState::Pending,
        expires_at: None,
        details: ProofDetails {
            source: Some(MANAGED_IDENTITY.to_owned()),
            identity_client_id: client_id.clone(),
            ..ProofDetails::default()
        },
        material: Material::ManagedIdentity { client_id },
    })
}

async fn check_platform(context: &Context, app: &AppRegistration) -> Result<()> {
    if context.federation.platform.is_some() {
        return check_ours(context, app).await;
    }
    Err(Error::Invalid {
        field: "source",
        message: "no managed identity is configured: `IDENTITY_ENDPOINT` is not set; on a virtual machine, set \
                  `federation.managed_identity = true` in the server's configuration"
            .to_owned(),
    })
}

/// What the machine proves, it proves for whoever installed it.
async fn check_ours(context: &Context, app: &AppRegistration) -> Result<()> {
    if sources::are_of(context, app.workspace_id).await? {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "source",
        message: sources::NOT_OURS.to_owned(),
    })
}

/// For the sealed text of a proof that is no secret by itself.
pub(super) fn json(value: &impl serde::Serialize) -> SecretString {
    serde_json::to_string(value)
        .expect("plain data with text keys serialises")
        .into()
}
