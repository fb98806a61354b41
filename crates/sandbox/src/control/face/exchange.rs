//! The part of the control API that stands for Exchange's PowerShell.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;

use super::Body;
use crate::control::{Control, ControlError};
use crate::state::exchange::AccessRight;

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route(
            "/applications/{client_id}/access-policies",
            post(add).delete(remove),
        )
        .route(
            "/applications/{client_id}/exchange-roles",
            post(assign).delete(remove_roles),
        )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    right: AccessRight,
    members: Vec<String>,
}

async fn add(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(new): Body<NewPolicy>,
) -> Result<StatusCode, ControlError> {
    let members: Vec<&str> = new.members.iter().map(String::as_str).collect();
    control.add_application_access_policy(&client_id, new.right, &members)?;
    Ok(StatusCode::CREATED)
}

async fn remove(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.remove_application_access_policies(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRole {
    role: String,
    /// Whose mailboxes; those of all without it.
    members: Option<Vec<String>>,
}

async fn assign(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(new): Body<NewRole>,
) -> Result<StatusCode, ControlError> {
    let members: Option<Vec<&str>> = new
        .members
        .as_ref()
        .map(|members| members.iter().map(String::as_str).collect());
    control.assign_exchange_role(&client_id, &new.role, members.as_deref())?;
    Ok(StatusCode::CREATED)
}

async fn remove_roles(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.remove_exchange_roles(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}
