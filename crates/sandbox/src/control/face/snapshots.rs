//! Snapshots and the way back to the beginning, over HTTP.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::Body;
use crate::control::{Control, ControlError};
use crate::state::snapshot::Snapshot;

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route("/snapshots", get(list).post(take))
        .route("/snapshots/{name}", delete(remove))
        .route("/snapshots/{name}/restore", post(restore))
        .route("/reset", post(reset))
}

async fn list(State(control): State<Control>) -> Json<Vec<Snapshot>> {
    Json(control.snapshots())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSnapshot {
    name: String,
}

async fn take(
    State(control): State<Control>,
    Body(new): Body<NewSnapshot>,
) -> Result<(StatusCode, Json<Snapshot>), ControlError> {
    let taken = aside(move || control.take_snapshot(&new.name)).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

async fn restore(
    State(control): State<Control>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    aside(move || control.restore_snapshot(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(control): State<Control>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    aside(move || control.delete_snapshot(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset(State(control): State<Control>) -> Result<StatusCode, ControlError> {
    aside(move || {
        control.reset();
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What takes its time holds up no other request.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ControlError> + Send + 'static,
) -> Result<T, ControlError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ControlError::Storage(error.to_string())))
}
