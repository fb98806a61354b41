//! Connecting a service: the guided forms of both ways, and the connect link.

mod guide;
mod oauth;
mod service_principal;

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use connections::oauth::Invitation;
use connections::{AppView, NewApp, NewConnection};
use model::{
    Connection, ConnectionMethod, ConnectionState, Permission, PermissionSet, Place, Policy,
    ProofState, Role, Service,
};

use super::chrome::{Chrome, Section};
use super::form::{Fields, Form};
use super::integrations::{is_dynamics, permission_lines};
use super::page::show;
use super::proof::{self, Left};
use super::viewer::Viewer;
use super::words::Moment;
use crate::App;
use crate::problem::Problem;

pub(crate) use guide::portal_secrets;
pub(crate) use oauth::{ask as ask_oauth, connect as connect_oauth};
pub(crate) use service_principal::{
    ask as ask_service_principal, connect as connect_service_principal,
};

/// The choice of describing an application now instead of taking one that is registered.
const NEW: &str = "new";

#[derive(Template)]
#[template(path = "connect_link.html")]
struct LinkPage {
    chrome: Chrome,
    id: String,
    connection: String,
    url: String,
    expires: Moment,
}

/// A registration to choose.
struct RegistrationChoice {
    id: String,
    name: String,
    detail: String,
    is_chosen: bool,
}

/// A permission to ask for.
pub(crate) struct PermissionChoice {
    pub(crate) name: String,
    pub(crate) unlocks: &'static str,
    pub(crate) needs_admin: bool,
    pub(crate) is_checked: bool,
}

/// The connect link, shown once: only its hash is kept.
pub(crate) fn link_page(
    viewer: &Viewer,
    connection: &Connection,
    invitation: &Invitation,
) -> Result<Response, Problem> {
    let title = if connection.state == ConnectionState::Pending {
        "The connect link is ready"
    } else {
        "The link to reconnect is ready"
    };
    let own = format!("/connections/{}", connection.id);
    show(&LinkPage {
        chrome: Chrome::new(viewer, Section::Connections, title)
            .under("/connections", "Connections")
            .under(own, connection.name.clone()),
        id: connection.id.to_string(),
        connection: connection.name.clone(),
        url: invitation.connect_url.clone(),
        expires: invitation.expires_at.into(),
    })
}

fn registration_choices(views: &[AppView], form: &Form) -> Vec<RegistrationChoice> {
    views
        .iter()
        .enumerate()
        .map(|(index, view)| {
            let id = view.app.id.to_string();
            let is_chosen = if form.was_sent() {
                form.value("app_registration_id") == id
            } else {
                index == 0
            };
            RegistrationChoice {
                is_chosen,
                id,
                name: view.app.name.clone(),
                detail: detail(view),
            }
        })
        .collect()
}

fn detail(view: &AppView) -> String {
    let proof = match view
        .proofs
        .iter()
        .find(|proof| proof.state == ProofState::Active)
    {
        None => "no proof in use".to_owned(),
        Some(proof) => {
            let kind = proof::kind(proof.kind).to_lowercase();
            match proof.expires_at {
                Some(end) => format!("{kind} until {}", Moment::from(end).text),
                None => format!("{kind} without a known end"),
            }
        }
    };
    format!(
        "{} · tenant {} · {proof}",
        view.app.cloud, view.app.tenant_id
    )
}

/// Dynamics services keep permissions inside themselves: there is nothing to choose.
fn permission_choices(
    service: Service,
    method: ConnectionMethod,
    form: &Form,
) -> Vec<PermissionChoice> {
    if is_dynamics(service) {
        return Vec::new();
    }
    permission_lines(service, method)
        .into_iter()
        .map(|line| PermissionChoice {
            is_checked: if form.was_sent() {
                form.has("permission", &line.name)
            } else {
                line.is_default
            },
            name: line.name,
            unlocks: line.unlocks,
            needs_admin: line.needs_admin,
        })
        .collect()
}

/// What the form asks for. Only permissions that the page offers are taken.
fn new_connection(
    service: Service,
    method: ConnectionMethod,
    fields: &Fields,
) -> Result<NewConnection, Problem> {
    let offered: BTreeSet<String> = permission_lines(service, method)
        .into_iter()
        .map(|line| line.name)
        .collect();
    let chosen: PermissionSet = fields
        .all("permission")
        .filter(|name| offered.contains(*name))
        .map(Permission::new)
        .collect();
    if chosen.is_empty() && !is_dynamics(service) {
        return Err(Problem::invalid(
            "permissions",
            "choose at least one permission",
        ));
    }
    Ok(NewConnection {
        name: fields.get("name").to_owned(),
        service,
        permissions: (!is_dynamics(service)).then_some(chosen),
        policy: Policy::default(),
        shared: false,
        place: place(fields),
    })
}

fn place(fields: &Fields) -> Place {
    let said = |name| Some(fields.get(name).trim().to_owned()).filter(|text| !text.is_empty());
    Place {
        environment_url: said("environment_url"),
        environment: said("environment"),
        company_id: said("company_id"),
    }
}

/// The application that the form describes, with a proof.
fn new_app(fields: &Fields, name: &str) -> Result<NewApp, Problem> {
    Ok(NewApp {
        name: name.to_owned(),
        cloud: fields.get("cloud").to_owned(),
        tenant_id: fields.get("tenant_id").to_owned(),
        client_id: fields.get("client_id").to_owned(),
        proof: Some(proof::given(fields)?),
    })
}

/// What has to be entered in Entra before the registration that is chosen works.
fn left(app: &App, views: &[AppView], form: &Form) -> Option<Left> {
    let chosen = form.value("app_registration_id");
    let view = views
        .iter()
        .find(|view| view.app.id.to_string() == chosen)?;
    proof::left(view, portal_secrets(app, &view.app))
}

/// Which of two buttons sent the form.
fn is_check(fields: &Fields) -> bool {
    fields.get("step") == "check"
}

/// Looks whether the ids can be right; the tenant's id.
async fn check_ids(app: &App, viewer: &Viewer, fields: &Fields) -> Result<String, Problem> {
    viewer.require(app, Role::Admin).await?;
    let ids = (fields.get("tenant_id"), fields.get("client_id"));
    Ok(app
        .apps()
        .check_ids(&viewer.caller, fields.get("cloud"), ids.0, ids.1)
        .await?)
}

/// A name to start from: `outlook`, or `outlook-app` for an application.
fn name_example(service: Service, method: ConnectionMethod) -> String {
    match method {
        ConnectionMethod::OAuth => format!("{}-personal", service.id()),
        ConnectionMethod::ServicePrincipal => format!("{}-app", service.id()),
    }
}
