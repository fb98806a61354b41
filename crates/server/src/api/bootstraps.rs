//! Set-up without the portal: a plan, an administrator's sign-in, and one step at a time.

use axum::Json;
use axum::extract::State;
use connections::bootstrap::{
    Listed, Plan, Progress, SignIn, Wanted, WantedConnection, WantedProof,
};
use http::StatusCode;
use model::{ConnectionMethod, PermissionSet, Place, Service};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app_registrations::DEFAULT_CLOUD;
use super::input::{At, Input};
use super::list::List;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::{App, secret};

/// One application, and connections as it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBootstrap {
    /// Of the application. Run again with the same name, it goes on with what is there.
    name: String,
    cloud: Option<String>,
    /// That of the account that signs in, when absent.
    tenant_id: Option<String>,
    #[schema(inline)]
    connections: Vec<NewOne>,
    /// `service_principal`, which is meant when absent, or `oauth`: for users, each of whom consents behind a link.
    #[schema(value_type = Option<String>, example = "oauth")]
    method: Option<ConnectionMethod>,
    /// With `oauth`: the administrator consents for everybody, so that nobody else is asked.
    #[serde(default)]
    admin_consent: bool,
    /// `secret`, `certificate` or `federated`; a secret when absent.
    #[schema(inline)]
    proof: Option<Proof>,
    /// Of Dataverse: `https://contoso.crm4.dynamics.com`.
    environment_url: Option<String>,
    /// Of Business Central: `Production`.
    environment: Option<String>,
    company_id: Option<String>,
    /// The security role of the application in Dataverse; without one its user is made by hand.
    dataverse_role: Option<String>,
    /// Lets Consentry replace the client secret or certificate by itself.
    #[serde(default)]
    auto_rotate: bool,
    /// The public client that the administrator signs in to; the cloud's own when absent.
    sign_in_client_id: Option<String>,
    /// For a sign-in in a browser: `http://localhost:40123`, where the answer is awaited. By device code when absent.
    redirect_uri: Option<String>,
}

/// One connection of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOne {
    #[schema(value_type = String, example = "outlook")]
    service: Service,
    /// Unique in the workspace.
    name: String,
    /// Microsoft's names; a default for the service when absent.
    #[schema(value_type = Option<Vec<String>>)]
    permissions: Option<PermissionSet>,
}

/// How the application proves itself.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    Secret,
    Certificate,
    Federated,
}

/// How the administrator signs in once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInAgain {
    /// For a sign-in in a browser: `http://localhost:40123`, where the answer is awaited. By device code when absent.
    redirect_uri: Option<String>,
}

/// What the browser brought back from Microsoft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redeemed {
    #[serde(deserialize_with = "secret::required")]
    #[schema(value_type = String)]
    code: SecretString,
    state: String,
}

impl NewBootstrap {
    fn into_wanted(self) -> (Wanted, SignIn) {
        let sign_in = way(self.redirect_uri);
        let connections = self.connections.into_iter().map(|one| WantedConnection {
            service: one.service,
            name: one.name,
            permissions: one.permissions,
        });
        let wanted = Wanted {
            name: self.name,
            cloud: self.cloud.unwrap_or_else(|| DEFAULT_CLOUD.to_owned()),
            tenant_id: self.tenant_id,
            connections: connections.collect(),
            method: self.method.unwrap_or(ConnectionMethod::ServicePrincipal),
            admin_consent: self.admin_consent,
            proof: match self.proof.unwrap_or(Proof::Secret) {
                Proof::Secret => WantedProof::Secret,
                Proof::Certificate => WantedProof::Certificate,
                Proof::Federated => WantedProof::Federated,
            },
            place: Place {
                environment_url: self.environment_url,
                environment: self.environment,
                company_id: self.company_id,
            },
            dataverse_role: self.dataverse_role,
            auto_rotate: self.auto_rotate,
            sign_in_client_id: self.sign_in_client_id,
        };
        (wanted, sign_in)
    }
}

fn way(redirect_uri: Option<String>) -> SignIn {
    redirect_uri.map_or(SignIn::DeviceCode, |redirect_uri| SignIn::Browser {
        redirect_uri,
    })
}

pub(crate) async fn plan(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<NewBootstrap>,
) -> Result<Json<Plan>, Problem> {
    let (wanted, _) = new.into_wanted();
    Ok(Json(app.bootstraps().plan(&caller, &wanted)?))
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<NewBootstrap>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let (wanted, sign_in) = new.into_wanted();
    let begun = app.bootstraps().begin(&caller, wanted, sign_in).await?;
    Ok((StatusCode::CREATED, Json(begun)))
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<List<Listed>>, Problem> {
    Ok(Json(List::whole(app.bootstraps().list(&caller).await?)))
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(again): Input<SignInAgain>,
) -> Result<Json<Progress>, Problem> {
    let sign_in = way(again.redirect_uri);
    Ok(Json(app.bootstraps().sign_in(&caller, &id, sign_in).await?))
}

pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Progress>, Problem> {
    Ok(Json(app.bootstraps().look(&caller, &id).await?))
}

pub(crate) async fn next(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Progress>, Problem> {
    Ok(Json(app.bootstraps().next(&caller, &id).await?))
}

pub(crate) async fn redeem(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(given): Input<Redeemed>,
) -> Result<Json<Progress>, Problem> {
    let redeemed = app
        .bootstraps()
        .redeem(&caller, &id, &given.code, &given.state)
        .await?;
    Ok(Json(redeemed))
}

pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<StatusCode, Problem> {
    app.bootstraps().cancel(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
