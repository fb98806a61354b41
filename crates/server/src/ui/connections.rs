//! Connections: the list, and one of them with all that can be done to it.

mod act;
mod detail;
mod leave;
mod permissions;
mod rotate;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use model::{Connection, ConnectionId, ConnectionMethod, MemberId, Service};
use serde::Deserialize;
use store::Page;

use super::chrome::{Chrome, Section};
use super::integrations::may_connect;
use super::page::show;
use super::viewer::Viewer;
use super::words::{self, Badge};
use crate::App;
use crate::problem::Problem;

pub(crate) use act::{disable, enable, policy, reconnect, test};
pub(crate) use detail::get;
pub(crate) use leave::{confirm_delete, delete};
pub(crate) use permissions::{
    ApprovalLine, add as add_permissions, ask as ask_permissions, ask_administrator,
};
pub(crate) use rotate::{ask as ask_rotate, rotate};

/// Connections on one page of the list.
const PER_PAGE: i64 = 50;
/// How many are looked at for an overview or a filter: more than that, and nobody reads it.
const OVERVIEW: i64 = 200;

#[derive(Template)]
#[template(path = "connections.html")]
struct ListPage {
    chrome: Chrome,
    connections: Vec<Row>,
    approvals: Vec<ApprovalLine>,
    may_connect: bool,
    next: Option<ConnectionId>,
}

/// One line of a table of connections.
pub(crate) struct Row {
    pub(crate) id: ConnectionId,
    pub(crate) name: String,
    pub(crate) service: Service,
    pub(crate) method: &'static str,
    pub(crate) state: Badge,
    pub(crate) acts_as: String,
    pub(crate) owner: String,
    pub(crate) is_shared: bool,
}

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    after: Option<ConnectionId>,
    done: Option<String>,
}

/// `GET /connections`
pub(crate) async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let page = Page {
        after: query.after,
        limit: PER_PAGE,
    };
    let (found, next) = app.lifecycle().list(&viewer.caller, page).await?;
    show(&ListPage {
        chrome: Chrome::new(&viewer, Section::Connections, "Connections")
            .saying(query.done.as_deref().and_then(words::notice)),
        connections: rows(&app, &viewer, &found).await?,
        approvals: approvals(&app, &viewer).await?,
        may_connect: may_connect(viewer.caller.role),
        next,
    })
}

/// What waits for an administrator of the tenant.
async fn approvals(app: &App, viewer: &Viewer) -> Result<Vec<ApprovalLine>, Problem> {
    let waiting = app.lifecycle().oauth.approvals(&viewer.caller).await?;
    Ok(waiting.into_iter().map(ApprovalLine::from).collect())
}

/// Those that the viewer sees, for an overview.
pub(crate) async fn everything(app: &App, viewer: &Viewer) -> Result<Vec<Connection>, Problem> {
    let (found, _) = app
        .lifecycle()
        .list(&viewer.caller, Page::first(OVERVIEW))
        .await?;
    Ok(found)
}

pub(crate) async fn rows(
    app: &App,
    viewer: &Viewer,
    found: &[Connection],
) -> Result<Vec<Row>, Problem> {
    let names = member_names(app, viewer).await?;
    Ok(found
        .iter()
        .map(|connection| row(connection, &names))
        .collect())
}

/// The names of the workspace's members.
pub(crate) async fn member_names(
    app: &App,
    viewer: &Viewer,
) -> Result<HashMap<MemberId, String>, Problem> {
    let members = app
        .store()
        .read()
        .await?
        .members(viewer.caller.workspace_id)
        .await?;
    Ok(members
        .into_iter()
        .map(|member| (member.id, member.name))
        .collect())
}

fn row(connection: &Connection, names: &HashMap<MemberId, String>) -> Row {
    Row {
        id: connection.id,
        name: connection.name.clone(),
        service: connection.service,
        method: words::method(connection.method),
        state: words::state(connection.state),
        acts_as: acts_as(connection),
        owner: names
            .get(&connection.owner)
            .cloned()
            .unwrap_or_else(|| "a former member".to_owned()),
        is_shared: connection.shared,
    }
}

/// The account or application in a few words.
pub(crate) fn acts_as(connection: &Connection) -> String {
    match (&connection.identity, connection.method) {
        (None, _) => "nobody yet".to_owned(),
        (Some(_), ConnectionMethod::ServicePrincipal) => "the application".to_owned(),
        (Some(identity), ConnectionMethod::OAuth) => identity
            .username
            .clone()
            .or_else(|| identity.display_name.clone())
            .unwrap_or_else(|| identity.object_id.clone()),
    }
}
