//! Refusals on the public pages, as lines of the activity log. `connections` records what happens to an attempt that an
//! answer names; a link that is over and an answer that names none are recorded here, where the browser says which attempt
//! it was about. What belongs to no attempt belongs to no workspace, and is logged only.

use connections::Error;
use http::HeaderMap;
use model::{Actor, Outcome, sha256};
use store::Attempt;

use super::cookie;
use crate::App;
use crate::problem::Problem;

/// A connect link that cannot be used.
pub(super) async fn refused_link(app: &App, secret: &str, error: Error) -> Problem {
    let problem = Problem::from(error);
    match by_secret(app, secret).await {
        Ok(attempt) => note(app, attempt, &problem).await,
        Err(error) => return error,
    }
    problem
}

/// An answer whose `state` nobody was sent away with.
pub(super) async fn refused_answer(app: &App, headers: &HeaderMap, error: Error) -> Problem {
    let problem = Problem::from(error);
    let attempt = match cookie::state(app, headers) {
        Some(state) => by_state(app, state).await,
        None => Ok(None),
    };
    match attempt {
        Ok(attempt) => note(app, attempt, &problem).await,
        Err(error) => return error,
    }
    problem
}

pub(super) async fn knows_state(app: &App, state: &str) -> Result<bool, Problem> {
    Ok(by_state(app, state).await?.is_some())
}

async fn by_secret(app: &App, secret: &str) -> Result<Option<Attempt>, Problem> {
    let mut tx = app.store().read().await?;
    Ok(tx.attempt_by_secret(sha256(secret.as_bytes())).await?)
}

async fn by_state(app: &App, state: &str) -> Result<Option<Attempt>, Problem> {
    let mut tx = app.store().read().await?;
    Ok(tx.attempt_by_state(sha256(state.as_bytes())).await?)
}

async fn note(app: &App, attempt: Option<Attempt>, problem: &Problem) {
    let Some(attempt) = attempt else {
        tracing::info!(
            code = problem.code(),
            "a request on the consent pages belongs to no attempt"
        );
        return;
    };
    let mut line = app.access_line(attempt.workspace_id, Actor::Anonymous, "connection.consent");
    line.connection_id = Some(attempt.connection_id);
    line.outcome = Outcome::Denied;
    line.code = Some(problem.code().to_owned());
    app.context().journal.note(line).await;
}
