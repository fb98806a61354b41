use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use jiff::SignedDuration;
use model::ProofKind;
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

/// Kinds of proofs that end, and the days before the end at which people are warned.
const ENDING: [ProofKind; 2] = [ProofKind::ClientSecret, ProofKind::Certificate];
const DAYS: [(&str, i64); 5] = [("1", 1), ("3", 3), ("7", 7), ("14", 14), ("30", 30)];

async fn ending(app: &App) -> Result<(), store::Error> {
    let now = app.now();
    let mut tx = app.store().read().await?;
    for (days, number) in DAYS {
        let before = now + SignedDuration::from_hours(24 * number);
        let found = tx.proofs_ending(before).await?;
        for kind in ENDING {
            let of_kind = found.iter().find(|ending| ending.kind == kind);
            let first = of_kind.map(|ending| ending.first.duration_since(now).as_secs());
            let number = of_kind.map_or(0, |ending| ending.number);
            figures::ending(kind.id(), days, number, first);
        }
    }
    Ok(())
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    // It needs no key, so what it asks of the database is asked once a moment, however often it is called.
    let waiting = app.figures().get_with((), asked(&app)).await;
    let tally = app.lifecycle().broker_tally();
    figures::renewals(&tally);
    let mut text = figures::render(app.context().journal.lost(), waiting);
    text.push_str(&figures::token_reads(&tally));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// What waits to be delivered. A database that does not answer is told by `/readyz`; the other figures are as good without it.
async fn asked(app: &App) -> Option<i64> {
    ending(app).await.ok();
    deliveries(app).await.ok()
}
