mod create;
mod token;

use axum::Json;
use axum::extract::State;
use connections::oauth::{Approval, Invitation};
use connections::{Dependents, Monitoring, Resealed, TestReport};
use http::StatusCode;
use model::{
    Connection, ConnectionMethod, ConnectionState, Diagnosis, PermissionSet, Policy, Proof, Service,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use create::{NewConnection, create};
pub(crate) use token::{TokenRequest, token};

use super::app_registrations::NewProof;
use super::input::{Asked, At, Input, connection_id};
use super::list::{List, Paging};
use crate::App;
use crate::auth::Caller;
use crate::openapi;
use crate::problem::Problem;

/// What changes; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    name: Option<String>,
    /// The whole policy, in place of the one before.
    #[schema(value_type = Option<Object>)]
    policy: Option<Policy>,
    /// Whether builders other than the owner may use a delegated connection.
    shared: Option<bool>,
}

/// How a connection is removed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Removal {
    /// Take the user's consent back at Microsoft first.
    revoke_consent: bool,
}

/// The same, as the document tells it.
pub(crate) const REMOVAL: [openapi::Asked; 1] = [(
    "revoke_consent",
    "boolean",
    "Take the user's consent back at Microsoft first; nothing is removed where Microsoft refuses. The application needs \
     `DelegatedPermissionGrant.ReadWrite.All` and `Application.Read.All`",
)];

/// What to ask the connection's account for besides what it is asked for already. At least one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct More {
    /// Microsoft's names.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    permissions: PermissionSet,
    /// Ids of operations: the least that they need is asked for.
    #[serde(default)]
    operations: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Rotated {
    connection: Connection,
    proof: Proof,
}

#[derive(Serialize)]
pub(crate) struct DiagnosisReport {
    state: ConnectionState,
    diagnosis: Option<Diagnosis>,
}

#[derive(Serialize)]
pub(crate) struct PermissionReport {
    requested: PermissionSet,
    /// `null` while no token has told.
    granted: Option<PermissionSet>,
    missing: PermissionSet,
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Connection>>, Problem> {
    let (items, next) = app.lifecycle().list(&caller, paging.page(&app)?).await?;
    Ok(Json(List::new(items, next)))
}

pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Connection>, Problem> {
    Ok(Json(app.lifecycle().find(&caller, &id).await?))
}

pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(change): Input<Change>,
) -> Result<Json<Connection>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    let change = connections::Change {
        name: change.name,
        policy: change.policy,
        shared: change.shared,
    };
    Ok(Json(app.lifecycle().change(&caller, id, change).await?))
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Asked(removal): Asked<Removal>,
) -> Result<StatusCode, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    if removal.revoke_consent {
        app.lifecycle().delete_with_consent(&caller, id).await?;
    } else {
        app.lifecycle().delete(&caller, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn dependents(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Dependents>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().dependents(&caller, id).await?))
}

pub(crate) async fn queries(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Monitoring>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().monitoring(&caller, id).await?))
}

pub(crate) async fn reconnect(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Invitation>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().reconnect(&caller, id).await?))
}

pub(crate) async fn test(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<TestReport>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().test(&caller, id).await?))
}

pub(crate) async fn rotate(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(proof): Input<NewProof>,
) -> Result<Json<Rotated>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    let (connection, proof) = app
        .lifecycle()
        .rotate(&caller, id, proof.into_proof()?)
        .await?;
    Ok(Json(Rotated { connection, proof }))
}

pub(crate) async fn rotate_data_key(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Resealed>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().rotate_data_key(&caller, id).await?))
}

pub(crate) async fn disable(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Connection>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().disable(&caller, id).await?))
}

pub(crate) async fn enable(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Connection>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    Ok(Json(app.lifecycle().enable(&caller, id).await?))
}

pub(crate) async fn diagnosis(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<DiagnosisReport>, Problem> {
    let Connection {
        state, diagnosis, ..
    } = app.lifecycle().find(&caller, &id).await?;
    Ok(Json(DiagnosisReport { state, diagnosis }))
}

pub(crate) async fn permissions(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<PermissionReport>, Problem> {
    let connection = app.lifecycle().find(&caller, &id).await?;
    Ok(Json(PermissionReport {
        missing: connections::missing(&connection),
        requested: connection.requested,
        granted: connection.granted,
    }))
}

pub(crate) async fn ask_for_more(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Input(more): Input<More>,
) -> Result<Json<Invitation>, Problem> {
    let connection = app.lifecycle().find(&caller, &id).await?;
    let mut wanted = more.permissions;
    wanted.extend(needed_by(
        connection.service,
        connection.method,
        &more.operations,
    )?);
    Ok(Json(
        app.lifecycle()
            .ask_for_more(&caller, connection.id, wanted)
            .await?,
    ))
}

pub(crate) async fn ask_administrator(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<Approval>, Problem> {
    let connection = app.lifecycle().find(&caller, &id).await?;
    let oauth = &app.lifecycle().oauth;
    Ok(Json(oauth.ask_administrator(&caller, &connection).await?))
}

pub(crate) async fn consent_requests(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<List<Approval>>, Problem> {
    let waiting = app.lifecycle().oauth.approvals(&caller).await?;
    Ok(Json(List::whole(waiting)))
}

/// The least that operations need on a service.
fn needed_by(
    service: Service,
    method: ConnectionMethod,
    operations: &[String],
) -> Result<PermissionSet, Problem> {
    let known = operations
        .iter()
        .map(|id| {
            let operation = catalog::operation(id).filter(|found| found.runs_on(service));
            operation.ok_or_else(|| {
                let title = service.title();
                Problem::invalid("operations", format!("`{id}` is no operation on {title}"))
            })
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    Ok(catalog::permissions::least_for(service, method, &known))
}
