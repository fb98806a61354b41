use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connections::{AppView, NewApp, NewCertificate, NewFederated, NewSecret, Resealed};
use http::StatusCode;
use jiff::Timestamp;
use model::{AppRegistrationId, Proof, ProofId, ProofKind};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::input::{At, Input};
use super::list::List;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::{App, secret};

/// The cloud of an organisation that names none.
pub(super) const DEFAULT_CLOUD: &str = "global";

/// An application as it stands in Entra.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// Unique in the workspace.
    name: String,
    /// Id of a cloud that the server is configured with; `global` unless given.
    cloud: Option<String>,
    /// The tenant's GUID or verified domain.
    tenant_id: String,
    client_id: String,
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    #[schema(value_type = Option<String>, format = DateTime)]
    secret_expires_at: Option<Timestamp>,
}

/// Exactly one way of proving the application: a client secret, a certificate, a federated credential's source, or the
/// machine's managed identity.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProof {
    /// The column Value of Entra's page, which is shown only once.
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    /// Of a client secret, as the portal shows it.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Certificate and private key in PEM.
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    certificate_pem: Option<SecretString>,
    /// A PFX file in base64.
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    pfx: Option<SecretString>,
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    pfx_password: Option<SecretString>,
    /// Makes a key and a certificate here, good for so many days; upload its public part to Entra, then verify it.
    generate_certificate_days: Option<u16>,
    /// `consentry`, `managed_identity`, or a source of the server's configuration.
    federated_source: Option<String>,
    /// The machine's managed identity is the application itself.
    #[serde(default)]
    managed_identity: bool,
    /// Which of the machine's identities.
    identity_client_id: Option<String>,
}

impl NewProof {
    pub(super) fn into_proof(self) -> Result<connections::NewProof, Problem> {
        let given = [
            self.client_secret.is_some(),
            self.certificate_pem.is_some(),
            self.pfx.is_some(),
            self.generate_certificate_days.is_some(),
            self.federated_source.is_some(),
            self.managed_identity,
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return Err(Problem::invalid(
                "client_secret",
                "give exactly one of `client_secret`, `certificate_pem`, `pfx`, `generate_certificate_days`, \
                 `federated_source` and `managed_identity`",
            ));
        }
        if let Some(value) = self.client_secret {
            let expires_at = self.expires_at;
            return Ok(NewSecret { value, expires_at }.into());
        }
        if self.managed_identity {
            return Ok(connections::NewProof::ManagedIdentity {
                client_id: self.identity_client_id,
            });
        }
        if let Some(source) = self.federated_source {
            return Ok(connections::NewProof::Federated(NewFederated {
                source,
                identity_client_id: self.identity_client_id,
            }));
        }
        Ok(connections::NewProof::Certificate(
            match (
                self.certificate_pem,
                self.pfx,
                self.generate_certificate_days,
            ) {
                (Some(text), _, _) => NewCertificate::Pem(text),
                (_, Some(text), _) => NewCertificate::Pfx {
                    file: from_base64(&text)?,
                    password: self.pfx_password.unwrap_or_default(),
                },
                (_, _, days) => NewCertificate::Generate {
                    days: days.unwrap_or_default(),
                },
            },
        ))
    }
}

fn from_base64(text: &SecretString) -> Result<SecretSlice<u8>, Problem> {
    let bytes: Vec<u8> = text
        .expose_secret()
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD
        .decode(Zeroizing::new(bytes).as_slice())
        .map(SecretSlice::from)
        .map_err(|_| Problem::invalid("pfx", "has to be the file in base64"))
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<List<AppView>>, Problem> {
    Ok(Json(List::whole(app.apps().list(&caller).await?)))
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<Registration>,
) -> Result<(StatusCode, Json<AppView>), Problem> {
    let expires_at = new.secret_expires_at;
    let new = NewApp {
        name: new.name,
        cloud: new.cloud.unwrap_or_else(|| DEFAULT_CLOUD.to_owned()),
        tenant_id: new.tenant_id,
        client_id: new.client_id,
        proof: new
            .client_secret
            .map(|value| NewSecret { value, expires_at }.into()),
    };
    Ok((
        StatusCode::CREATED,
        Json(app.apps().create(&caller, new).await?),
    ))
}

pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<AppView>, Problem> {
    Ok(Json(app.apps().get(&caller, parse(&id)?).await?))
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<StatusCode, Problem> {
    app.apps().delete(&caller, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn add_proof(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(proof): Input<NewProof>,
) -> Result<(StatusCode, Json<Proof>), Problem> {
    let proof = app
        .apps()
        .add_proof(&caller, parse(&id)?, proof.into_proof()?)
        .await?;
    Ok((StatusCode::CREATED, Json(proof)))
}

/// What may be changed of a registration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// Needs the application permission `Application.ReadWrite.OwnedBy`, and the application as its own owner. Where a
    /// certificate follows a certificate, `Application.Read.All` is enough.
    auto_rotate: bool,
}

pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(change): Input<Change>,
) -> Result<Json<AppView>, Problem> {
    let view = app
        .apps()
        .auto_rotate(&caller, parse(&id)?, change.auto_rotate)
        .await?;
    Ok(Json(view))
}

/// What takes the place of the proof in use.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Successor {
    ClientSecret,
    /// Its key is made here and never leaves.
    Certificate,
}

/// How the application replaces its proof through Microsoft Graph.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// As what is in use, unless given.
    #[schema(inline)]
    kind: Option<Successor>,
}

pub(crate) async fn rotate(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(rotation): Input<Rotation>,
) -> Result<Json<Proof>, Problem> {
    let kind = rotation.kind.map(|kind| match kind {
        Successor::ClientSecret => ProofKind::ClientSecret,
        Successor::Certificate => ProofKind::Certificate,
    });
    let lifecycle = app.lifecycle();
    let proof = lifecycle
        .rotate_by_itself(&caller, parse(&id)?, kind)
        .await?;
    Ok(Json(proof))
}

pub(crate) async fn rotate_data_key(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Resealed>, Problem> {
    let lifecycle = app.lifecycle();
    Ok(Json(
        lifecycle.rotate_app_data_key(&caller, parse(&id)?).await?,
    ))
}

pub(crate) async fn verify_proof(
    State(app): State<App>,
    caller: Caller,
    At((id, proof)): At<(String, String)>,
) -> Result<Json<Proof>, Problem> {
    let proof = proof_id(&proof)?;
    let lifecycle = app.lifecycle();
    Ok(Json(
        lifecycle.verify_proof(&caller, parse(&id)?, proof).await?,
    ))
}

pub(crate) async fn remove_proof(
    State(app): State<App>,
    caller: Caller,
    At((id, proof)): At<(String, String)>,
) -> Result<StatusCode, Problem> {
    let proof = proof_id(&proof)?;
    app.apps().delete_proof(&caller, parse(&id)?, proof).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse(id: &str) -> Result<AppRegistrationId, Problem> {
    id.parse()
        .map_err(|_| Problem::not_found("app registration", id))
}

fn proof_id(id: &str) -> Result<ProofId, Problem> {
    id.parse().map_err(|_| Problem::not_found("proof", id))
}
