use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use model::{Member, SessionId};

use super::identities::KnownSession;
use super::{Caller, cookie};
use crate::App;
use crate::problem::Problem;

/// A person in a browser. Pages take it.
///
/// It proves who the browser belongs to, not that a person meant it: whatever changes something compares
/// [`csrf`](Self::csrf) with what its form carries.
#[derive(Clone)]
pub(crate) struct Session(Arc<KnownSession>);

impl Session {
    pub(crate) fn caller(&self) -> &Caller {
        &self.0.caller
    }

    pub(crate) fn member(&self) -> &Member {
        &self.0.member
    }

    /// For the page's forms, as the field `csrf`.
    pub(crate) fn csrf(&self) -> &str {
        &self.0.csrf
    }

    pub(crate) fn id(&self) -> SessionId {
        self.0.session.id
    }

    pub(super) fn known(&self) -> &KnownSession {
        &self.0
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let secret = cookie::session_secret(app, &parts.headers);
        let known = match secret {
            Some(secret) => app.identities().session(app, secret).await?,
            None => None,
        };
        known
            .map(Self)
            .ok_or_else(|| Problem::unauthenticated("this needs somebody who is signed in"))
    }
}
