//! The part of the control API that has to do with signing in: tenants, proofs, keys, managed identities.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Body;
use crate::control::{
    Account, AddedTenant, Certificate, Control, ControlError, ManagedIdentity, NewAccount,
    NewFederatedCredential, NewTenant, SecondFactor,
};

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route("/tenants", post(add_tenant))
        .route("/tenants/{tenant}/users", post(add_user))
        .route("/tenants/{tenant}/guests", post(add_guest))
        .route("/tenants/{tenant}/forget-changes", post(forget_changes))
        .route(
            "/users/{user}/second-factor",
            get(second_factor).post(demand_second_factor),
        )
        .route(
            "/applications/{client_id}/certificates",
            post(add_certificate),
        )
        .route(
            "/applications/{client_id}/federated-credentials",
            post(add_federated),
        )
        .route("/signing-keys/roll", post(roll))
        .route(
            "/managed-identities",
            get(identity_header).post(add_identity),
        )
}

async fn add_tenant(
    State(control): State<Control>,
    Body(new): Body<NewTenant>,
) -> Result<(StatusCode, Json<AddedTenant>), ControlError> {
    let added = control.add_tenant(&new)?;
    Ok((StatusCode::CREATED, Json(added)))
}

async fn add_user(
    State(control): State<Control>,
    Path(tenant): Path<String>,
    Body(new): Body<NewAccount>,
) -> Result<(StatusCode, Json<Account>), ControlError> {
    let added = control.add_user(&tenant, &new)?;
    Ok((StatusCode::CREATED, Json(added)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demand {
    state: SecondFactor,
}

async fn demand_second_factor(
    State(control): State<Control>,
    Path(user): Path<String>,
    Body(demand): Body<Demand>,
) -> Result<StatusCode, ControlError> {
    control.demand_second_factor(&user, demand.state)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn second_factor(
    State(control): State<Control>,
    Path(user): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let (state, code) = control.second_factor(&user)?;
    Ok(Json(json!({ "state": state, "code": code })))
}

async fn forget_changes(
    State(control): State<Control>,
    Path(tenant): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.forget_directory_changes(&tenant)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGuest {
    user: String,
}

async fn add_guest(
    State(control): State<Control>,
    Path(tenant): Path<String>,
    Body(new): Body<NewGuest>,
) -> Result<(StatusCode, Json<Account>), ControlError> {
    let added = control.add_guest(&tenant, &new.user)?;
    Ok((StatusCode::CREATED, Json(added)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCertificate {
    #[serde(default)]
    name: String,
    certificate: String,
}

async fn add_certificate(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(new): Body<NewCertificate>,
) -> Result<(StatusCode, Json<Certificate>), ControlError> {
    let added = control.add_certificate(&client_id, &new.name, &new.certificate)?;
    Ok((StatusCode::CREATED, Json(added)))
}

async fn add_federated(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(new): Body<NewFederatedCredential>,
) -> Result<StatusCode, ControlError> {
    control.add_federated_credential(&client_id, new)?;
    Ok(StatusCode::CREATED)
}

async fn roll(State(control): State<Control>) -> Result<StatusCode, ControlError> {
    control
        .roll_signing_key()
        .map_err(|error| ControlError::InvalidRequest(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn identity_header(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "identity_header": control.identity_header() }))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct NewIdentity {
    name: String,
    roles: Vec<String>,
}

async fn add_identity(
    State(control): State<Control>,
    Body(new): Body<NewIdentity>,
) -> Result<(StatusCode, Json<ManagedIdentity>), ControlError> {
    let roles: Vec<&str> = new.roles.iter().map(String::as_str).collect();
    let added = control.add_managed_identity(&new.name, &roles)?;
    Ok((StatusCode::CREATED, Json(added)))
}
