//! Consentry as an issuer of federated credentials. Microsoft fetches the two documents.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use connections::issuer::{self, Begin};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::input::Input;
use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// Short, so that a key that had to be replaced at once is soon gone from copies.
const CACHE: &str = "public, max-age=300";

/// When the next key begins to sign.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Roll {
    /// At once, for a key that others know; else after a day, so that nobody misses it.
    now: bool,
}

pub(crate) async fn configuration(State(app): State<App>) -> Response {
    document(&issuer::configuration(app.context()))
}

pub(crate) async fn keys(State(app): State<App>) -> Result<Response, Problem> {
    Ok(document(&issuer::published_keys(app.context()).await?))
}

pub(crate) async fn roll(
    State(app): State<App>,
    caller: Caller,
    Input(how): Input<Roll>,
) -> Result<StatusCode, Problem> {
    let begin = if how.now {
        Begin::Now
    } else {
        Begin::AfterOverlap
    };
    issuer::roll(app.context(), &caller, begin).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn document(body: &Value) -> Response {
    ([(header::CACHE_CONTROL, CACHE)], Json(body)).into_response()
}
