//! `GET` and `POST /{tenant}/oauth2/v2.0/authorize`, and the forms of its pages.
//!
//! The pages carry the whole request along, so that nothing is kept of a sign-in that a person abandons, and each step
//! checks the request anew.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow

mod consent;
mod request;
mod sign_in;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use jiff::Timestamp;

use super::error::EntraError;
use super::pages;
use super::parameters::Parameters;
use super::secrets;
use super::session::{self, SignedIn};
use super::trace::Trace;
use crate::shared::Shared;
use crate::state::State as SandboxState;
use crate::state::sign_in::Code;

use request::{Prompt, Refusal, Request};

pub(super) use sign_in::{accounts, sign_in_page};

/// What the forms of these pages send as `purpose`.
pub(super) const PURPOSE: &str = "authorize";

/// The request in the query.
pub(crate) async fn authorize_get(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    start(
        &shared,
        &trace,
        &tenant,
        query.unwrap_or_default(),
        &headers,
    )
}

/// The request in a form.
pub(crate) async fn authorize_post(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = String::from_utf8_lossy(&body).into_owned();
    start(&shared, &trace, &tenant, text, &headers)
}

fn start(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    text: String,
    headers: &HeaderMap,
) -> Response {
    match shared.read(|state| Request::parse(state, tenant, text)) {
        Ok(request) => {
            let signed_in = shared.read(|state| session::current(state, headers, trace.at));
            proceed(shared, trace, &request, signed_in, false)
        }
        Err(refusal) => refuse(&refusal, trace),
    }
}

/// After a page's form: the request that it carried, with whoever is signed in now.
pub(super) fn resume(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    text: String,
    signed_in: SignedIn,
) -> Response {
    match shared.read(|state| Request::parse(state, tenant, text)) {
        Ok(request) => proceed(shared, trace, &request, Some(signed_in), true),
        Err(refusal) => refuse(&refusal, trace),
    }
}

/// A consent page's form.
pub(super) fn decide(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    signed_in: &SignedIn,
) -> Response {
    let text = form.get("request").unwrap_or_default().to_owned();
    match shared.read(|state| Request::parse(state, tenant, text)) {
        Ok(request) => consent::decide(shared, trace, &request, form, signed_in),
        Err(refusal) => refuse(&refusal, trace),
    }
}

/// The next page, or the answer. `just_signed_in` says that this very person has just shown who they are.
fn proceed(
    shared: &Shared,
    trace: &Trace,
    request: &Request,
    signed_in: Option<SignedIn>,
    just_signed_in: bool,
) -> Response {
    let asks_who = matches!(request.prompt, Prompt::Login | Prompt::SelectAccount);
    let usable = signed_in
        .clone()
        .filter(|it| just_signed_in || (!asks_who && request.suits(&it.user)));
    let Some(usable) = usable else {
        if request.prompt == Prompt::None {
            return request.reply.error(&EntraError::not_signed_in(), trace);
        }
        // `login` insists on the password; otherwise whoever is signed in may simply go on.
        let current = signed_in.filter(|_| request.prompt != Prompt::Login);
        return sign_in::page(shared, request, current, None);
    };
    if usable.user.tenant_id != request.tenant.id {
        let error = EntraError::user_not_found(&request.tenant.display_name);
        return sign_in::page(shared, request, None, Some(&error));
    }
    let missing = shared.read(|state| consent::Missing::of(state, request, &usable.user));
    if !missing.must_ask && request.prompt != Prompt::Consent {
        return issue(shared, trace, request, &usable);
    }
    if request.prompt == Prompt::None {
        let error = EntraError::consent_required(
            &request.application.client_id,
            &request.application.display_name,
        );
        return request.reply.error(&error, trace);
    }
    consent::page(shared, request, &missing, &usable)
}

/// A new code, sent to the redirect URI.
fn issue(shared: &Shared, trace: &Trace, request: &Request, signed_in: &SignedIn) -> Response {
    let text = secrets::code();
    shared.issued().note("code", &text);
    shared.write(|state| keep(state, &text, request, signed_in, trace.at));
    request.reply.success(text, signed_in)
}

fn keep(
    state: &mut SandboxState,
    text: &str,
    request: &Request,
    signed_in: &SignedIn,
    now: Timestamp,
) {
    let code = Code {
        client_id: request.application.client_id.clone(),
        redirect_uri: request.reply.redirect_uri.clone(),
        tenant_id: request.tenant.id.clone(),
        user_id: signed_in.user.id.clone(),
        session_id: signed_in.session.id.clone(),
        signed_in_at: signed_in.session.started_at,
        scopes: request.scopes.to_items(),
        nonce: request.nonce.clone(),
        challenge: request.challenge.clone(),
        issued_at: now,
        redeemed: false,
        revoked_at: None,
    };
    state.sign_in.add_code(secrets::hash(text), code);
}

fn refuse(refusal: &Refusal, trace: &Trace) -> Response {
    match refusal {
        Refusal::Page(error) => error_page(error, trace),
        Refusal::Reply(reply, error) => reply.error(error, trace),
    }
}

/// A refusal for the person's eyes only.
pub(super) fn error_page(error: &EntraError, trace: &Trace) -> Response {
    let page = Html(pages::error(error, trace));
    (StatusCode::BAD_REQUEST, page).into_response()
}
