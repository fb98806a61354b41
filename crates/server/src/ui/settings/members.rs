//! The people of the workspace: added here, and given the link that they sign in with first.

use axum::extract::{Path, State};
use axum::response::Response;
use model::Role;

use super::{Just, page};
use crate::App;
use crate::api::members::{NewMember, add, link, may_manage};
use crate::problem::Problem;
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::viewer::Viewer;
use crate::ui::words::{self, Badge, Moment};

pub(super) struct MemberRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: &'static str,
    pub(super) state: Badge,
    pub(super) may_get_link: bool,
}

/// A sign-in link just made. Its secret is on this one page and nowhere else.
pub(super) struct NewLink {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) expires: Moment,
}

/// Everybody, for administrators.
pub(super) async fn rows(app: &App, viewer: &Viewer) -> Result<Vec<MemberRow>, Problem> {
    let members = app
        .store()
        .read()
        .await?
        .members(viewer.caller.workspace_id)
        .await?;
    Ok(members
        .into_iter()
        .map(|member| MemberRow {
            id: member.id.to_string(),
            role: words::role(member.role),
            state: match (member.disabled_at, &member.password_hash) {
                (Some(_), _) => Badge {
                    tone: "",
                    label: "Disabled",
                },
                (None, Some(_)) => Badge {
                    tone: "good",
                    label: "Active",
                },
                (None, None) => Badge {
                    tone: "info",
                    label: "No password yet",
                },
            },
            may_get_link: member.disabled_at.is_none()
                && (member.id == viewer.member.id
                    || may_manage(&viewer.caller, member.role).is_ok()),
            name: member.name,
            email: member.email,
        })
        .collect())
}

/// `POST /settings/members`
pub(crate) async fn create(
    State(app): State<App>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let just = match attempt(&app, &viewer, &fields).await {
        Ok(new_link) => Just {
            new_link: Some(new_link),
            ..Just::default()
        },
        Err(problem) => Just {
            form: Form::refused(fields, &as_here(problem)),
            ..Just::default()
        },
    };
    page(&app, &viewer, just).await
}

async fn attempt(app: &App, viewer: &Viewer, fields: &Fields) -> Result<NewLink, Problem> {
    let role = fields.get("member_role").parse();
    let new = NewMember {
        email: fields.get("member_email").to_owned(),
        name: fields.get("member_name").to_owned(),
        role: role.map_err(|message: String| Problem::invalid("role", message))?,
    };
    let member = add(app, &viewer.caller, new).await?;
    link_for(app, viewer, &member.id.to_string()).await
}

/// The page has several forms: the fields of this one have a prefix.
fn as_here(problem: Problem) -> Problem {
    match problem.field_name() {
        Some(field @ ("name" | "role" | "email")) => {
            let field = format!("member_{field}");
            problem.field(field)
        }
        _ => problem,
    }
}

/// `POST /settings/members/{id}/sign-in-link`
pub(crate) async fn sign_in_link(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let new_link = link_for(&app, &viewer, &id).await?;
    page(
        &app,
        &viewer,
        Just {
            new_link: Some(new_link),
            ..Just::default()
        },
    )
    .await
}

async fn link_for(app: &App, viewer: &Viewer, id: &str) -> Result<NewLink, Problem> {
    let made = link(app, &viewer.caller, id).await?;
    let members = app
        .store()
        .read()
        .await?
        .members(viewer.caller.workspace_id)
        .await?;
    let name = members
        .into_iter()
        .find(|member| member.id.to_string() == id);
    Ok(NewLink {
        name: name.map_or_else(String::new, |member| member.name),
        url: made.url,
        expires: made.expires_at.into(),
    })
}
