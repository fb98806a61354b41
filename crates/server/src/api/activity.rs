use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use connections::checkpoints::{self, Verification};
use jiff::Timestamp;
use model::{Activity, ActivityId, ConnectionId, Role};
use serde::Deserialize;
use store::{ActivityFilter, Page, Transaction};

use super::input::{Asked, At, connection_id};
use super::list::{List, Paging};
use crate::App;
use crate::auth::Caller;
use crate::openapi;
use crate::problem::Problem;

/// Pages of the log that are looked through for one page of a member's own lines.
const LOOKED_THROUGH: usize = 20;

/// Which lines are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Id or name.
    pub(crate) connection: Option<String>,
    /// The whole action, or a prefix that ends in a dot.
    pub(crate) action: Option<String>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) after: Option<String>,
    pub(crate) limit: Option<i64>,
}

/// The same, as the document tells it; of one connection, without the first.
pub(crate) const WANTED: [openapi::Asked; 5] = [
    (
        "connection",
        "string",
        "What went through this one, by id or name",
    ),
    (
        "action",
        "string",
        "The whole action, or a prefix that ends in a dot",
    ),
    ("since", "string", "What came after this instant"),
    openapi::PAGING[0],
    openapi::PAGING[1],
];

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<List<Activity>>, Problem> {
    lines(&app, &caller, wanted).await.map(Json)
}

/// Reads the whole log: whether a line was changed, or is missing.
pub(crate) async fn verification(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Verification>, Problem> {
    if !reads_everything(&caller) {
        return Err(connections::Error::Forbidden {
            reason: "the whole log is verified by an auditor or an administrator".to_owned(),
        }
        .into());
    }
    let found = checkpoints::verify(app.context(), caller.workspace_id).await?;
    Ok(Json(found))
}

fn reads_everything(caller: &Caller) -> bool {
    !matches!(caller.role, Role::Member | Role::Builder) && caller.scope.connections.is_none()
}

pub(crate) async fn of_connection(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<List<Activity>>, Problem> {
    lines(
        &app,
        &caller,
        Wanted {
            connection: Some(id),
            ..wanted
        },
    )
    .await
    .map(Json)
}

/// The lines that the caller may see, newest first.
pub(crate) async fn lines(
    app: &App,
    caller: &Caller,
    wanted: Wanted,
) -> Result<List<Activity>, Problem> {
    let page = Paging {
        after: wanted.after,
        limit: wanted.limit,
    }
    .page(app)?;
    let connection = match &wanted.connection {
        Some(text) => Some(seen(app, caller, text).await?),
        None => None,
    };
    let filter = ActivityFilter {
        connection,
        action: wanted.action.filter(|action| !action.is_empty()),
        phase: None,
        since: wanted.since,
    };
    if connection.is_some() || reads_everything(caller) {
        let mut tx = app.store().read().await?;
        let lines = tx.activities(caller.workspace_id, &filter, page).await?;
        return Ok(full(lines, page.limit));
    }
    own(app, caller, &filter, page).await
}

/// A connection that is removed has lines too, for those who may see all of them, and within the limits of a key.
async fn seen(app: &App, caller: &Caller, text: &str) -> Result<ConnectionId, Problem> {
    let id = connection_id(app, caller, text).await?;
    let of_key = &caller.scope.connections;
    let sees_removed = (caller.role >= Role::Admin || caller.role == Role::Auditor)
        && of_key.as_ref().is_none_or(|of| of.contains(&id));
    match app.lifecycle().find(caller, &id.to_string()).await {
        Ok(connection) => Ok(connection.id),
        Err(connections::Error::NotFound { .. }) if sees_removed => Ok(id),
        Err(error) => Err(error.into()),
    }
}

fn full(items: Vec<Activity>, limit: i64) -> List<Activity> {
    let is_full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
    let next = items.last().map(|line| line.id).filter(|_| is_full);
    List::new(items, next)
}

/// Lines of the connections that the caller sees, and the caller's own.
async fn own(
    app: &App,
    caller: &Caller,
    filter: &ActivityFilter,
    mut page: Page<ActivityId>,
) -> Result<List<Activity>, Problem> {
    let mut tx = app.store().read().await?;
    let visible = visible(&mut *tx, caller).await?;
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    for _ in 0..LOOKED_THROUGH {
        let lines = tx.activities(caller.workspace_id, filter, page).await?;
        let is_last = i64::try_from(lines.len()).is_ok_and(|count| count < page.limit);
        for line in lines {
            page.after = Some(line.id);
            let is_seen = line.connection_id.is_some_and(|id| visible.contains(&id));
            if is_seen || line.actor == caller.actor {
                items.push(line);
            }
            if items.len() == wanted {
                return Ok(List::new(items, page.after));
            }
        }
        if is_last {
            return Ok(List::whole(items));
        }
    }
    Ok(List::new(items, page.after))
}

async fn visible(
    tx: &mut dyn Transaction,
    caller: &Caller,
) -> Result<BTreeSet<ConnectionId>, Problem> {
    let mut page = Page::first(200);
    let mut visible = BTreeSet::new();
    loop {
        let rows = tx.connections(caller.workspace_id, page).await?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < page.limit);
        page.after = rows.last().map(|connection| connection.id);
        visible.extend(rows.iter().filter(|row| caller.sees(row)).map(|row| row.id));
        if is_last {
            return Ok(visible);
        }
    }
}
