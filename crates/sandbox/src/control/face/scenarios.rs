//! Scenarios over HTTP.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::Body;
use crate::control::{Cast, Control, ControlError, Scenario};

pub(super) fn router() -> Router<Control> {
    Router::new()
        .route("/scenarios", get(list).delete(end))
        .route("/scenarios/{name}", post(play))
}

async fn list(State(control): State<Control>) -> Json<&'static [Scenario]> {
    Json(control.scenarios())
}

async fn play(
    State(control): State<Control>,
    Path(name): Path<String>,
    Body(cast): Body<Cast>,
) -> Result<Json<Scenario>, ControlError> {
    control.play(&name, &cast).map(Json)
}

async fn end(State(control): State<Control>) -> StatusCode {
    control.end_scenarios();
    StatusCode::NO_CONTENT
}
