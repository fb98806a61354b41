//! What a member sets: their keys and password, and for administrators the app registrations.

mod app;
mod apps;
mod events;
mod keys;
mod members;
mod password;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use model::Role;
use serde::Deserialize;

use super::chrome::{Chrome, Section};
use super::form::Form;
use super::page::show_as;
use super::viewer::Viewer;
use super::words;
use crate::App;
use crate::problem::Problem;

pub(crate) use app::{
    add_proof, auto_rotate, certificate, get as app_page, lines as proof_lines,
    remove as remove_proof, rotate as rotate_app, verify as verify_proof,
};
pub(crate) use apps::ProofLine;
pub(crate) use apps::{confirm_delete as confirm_delete_app, delete as delete_app};
pub(crate) use events::{create as create_webhook, get as events_page, remove as remove_webhook};
pub(crate) use keys::{create as create_key, revoke as revoke_key};
pub(crate) use members::{create as create_member, sign_in_link};
pub(crate) use password::change as change_password;

/// What the field of a new password says; the check itself is in `auth`.
const PASSWORD_HINT: &str = "12 characters or more. A few words in a row are easy to remember.";

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    chrome: Chrome,
    form: Form,
    email: String,
    keys: Vec<keys::KeyRow>,
    new_key: Option<keys::NewKey>,
    new_link: Option<members::NewLink>,
    members: Option<Vec<members::MemberRow>>,
    member_roles: Vec<keys::RoleChoice>,
    may_make_keys: bool,
    key_roles: Vec<keys::RoleChoice>,
    apps: Option<Vec<apps::AppCard>>,
    may_register: bool,
    has_password: bool,
    password_hint: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct SettingsQuery {
    done: Option<String>,
}

/// What a form on the page has just led to.
#[derive(Default)]
struct Just {
    form: Form,
    new_key: Option<keys::NewKey>,
    new_link: Option<members::NewLink>,
    notice: Option<words::Notice>,
}

/// `GET /settings`
pub(crate) async fn get(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<SettingsQuery>,
) -> Result<Response, Problem> {
    let notice = query.done.as_deref().and_then(words::notice);
    page(
        &app,
        &viewer,
        Just {
            notice,
            ..Just::default()
        },
    )
    .await
}

async fn page(app: &App, viewer: &Viewer, just: Just) -> Result<Response, Problem> {
    let role = viewer.caller.role;
    let apps = if viewer.sees_everything() {
        Some(apps::cards(app, viewer).await?)
    } else {
        None
    };
    let members = if role >= Role::Admin {
        Some(members::rows(app, viewer).await?)
    } else {
        None
    };
    let status = just.form.status();
    let page = SettingsPage {
        chrome: Chrome::new(viewer, Section::Settings, "Settings").saying(just.notice),
        form: just.form,
        email: viewer.member.email.clone(),
        keys: keys::rows(app, viewer).await?,
        new_key: just.new_key,
        new_link: just.new_link,
        members,
        member_roles: keys::roles(role)
            .into_iter()
            .filter(|choice| role == Role::Owner || choice.value != Role::Admin.id())
            .collect(),
        may_make_keys: role >= Role::Builder,
        key_roles: keys::roles(role),
        apps,
        may_register: role >= Role::Admin,
        has_password: viewer.member.password_hash.is_some(),
        password_hint: PASSWORD_HINT,
    };
    show_as(status, &page)
}
