//! Events of connections: a feed to read, and addresses that they are sent to.

use axum::Json;
use axum::extract::{Query, State};
use connections::NewWebhook;
use http::StatusCode;
use model::{Event, EventKind, Webhook};
use serde::Deserialize;
use store::{DeliveryState, Page};
use utoipa::ToSchema;

use super::input::{At, Input};
use super::list::List;
use crate::App;
use crate::auth::Caller;
use crate::openapi;
use crate::problem::Problem;

const PAGE: i64 = 50;
const LONGEST_PAGE: i64 = 200;

/// An address for events, and which of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookRequest {
    /// Https, and public.
    url: String,
    /// Types such as `connection.needs_admin`; all when absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    kinds: Option<Vec<EventKind>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turn {
    after: Option<String>,
    limit: Option<i64>,
}

/// The same, as the document tells it.
pub(crate) const TURN: [openapi::Asked; 2] = [
    (
        "after",
        "string",
        "What came after this event: the id of the last one that was read",
    ),
    ("limit", "integer", "How many at most"),
];

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<List<Webhook>>, Problem> {
    Ok(Json(List::whole(app.webhooks().list(&caller).await?)))
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<WebhookRequest>,
) -> Result<(StatusCode, Json<NewWebhook>), Problem> {
    let made = app.webhooks().create(&caller, &new.url, new.kinds).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<StatusCode, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("webhook", &id))?;
    app.webhooks().delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn deliveries(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<List<DeliveryState>>, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("webhook", &id))?;
    let waiting = app.webhooks().deliveries(&caller, id, LONGEST_PAGE).await?;
    Ok(Json(List::whole(waiting)))
}

/// Oldest first: a reader keeps the last id and asks for what came after it.
pub(crate) async fn feed(
    State(app): State<App>,
    caller: Caller,
    Query(turn): Query<Turn>,
) -> Result<Json<List<Event>>, Problem> {
    let after = match &turn.after {
        Some(text) => Some(
            text.parse()
                .map_err(|_| Problem::invalid("after", "must be the id of an event"))?,
        ),
        None => None,
    };
    let limit = turn.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(Problem::invalid("limit", "must be 1 to 200"));
    }
    let events = app.webhooks().feed(&caller, Page { after, limit }).await?;
    Ok(Json(List::whole(events)))
}
