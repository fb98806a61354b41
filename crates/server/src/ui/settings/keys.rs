//! API keys: made here, shown once, revoked here.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use model::{ApiKey, KeyScope, Role};

use super::{Just, page};
use crate::App;
use crate::api::keys::{KeyRequest, NewKey as MadeKey, end, make, may_see};
use crate::problem::Problem;
use crate::ui::connections::member_names;
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::page::go;
use crate::ui::viewer::Viewer;
use crate::ui::words::{self, Badge, Moment};

pub(super) struct KeyRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) role: &'static str,
    pub(super) expires: Option<Moment>,
    pub(super) state: Badge,
    pub(super) may_revoke: bool,
}

/// A key just made. Its secret is on this one page and nowhere else.
pub(super) struct NewKey {
    pub(super) name: String,
    pub(super) secret: String,
}

pub(super) struct RoleChoice {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_selected: bool,
}

/// Those that the viewer may see: their own, administrators all.
pub(super) async fn rows(app: &App, viewer: &Viewer) -> Result<Vec<KeyRow>, Problem> {
    let names = member_names(app, viewer).await?;
    let keys = app
        .store()
        .read()
        .await?
        .api_keys(viewer.caller.workspace_id)
        .await?;
    let now = app.now();
    Ok(keys
        .into_iter()
        .filter(|key| may_see(&viewer.caller, key))
        .map(|key| KeyRow {
            id: key.id.to_string(),
            owner: names.get(&key.member_id).cloned().unwrap_or_default(),
            role: words::role(key.role),
            expires: key.expires_at.map(Moment::from),
            state: state(&key, now),
            may_revoke: key.revoked_at.is_none() && viewer.caller.role >= Role::Builder,
            name: key.name,
        })
        .collect())
}

fn state(key: &ApiKey, now: Timestamp) -> Badge {
    if key.revoked_at.is_some() {
        Badge {
            tone: "",
            label: "Revoked",
        }
    } else if key.expires_at.is_some_and(|end| end <= now) {
        Badge {
            tone: "bad",
            label: "Expired",
        }
    } else {
        Badge {
            tone: "good",
            label: "Active",
        }
    }
}

/// At most the viewer's own. Whoever does not think about it makes a key that can call operations and no more.
pub(super) fn roles(own: Role) -> Vec<RoleChoice> {
    Role::ALL
        .into_iter()
        .rev()
        .filter(|role| *role <= own)
        .map(|role| RoleChoice {
            value: role.id(),
            label: words::role(role),
            is_selected: role == own.min(Role::Builder),
        })
        .collect()
}

/// `POST /settings/keys`
pub(crate) async fn create(
    State(app): State<App>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Builder).await?;
    let just = match attempt(&app, &viewer, &fields).await {
        Ok(made) => Just {
            new_key: Some(NewKey {
                name: made.key.name,
                secret: made.secret,
            }),
            ..Just::default()
        },
        Err(problem) => Just {
            form: Form::refused(fields, &as_here(problem)),
            ..Just::default()
        },
    };
    page(&app, &viewer, just).await
}

async fn attempt(app: &App, viewer: &Viewer, fields: &Fields) -> Result<MadeKey, Problem> {
    let role = fields.get("key_role");
    let request = KeyRequest {
        name: fields.get("key_name").to_owned(),
        role: Some(
            role.parse()
                .map_err(|message: String| Problem::invalid("key_role", message))?,
        ),
        scope: KeyScope::default(),
        expires_at: fields.day("key_expires_at")?,
    };
    make(app, &viewer.caller, request).await
}

/// The page has several forms: the fields of this one have a prefix.
fn as_here(problem: Problem) -> Problem {
    match problem.field_name() {
        Some(field @ ("name" | "role" | "expires_at")) => {
            let field = format!("key_{field}");
            problem.field(field)
        }
        _ => problem,
    }
}

/// `POST /settings/keys/{id}/revoke`
pub(crate) async fn revoke(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Builder).await?;
    end(&app, &viewer.caller, &id).await?;
    Ok(go("/settings?done=revoked"))
}
