use axum::Json;
use axum::extract::State;
use connections::{AppView, NewApp, NewSecret};
use http::StatusCode;
use jiff::Timestamp;
use model::{AppRegistrationId, Proof, ProofId};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

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

/// A client secret: the column Value of Entra's page, which is shown only once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProof {
    #[serde(deserialize_with = "secret::required")]
    #[schema(value_type = String)]
    client_secret: SecretString,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<NewProof> for NewSecret {
    fn from(proof: NewProof) -> Self {
        Self {
            value: proof.client_secret,
            expires_at: proof.expires_at,
        }
    }
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
        secret: new
            .client_secret
            .map(|value| NewSecret { value, expires_at }),
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
        .add_secret(&caller, parse(&id)?, proof.into())
        .await?;
    Ok((StatusCode::CREATED, Json(proof)))
}

pub(crate) async fn remove_proof(
    State(app): State<App>,
    caller: Caller,
    At((id, proof)): At<(String, String)>,
) -> Result<StatusCode, Problem> {
    let proof: ProofId = proof
        .parse()
        .map_err(|_| Problem::not_found("proof", &proof))?;
    app.apps().delete_proof(&caller, parse(&id)?, proof).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse(id: &str) -> Result<AppRegistrationId, Problem> {
    id.parse()
        .map_err(|_| Problem::not_found("app registration", id))
}
