//! Who looks at a page.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use http::Method;
use http::request::Parts;
use model::{Member, Role, SessionId, Workspace};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::page::wants_page;
use crate::App;
use crate::auth::{Caller, Session, note_refusal};
use crate::problem::Problem;

/// What the log calls the route of a refused page.
pub(super) const PAGES: &str = "pages";

/// A member in a browser, with what the frame of a page says about them.
pub(crate) struct Viewer {
    pub(crate) caller: Caller,
    pub(crate) member: Member,
    pub(crate) workspace: Workspace,
    pub(crate) session: SessionId,
    /// What their forms carry.
    pub(crate) csrf: String,
}

impl Viewer {
    pub(super) async fn of(session: &Session, app: &App) -> Result<Self, Problem> {
        let caller = session.caller().clone();
        let workspace = app
            .store()
            .read()
            .await?
            .workspace(caller.workspace_id)
            .await?;
        let workspace = workspace
            .ok_or_else(|| Problem::broken("the workspace of a session is not in the database"))?;
        Ok(Self {
            caller,
            member: session.member().clone(),
            session: session.id(),
            workspace,
            csrf: session.csrf().to_owned(),
        })
    }

    /// That they have `role` or more; a refusal is noted.
    pub(super) async fn require(&self, app: &App, role: Role) -> Result<(), Problem> {
        if self.caller.role >= role {
            return Ok(());
        }
        let problem = Problem::role_required(role, self.caller.role);
        note_refusal(app, Some(&self.caller), PAGES, problem.code()).await;
        Err(problem)
    }

    /// Whether they see what others do.
    pub(super) fn sees_everything(&self) -> bool {
        matches!(self.caller.role, Role::Auditor | Role::Admin | Role::Owner)
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let seen = match Session::from_request_parts(parts, app).await {
            Ok(session) => Self::of(&session, app).await,
            Err(problem) => Err(problem),
        };
        seen.map_err(|problem| {
            to_sign_in(parts, &problem).unwrap_or_else(|| problem.into_response())
        })
    }
}

/// Whoever has to sign in first comes back to the page they wanted.
fn to_sign_in(parts: &Parts, problem: &Problem) -> Option<Response> {
    if problem.code() != "unauthenticated"
        || parts.method != Method::GET
        || !wants_page(&parts.headers)
    {
        return None;
    }
    match parts.uri.path_and_query()?.as_str() {
        "/" | "/integrations" => Some(Redirect::to("/sign-in").into_response()),
        wanted => {
            let next = utf8_percent_encode(wanted, NON_ALPHANUMERIC);
            Some(Redirect::to(&format!("/sign-in?next={next}")).into_response())
        }
    }
}
