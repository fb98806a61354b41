//! App registrations and their proofs, as an administrator sees them.

mod check;

use jiff::Timestamp;
use model::{AppRegistration, AppRegistrationId, Connection, Proof, ProofId, ProofState};
use secrecy::SecretString;
use serde::Serialize;
use store::{Removal, SealedProof, Transaction, repeated};

pub(crate) use self::check::{check, check_name, check_secret, check_tenant, is_guid};
use crate::jobs::calm;
use crate::proof::{Draft, NewProof};
use crate::{Caller, Context, Error, Result, issuer};

/// What an administrator says of an app registration that exists in Entra.
#[derive(Debug)]
pub struct NewApp {
    pub name: String,
    pub cloud: String,
    pub tenant_id: String,
    pub client_id: String,
    pub proof: Option<NewProof>,
}

/// A client secret as it was pasted.
#[derive(Debug, Clone)]
pub struct NewSecret {
    pub value: SecretString,
    pub expires_at: Option<Timestamp>,
}

/// An app registration with what may be shown of its proofs.
#[derive(Debug, Clone, Serialize)]
pub struct AppView {
    #[serde(flatten)]
    pub app: AppRegistration,
    pub proofs: Vec<Proof>,
    /// To be registered under the application's web platform, exactly like this.
    pub redirect_uri: String,
    /// What a federated credential of the application has to name for Consentry to be its issuer.
    pub federation: Trust,
    /// Names of other registrations here of the same application. Each has proofs of its own and replaces only those: a secret that
    /// several of them were given has to be replaced in each.
    pub also_registered_as: Vec<String>,
}

/// A federated credential in Entra, as it has to be entered there.
#[derive(Debug, Clone, Serialize)]
pub struct Trust {
    pub issuer: String,
    pub subject: String,
    pub audience: &'static str,
}

/// A registration that was looked at and is not stored yet.
#[derive(Debug)]
pub(crate) struct Unsaved {
    pub(crate) app: AppRegistration,
    pub(crate) proof: Option<Draft>,
}

/// Proofs of one registration at most, replaced ones included: each failed sign-in may try them all.
const MOST_PROOFS: usize = 20;

#[derive(Clone)]
pub struct Apps {
    context: Context,
}

impl Apps {
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    pub async fn create(&self, caller: &Caller, new: NewApp) -> Result<AppView> {
        caller.may_change()?;
        let unsaved = prepare(&self.context, caller, new).await?;
        let mut tx = self.context.store.write().await?;
        let (app, proofs) = create_in(&self.context, &mut *tx, unsaved).await?;
        let all = tx.app_registrations(caller.workspace_id).await?;
        tx.commit().await?;
        self.context
            .record(caller, "app_registration.create", None, None)
            .await?;
        Ok(self.view(app, proofs, &all))
    }

    /// Whether the ids have the right shape and the cloud knows the tenant; the tenant's own id. Nothing is stored.
    pub async fn check_ids(
        &self,
        caller: &Caller,
        cloud: &str,
        tenant_id: &str,
        client_id: &str,
    ) -> Result<String> {
        caller.may_change()?;
        check(
            &self.context,
            &NewApp {
                name: "to be named".to_owned(),
                cloud: cloud.to_owned(),
                tenant_id: tenant_id.to_owned(),
                client_id: client_id.to_owned(),
                proof: None,
            },
        )?;
        let entra = self.context.entra(&self.context.cloud(cloud)?);
        match entra.find_tenant(tenant_id.trim()).await {
            Ok(issuer) => Ok(tenant_of(&issuer).unwrap_or(tenant_id).to_owned()),
            Err(error) if error.fault().is_some() => Err(Error::Invalid {
                field: "tenant_id",
                message: format!(
                    "this cloud knows no such tenant ({})",
                    error
                        .fault()
                        .map(microsoft::EntraFault::name)
                        .unwrap_or_default()
                ),
            }),
            Err(error) => Err(Error::Unreachable(error.to_string())),
        }
    }

    pub async fn list(&self, caller: &Caller) -> Result<Vec<AppView>> {
        let mut tx = self.context.store.read().await?;
        let mut views = Vec::new();
        let all = tx.app_registrations(caller.workspace_id).await?;
        for app in &all {
            let proofs = tx.proofs(caller.workspace_id, app.id).await?;
            let proofs = proofs.into_iter().map(|sealed| sealed.proof).collect();
            views.push(self.view(app.clone(), proofs, &all));
        }
        Ok(views)
    }

