//! Asking a connection's account for more, and asking an administrator.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use connections::oauth::Approval;
use model::{Connection, ConnectionMethod, Permission, PermissionSet, Service};
use store::ConsentAnswer;

use super::act::{done, find};
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::connect::{PermissionChoice, link_page};
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::integrations::{needs_admin, permission_lines, unlocks};
use crate::ui::page::show_as;
use crate::ui::viewer::Viewer;
use crate::ui::words::{Badge, Moment};

#[derive(Template)]
#[template(path = "permissions.html")]
struct PermissionsPage {
    chrome: Chrome,
    id: String,
    service: Service,
    permissions: Vec<PermissionChoice>,
    form: Form,
}

/// A request that waits for an administrator of the tenant, or was answered and not used yet.
pub(crate) struct ApprovalLine {
    pub(crate) connection_id: String,
    pub(crate) connection: String,
    pub(crate) service: &'static str,
    pub(crate) requester: String,
    pub(crate) state: Badge,
    pub(crate) admin_url: String,
    pub(crate) asked: Moment,
}

impl From<Approval> for ApprovalLine {
    fn from(approval: Approval) -> Self {
        let (tone, label) = match approval.answer {
            ConsentAnswer::Waiting => ("info", "Waiting"),
            ConsentAnswer::Granted => ("good", "Approved"),
            ConsentAnswer::Declined => ("warn", "Declined"),
        };
        Self {
            connection_id: approval.connection_id.to_string(),
            connection: approval.connection,
            service: approval.service.title(),
            requester: approval.requester,
            state: Badge { tone, label },
            admin_url: approval.admin_url,
            asked: approval.created_at.into(),
        }
    }
}

/// `GET /connections/{id}/permissions`
pub(crate) async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    page(&viewer, &connection, Form::default())
}

/// `POST /connections/{id}/permissions`
pub(crate) async fn add(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    let asked = app
        .lifecycle()
        .ask_for_more(&viewer.caller, connection.id, chosen(&connection, &fields))
        .await;
    match asked {
        Ok(invitation) => link_page(&viewer, &connection, &invitation),
        Err(error) => page(&viewer, &connection, Form::refused(fields, &error.into())),
    }
}

/// `POST /connections/{id}/ask-administrator`
pub(crate) async fn ask_administrator(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    let oauth = &app.lifecycle().oauth;
    oauth.ask_administrator(&viewer.caller, &connection).await?;
    Ok(done(&connection, "asked"))
}

/// Only permissions that the page offers are taken.
fn chosen(connection: &Connection, fields: &Fields) -> PermissionSet {
    choices(connection, &Form::default())
        .into_iter()
        .filter(|choice| fields.has("permission", &choice.name))
        .map(|choice| Permission::new(choice.name))
        .collect()
}

/// What operations of the service need and the connection does not ask for yet.
fn choices(connection: &Connection, form: &Form) -> Vec<PermissionChoice> {
    let (service, method) = (connection.service, ConnectionMethod::OAuth);
    let listed = permission_lines(service, method).into_iter();
    let mut names: BTreeSet<String> = listed.map(|line| line.name).collect();
    let needed = catalog::permissions::asked_by(service, method).into_iter();
    names.extend(needed.map(str::to_owned));
    names
        .into_iter()
        .filter(|name| {
            let name = Permission::new(name.as_str());
            !connection.requested.contains(&name)
        })
        .map(|name| PermissionChoice {
            is_checked: form.has("permission", &name),
            unlocks: unlocks(service, method, &name),
            needs_admin: needs_admin(&name, method),
            name,
        })
        .collect()
}

fn page(viewer: &Viewer, connection: &Connection, form: Form) -> Result<Response, Problem> {
    let status = form.status();
    let own = format!("/connections/{}", connection.id);
    let page = PermissionsPage {
        chrome: Chrome::new(viewer, Section::Connections, "Add permissions")
            .under("/connections", "Connections")
            .under(own, connection.name.clone()),
        id: connection.id.to_string(),
        service: connection.service,
        permissions: choices(connection, &form),
        form,
    };
    show_as(status, &page)
}
