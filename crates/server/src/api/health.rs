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

async fn deliveries(app: &App) -> Result<i64, store::Error> {
    app.store().read().await?.count_deliveries().await
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    // A database that does not answer is told by `/readyz`; the other figures are as good without it.
    let waiting = deliveries(&app).await.ok();
    let text = figures::render(app.context().journal.lost(), waiting);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