    pub async fn get(&self, caller: &Caller, id: AppRegistrationId) -> Result<AppView> {
        let mut tx = self.context.store.read().await?;
        let app = tx
            .app_registration(caller.workspace_id, id)
            .await?
            .ok_or_else(|| no_app(id))?;
        let proofs = tx.proofs(caller.workspace_id, id).await?;
        let proofs = proofs.into_iter().map(|sealed| sealed.proof).collect();
        let all = tx.app_registrations(caller.workspace_id).await?;
        Ok(self.view(app, proofs, &all))
    }

    /// Refused while connections use it.
    pub async fn delete(&self, caller: &Caller, id: AppRegistrationId) -> Result<()> {
        caller.may_change()?;
        let app = self.get(caller, id).await?.app;
        let mut tx = self.context.store.write().await?;
        let users = tx.connections_of_app(caller.workspace_id, id).await?;
        if let Some(first) = users.first() {
            return Err(Error::Invalid {
                field: "app_registration",
                message: format!(
                    "{} connections use it, such as `{}`; remove them first",
                    users.len(),
                    first.name
                ),
            });
        }
        tx.delete_app_registration(caller.workspace_id, id).await?;
        let removal = Removal::new(caller.workspace_id, id, self.context.now());
        tx.note_removal(&removal).await?;
        tx.commit().await?;
        self.context.seals.forget(app.data_key_id).await;
        self.context
            .record(caller, "app_registration.delete", None, None)
            .await
    }

    /// Whether Consentry replaces client secret and certificate by itself, ahead of their end.
    pub async fn auto_rotate(
        &self,
        caller: &Caller,
        id: AppRegistrationId,
        auto_rotate: bool,
    ) -> Result<AppView> {
        caller.may_change()?;
        let mut tx = self.context.store.write().await?;
        if !tx
            .set_auto_rotate(caller.workspace_id, id, auto_rotate)
            .await?
        {
            return Err(no_app(id));
        }
        tx.commit().await?;
        self.context
            .record(caller, "app_registration.auto_rotate", None, None)
            .await?;
        self.get(caller, id).await
    }

    /// Adds a proof. One that Entra knows already becomes the one in use, and those before it are kept, retired; one that
    /// Entra has to be told of waits for its first success.
    pub async fn add_proof(
        &self,
        caller: &Caller,
        id: AppRegistrationId,
        new: NewProof,
    ) -> Result<Proof> {
        caller.may_change()?;
        let app = self.get(caller, id).await?.app;
        let draft = Draft::of(&self.context, &app, new).await?;
        let (SealedProof { proof, .. }, _) = store_proof(&self.context, &app, &draft).await?;
        calm(&self.context, app.workspace_id, id).await?;
        self.context
            .record(caller, "app_registration.add_proof", None, None)
            .await?;
        Ok(proof)
    }

    pub async fn delete_proof(
        &self,
        caller: &Caller,
        id: AppRegistrationId,
        proof: ProofId,
    ) -> Result<()> {
        caller.may_change()?;
        let view = self.get(caller, id).await?;
        if !view.proofs.iter().any(|known| known.id == proof) {
            return Err(Error::NotFound {
                what: "proof",
                id: proof.to_string(),
            });
        }
        let mut tx = self.context.store.write().await?;
        tx.delete_proof(caller.workspace_id, proof).await?;
        let removal = Removal::new(caller.workspace_id, proof, self.context.now());
        tx.note_removal(&removal).await?;
        tx.commit().await?;
        calm(&self.context, caller.workspace_id, id).await?;
        self.context
            .record(caller, "app_registration.delete_proof", None, None)
            .await
    }

    fn view(&self, app: AppRegistration, proofs: Vec<Proof>, all: &[AppRegistration]) -> AppView {
        let twins = all
            .iter()
            .filter(|other| other.id != app.id && other.is_same_application(&app));
        AppView {
            also_registered_as: twins.map(|other| other.name.clone()).collect(),
            redirect_uri: self.context.redirect_uri(),
            federation: Trust {
                issuer: self.context.issuer_url(),
                subject: issuer::subject(&app),
                audience: microsoft::TOKEN_EXCHANGE_AUDIENCE,
            },
            app,
            proofs,
        }
    }
}

