use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use model::{Actor, KeyScope, Role};

use super::{api_key, cookie, csrf, origin};
use crate::App;
use crate::http::Peer;
use crate::problem::Problem;

/// Who asks, once `gate` has seen that they may.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Arc<connections::Caller>);

/// Why a request goes no further, and who it came from if that is known.
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    pub(crate) caller: Option<Caller>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            caller: None,
        }
    }
}

impl Deref for Caller {
    type Target = connections::Caller;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::broken("a route that needs nobody asked for its caller"))
    }
}

/// A key that is presented decides, whatever else comes with it.
pub(crate) async fn identify(app: &App, parts: &Parts) -> Result<Caller, Refusal> {
    if let Some(header) = parts.headers.get(AUTHORIZATION) {
        return Ok(api_key::identify(app, header.as_bytes()).await?);
    }
    if parts.extensions.get::<Peer>() == Some(&Peer::Socket) {
        return Ok(local(app));
    }
    let Some(secret) = cookie::session_secret(app, &parts.headers) else {
        return Err(Problem::unauthenticated("this needs somebody who is signed in").into());
    };
    let known = app.identities().session(app, secret).await?;
    let Some(known) = known else {
        return Err(Problem::unauthenticated("the session is over").into());
    };
    let caller = known.caller.clone();
    let unforged = origin::same_origin(app, parts).and_then(|()| csrf::check_header(parts, secret));
    match unforged {
        Ok(()) => Ok(caller),
        Err(problem) => Err(Refusal {
            problem,
            caller: Some(caller),
        }),
    }
}

/// Whoever can open the socket owns the files beside it.
fn local(app: &App) -> Caller {
    let owner = app.owner();
    Caller(Arc::new(connections::Caller {
        workspace_id: owner.workspace,
        member_id: owner.member,
        role: Role::Owner,
        actor: Actor::Local,
        scope: KeyScope::default(),
    }))
}

/// Whether `caller` has `role` or more.
pub(crate) fn require(caller: &Caller, role: Role) -> Result<(), Refusal> {
    if caller.role >= role {
        return Ok(());
    }
    Err(Refusal {
        problem: Problem::role_required(role, caller.role),
        caller: Some(caller.clone()),
    })
}

impl Problem {
    pub(crate) fn role_required(needed: Role, held: Role) -> Self {
        Self::new(
            http::StatusCode::FORBIDDEN,
            "role_required",
            format!("this needs the role `{needed}`; yours is `{held}`"),
        )
        .next("ask an owner or administrator of the workspace to do it, or for the role")
    }
}
