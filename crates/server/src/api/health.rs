use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;

use crate::problem::{Problem, chain};
use crate::{App, metrics as figures};

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

pub(crate) async fn alive() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Ready when the database answers a read.
pub(crate) async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    match probe(&app).await {
        Ok(()) => Ok(Json(Health { status: "ok" })),
        Err(error) => {
            tracing::warn!(error = %chain(&error), "the database does not answer");
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_ready",
                "the database does not answer",
            )
            .next("check the database; this answers again by itself")
            .retry_after(1))
        }
    }
}

async fn probe(app: &App) -> Result<(), store::Error> {
    let owner = app.owner();
    app.store()
        .read()
        .await?
        .workspace(owner.workspace)
        .await
        .map(drop)
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let text = figures::render(app.context().journal.lost());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
