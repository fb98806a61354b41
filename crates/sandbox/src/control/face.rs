//! The control API over HTTP at `/_sandbox/`: JSON in, JSON out, errors with code and message.

mod entra;
mod exchange;
mod scenarios;
mod snapshots;

use std::time::Duration;

use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    Account, ConditionalAccess, Control, ControlError, Location, NewApplication,
    RegisteredApplication, UserConsentPolicy,
};
use crate::http::{Fault, LoggedRequest, UnimplementedRequest};
use crate::issued::IssuedSecret;
use crate::shared::Shared;
use crate::throttling::Throttling;

/// Two years, the longest that the portal offers.
const LONGEST_SECRET_SECS: u64 = 2 * 365 * 24 * 3600;

pub(crate) fn router(shared: &Shared) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/clock", get(clock).post(advance))
        .route("/settings", get(settings).post(change_settings))
        .route("/applications", get(applications).post(register))
        .route("/applications/{client_id}", delete(delete_application))
        .route("/applications/{client_id}/secrets", post(add_secret))
        .route("/applications/{client_id}/expire-secrets", post(expire))
        .route("/applications/{client_id}/roles", post(grant_roles))
        .route("/applications/{client_id}/disable", post(disable))
        .route("/applications/{client_id}/enable", post(enable))
        .route(
            "/applications/{client_id}/consent",
            post(grant).delete(remove_consent),
        )
        .route("/users", get(users))
        .route("/users/{user}/revoke", post(revoke))
        .route("/users/{user}/password", post(change_password))
        .route("/users/{user}/forget-changes", post(forget_changes))
        .route("/users/{user}/disable", post(disable_user))
        .route("/users/{user}/enable", post(enable_user))
        .route("/faults", get(faults).post(inject).delete(clear_faults))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/unimplemented", get(unimplemented))
        .route("/issued", get(issued))
        .merge(entra::router())
        .merge(exchange::router())
        .merge(snapshots::router())
        .merge(scenarios::router())
        .merge(crate::business_central::control_router())
        .merge(crate::dataverse::control_router())
        .with_state(Control::new(shared.clone()))
}

/// A JSON body whose defects are reported in this API's own form. No body stands for an empty object.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Control> for Body<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &Control) -> Result<Self, ControlError> {
        let bytes = bytes::Bytes::from_request(request, state)
            .await
            .map_err(|error| ControlError::InvalidRequest(error.to_string()))?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|error| ControlError::InvalidRequest(error.to_string()))
    }
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn clock(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "now": control.now() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_secs: u64,
}

async fn advance(State(control): State<Control>, Body(body): Body<Advance>) -> Json<Value> {
    control.advance(Duration::from_secs(body.advance_secs));
    Json(json!({ "now": control.now() }))
}

