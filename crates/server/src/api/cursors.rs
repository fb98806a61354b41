//! Where delta queries are.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use operations::Cursor;
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{At, Input, connection_id};
use super::list::List;
use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// The end of a round.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keep {
    /// `keep` of the round's last line.
    keep: String,
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<List<Cursor>>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    let cursors = app.runner().cursors(&caller, id).await?;
    Ok(Json(List::whole(cursors)))
}

pub(crate) async fn keep(
    State(app): State<App>,
    caller: Caller,
    At((id, name)): At<(String, String)>,
    Input(Keep { keep }): Input<Keep>,
) -> Result<Json<Cursor>, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    let runner = app.runner();
    Ok(Json(runner.keep_cursor(&caller, id, &name, &keep).await?))
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    At((id, name)): At<(String, String)>,
) -> Result<StatusCode, Problem> {
    let id = connection_id(&app, &caller, &id).await?;
    app.runner().delete_cursor(&caller, id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
