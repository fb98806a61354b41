use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use jiff::SignedDuration;
use model::ProofKind;
use moka::future::Cache;
use serde::Serialize;
use tokio::time::timeout;

use crate::problem::{DATABASE_AWAY, DATABASE_BACK_SECS, Problem, chain};
use crate::{App, metrics as figures};

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

pub(crate) async fn alive() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// How old figures that come from the database may be.
const A_MOMENT: Duration = Duration::from_secs(1);
/// Longest wait for the database in what is asked every few seconds: whoever asks does not wait long either.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ready when the database answers a read, and took the last change that this process tried: without either every request answers
/// `database_unavailable`, or soon will.
pub(crate) async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let reason = match timeout(PATIENCE, probe(&app)).await {
        Ok(Ok(())) if app.pulse().is_beating() => return Ok(Json(Health { status: "ok" })),
        Ok(Ok(())) => "the last heartbeat could not be written".to_owned(),
        Ok(Err(error)) => chain(&error),
        Err(elapsed) => elapsed.to_string(),
    };
    tracing::warn!(error = %reason, "the database does not answer");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", DATABASE_AWAY);
    Err(problem
        .next("check the database; this answers again by itself")
        .retry_after(DATABASE_BACK_SECS))
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

async fn ending(app: &App) -> Result<String, store::Error> {
    let now = app.now();
    let mut tx = app.store().read().await?;
    let mut first_ends = Vec::new();
    for (days, number) in DAYS {
        let before = now + SignedDuration::from_hours(24 * number);
        let found = tx.proofs_ending(before).await?;
        for kind in ENDING {
            let of_kind = found.iter().find(|ending| ending.kind == kind);
            figures::ending(kind.id(), days, of_kind.map_or(0, |ending| ending.number));
        }
        // The last one is as far as anybody looks.
        first_ends = found
            .into_iter()
            .map(|ending| (ending.kind.id(), ending.first.duration_since(now).as_secs()))
            .collect();
    }
    Ok(figures::first_ends(&first_ends))
}

/// What the database told.
#[derive(Clone)]
struct Counted {
    /// Events on their way to webhooks.
    waiting: i64,
    /// Lines about proofs that end.
    ending: String,
}

/// What comes from the database, as it was a moment ago: `/metrics` needs no key, and however often it is called the database is
/// asked once.
pub(crate) struct Figures(Cache<(), Option<Counted>>);

impl Default for Figures {
    fn default() -> Self {
        Self(Cache::builder().time_to_live(A_MOMENT).build())
    }
}

impl Figures {
    async fn get(&self, ask: impl Future<Output = Option<Counted>>) -> Option<Counted> {
        self.0.get_with((), ask).await
    }
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let counted = app.figures().get(asked(&app)).await;
    let tally = app.lifecycle().broker_tally();
    figures::renewals(&tally);
    let waiting = counted.as_ref().map(|counted| counted.waiting);
    let mut text = figures::render(app.context().journal.lost(), waiting);
    text.push_str(&counted.map(|counted| counted.ending).unwrap_or_default());
    text.push_str(&figures::token_reads(&tally));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// What waits to be delivered. A database that does not answer is told by `/readyz`; the other figures are as good without it.
async fn asked(app: &App) -> Option<Counted> {
    timeout(PATIENCE, async {
        let ending = ending(app).await?;
        let waiting = deliveries(app).await?;
        Ok::<_, store::Error>(Counted { waiting, ending })
    })
    .await
    .ok()?
    .ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn however_many_ask_for_figures_the_database_is_asked_once_a_moment() {
        let (figures, asked) = (Figures::default(), AtomicU32::new(0));
        let ask = || async {
            tokio::task::yield_now().await;
            asked.fetch_add(1, Ordering::Relaxed);
            Some(Counted {
                waiting: 7,
                ending: String::new(),
            })
        };
        let told = join_all((0..100).map(|_| figures.get(ask()))).await;
        let told = told.into_iter().map(|counted| counted.map(|it| it.waiting));
        assert!(told.into_iter().all(|waiting| waiting == Some(7)));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(figures.0.policy().time_to_live(), Some(A_MOMENT));
    }
}