/// Connections of the application, by whichever registrations of it there are here.
pub(crate) async fn connections_of_application(
    tx: &mut dyn Transaction,
    app: &AppRegistration,
) -> Result<Vec<Connection>> {
    let mut connections = Vec::new();
    for one in tx.app_registrations(app.workspace_id).await? {
        if one.is_same_application(app) {
            connections.extend(tx.connections_of_app(app.workspace_id, one.id).await?);
        }
    }
    Ok(connections)
}

/// The GUID in an issuer such as `https://login.microsoftonline.com/{guid}/v2.0`.
fn tenant_of(issuer: &str) -> Option<&str> {
    issuer.split('/').find(|part| is_guid(part))
}

fn no_app(id: AppRegistrationId) -> Error {
    Error::NotFound {
        what: "app registration",
        id: id.to_string(),
    }
}

/// Checks everything that can be checked here.
pub(crate) async fn prepare(context: &Context, caller: &Caller, new: NewApp) -> Result<Unsaved> {
    check(context, &new)?;
    let app = unsaved(context, caller, &new);
    let proof = match new.proof {
        Some(proof) => Some(Draft::of(context, &app, proof).await?),
        None => None,
    };
    Ok(Unsaved { app, proof })
}

/// Writes a registration with its data key and, if given, its proof, in the caller's transaction.
pub(crate) async fn create_in(
    context: &Context,
    tx: &mut dyn Transaction,
    unsaved: Unsaved,
) -> Result<(AppRegistration, Vec<Proof>)> {
    let Unsaved { mut app, proof } = unsaved;
    let (data_key_id, key) = context
        .seals
        .create(tx, app.workspace_id, &app.id.to_string())
        .await?;
    app.data_key_id = Some(data_key_id);
    tx.create_app_registration(&app).await?;
    let mut proofs = Vec::new();
    if let Some(draft) = proof {
        let sealed = draft.seal(context, &app, &key, 1)?;
        tx.add_proof(&sealed).await?;
        proofs.push(sealed.proof);
    }
    Ok((app, proofs))
}

/// The registration as it will be stored, without a data key yet.
pub(crate) fn unsaved(context: &Context, caller: &Caller, new: &NewApp) -> AppRegistration {
    AppRegistration {
        auto_rotate: false,
        id: AppRegistrationId::generate(&*context.clock, &*context.random),
        workspace_id: caller.workspace_id,
        name: new.name.trim().to_owned(),
        cloud: new.cloud.clone(),
        tenant_id: new.tenant_id.trim().to_ascii_lowercase(),
        client_id: new.client_id.trim().to_ascii_lowercase(),
        created_by: caller.member_id,
        data_key_id: None,
        version: 1,
        created_at: context.now(),
    }
}

/// Adds the proof. Unless it is pending, it is the one in use from now on and the others are retired. Beside it, those that were
/// there before.
pub(crate) async fn store_proof(
    context: &Context,
    app: &AppRegistration,
    draft: &Draft,
) -> Result<(SealedProof, Vec<SealedProof>)> {
    repeated(|| add_proof(context, app, draft)).await
}

async fn add_proof(
    context: &Context,
    app: &AppRegistration,
    draft: &Draft,
) -> Result<(SealedProof, Vec<SealedProof>)> {
    let mut tx = context.store.write().await?;
    let stored = tx.hold_app_registration(app.workspace_id, app.id).await?;
    let app = &stored.ok_or_else(|| no_app(app.id))?;
    let before = tx.proofs(app.workspace_id, app.id).await?;
    if before.len() >= MOST_PROOFS {
        return Err(Error::Invalid {
            field: "proof",
            message: format!("the registration has {MOST_PROOFS} proofs already; remove one first"),
        });
    }
    let generation = before
        .iter()
        .map(|known| known.proof.generation)
        .max()
        .unwrap_or(0)
        + 1;
    let key = context
        .seals
        .key_in(&mut *tx, app.workspace_id, app.data_key_id)
        .await?;
    let sealed = draft.seal(context, app, &key, generation)?;
    let replaced = before
        .iter()
        .filter(|known| known.proof.state == ProofState::Active && !draft.is_pending());
    for known in replaced {
        tx.set_proof_state(app.workspace_id, known.proof.id, ProofState::Retired)
            .await?;
    }
    tx.add_proof(&sealed).await?;
    tx.commit().await?;
    Ok((sealed, before))
}