async fn settings(State(control): State<Control>) -> Json<Value> {
    let settings = control.shared.read(|state| state.settings.clone());
    Json(json!(settings))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeSettings {
    /// 0 lets each token draw its own again.
    access_token_lifetime: Option<u32>,
    single_use_refresh_tokens: Option<bool>,
    user_consent: Option<UserConsentPolicy>,
    conditional_access: Option<ConditionalAccess>,
    location: Option<Location>,
    blocks_applications: Option<bool>,
    throttling: Option<Throttling>,
    notify_anywhere: Option<bool>,
    refuse_protected_apis: Option<bool>,
}

async fn change_settings(
    control: State<Control>,
    Body(change): Body<ChangeSettings>,
) -> Json<Value> {
    if let Some(seconds) = change.access_token_lifetime {
        control.set_access_token_lifetime(Some(seconds).filter(|seconds| *seconds > 0));
    }
    if let Some(single_use) = change.single_use_refresh_tokens {
        control.single_use_refresh_tokens(single_use);
    }
    if let Some(policy) = change.user_consent {
        control.set_user_consent_policy(policy);
    }
    if let Some(policy) = change.conditional_access {
        control.set_conditional_access(policy);
    }
    if let Some(location) = change.location {
        control.set_location(location);
    }
    if let Some(block) = change.blocks_applications {
        control.block_applications(block);
    }
    if let Some(throttling) = change.throttling {
        control.set_throttling(throttling);
    }
    if let Some(anywhere) = change.notify_anywhere {
        control.notify_anywhere(anywhere);
    }
    if let Some(refuse) = change.refuse_protected_apis {
        control.refuse_protected_apis(refuse);
    }
    settings(control).await
}

async fn applications(State(control): State<Control>) -> Json<Vec<RegisteredApplication>> {
    Json(control.applications())
}

async fn register(
    State(control): State<Control>,
    Body(new): Body<NewApplication>,
) -> Result<(StatusCode, Json<RegisteredApplication>), ControlError> {
    let registered = control.register_application(new)?;
    Ok((StatusCode::CREATED, Json(registered)))
}

async fn delete_application(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.delete_application(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewSecret {
    name: String,
    lifetime_secs: u64,
}

impl Default for NewSecret {
    fn default() -> Self {
        Self {
            name: "secret".to_owned(),
            lifetime_secs: LONGEST_SECRET_SECS,
        }
    }
}

async fn add_secret(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(new): Body<NewSecret>,
) -> Result<(StatusCode, Json<super::Secret>), ControlError> {
    let lifetime = Duration::from_secs(new.lifetime_secs);
    let secret = control.add_secret(&client_id, &new.name, lifetime)?;
    Ok((StatusCode::CREATED, Json(secret)))
}

async fn expire(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.expire_secrets(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Roles of one of Microsoft's other APIs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    resource: String,
    roles: Vec<String>,
}

async fn grant_roles(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(body): Body<Roles>,
) -> Result<StatusCode, ControlError> {
    let roles: Vec<&str> = body.roles.iter().map(String::as_str).collect();
    control.grant_api_roles(&client_id, &body.resource, &roles)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn disable(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.disable_application(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enable(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.enable_application(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn grant(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.grant_admin_consent(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct WhoseConsent {
    user: Option<String>,
}

async fn remove_consent(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Query(whose): Query<WhoseConsent>,
) -> Result<StatusCode, ControlError> {
    control.remove_consent(&client_id, whose.user.as_deref())?;
    Ok(StatusCode::NO_CONTENT)
}

async fn users(State(control): State<Control>) -> Json<Vec<Account>> {
    Json(control.users())
}

async fn revoke(
    State(control): State<Control>,
    Path(user): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.revoke_sessions(&user)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn forget_changes(
    State(control): State<Control>,
    Path(user): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.forget_changes(&user)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn disable_user(
    State(control): State<Control>,
    Path(user): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.disable_user(&user)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    password: String,
}

async fn change_password(
    State(control): State<Control>,
    Path(user): Path<String>,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, ControlError> {
    control.change_password(&user, &new.password)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enable_user(
    State(control): State<Control>,
    Path(user): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.enable_user(&user)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn faults(State(control): State<Control>) -> Json<Vec<Fault>> {
    Json(control.faults())
}

async fn inject(State(control): State<Control>, Body(fault): Body<Fault>) -> StatusCode {
    control.inject(fault);
    StatusCode::CREATED
}

async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Matching {
    #[serde(default)]
    method: String,
    #[serde(default)]
    path_contains: String,
}

async fn requests(
    State(control): State<Control>,
    Query(matching): Query<Matching>,
) -> Json<Vec<LoggedRequest>> {
    let mut requests = control.requests();
    requests.retain(|request| request.matches(&matching.method, &matching.path_contains));
    Json(requests)
}

async fn clear_requests(State(control): State<Control>) -> StatusCode {
    control.clear_requests();
    StatusCode::NO_CONTENT
}

async fn issued(State(control): State<Control>) -> Json<Vec<IssuedSecret>> {
    Json(control.issued())
}

async fn unimplemented(State(control): State<Control>) -> Json<Vec<UnimplementedRequest>> {
    Json(control.unimplemented())
}
