//! `GET` and `POST /{tenant}/oauth2/v2.0/authorize`, and the forms of its pages.
//!
//! The pages carry the whole request along, so that nothing is kept of a sign-in that a person abandons, and each step
//! checks the request anew.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow

mod consent;
mod request;
mod sign_in;
mod v1;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::error::EntraError;
use super::id_token::id_claims;
use super::pages;
use super::parameters::Parameters;
use super::secrets;
use super::session::{self, SignedIn};
use super::tokens;
use super::trace::Trace;
use super::{device, policy};
use crate::shared::Shared;
use crate::state::directory::first_party;
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

/// Version 1's authorize endpoint, where `resource` stands for everything granted on it; the pages then go on as ever.
pub(crate) async fn authorize_v1(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let text = v1::translate(&query.unwrap_or_default());
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
            proceed(shared, trace, request, signed_in, false)
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
        Ok(request) => proceed(shared, trace, request, Some(signed_in), true),
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
        Ok(request) => match place(shared, request, signed_in.clone()) {
            Ok((request, signed_in)) => consent::decide(shared, trace, &request, form, &signed_in),
            Err(refused) => sign_in::page(shared, &refused.0, None, Some(&refused.1)),
        },
        Err(refusal) => refuse(&refusal, trace),
    }
}

/// The next page, or the answer. `just_signed_in` says that this very person has just shown who they are.
fn proceed(
    shared: &Shared,
    trace: &Trace,
    request: Request,
    signed_in: Option<SignedIn>,
    just_signed_in: bool,
) -> Response {
    let settings = shared.read(|state| state.settings.clone());
    if policy::lets_nobody_in(&settings) && signed_in.is_some() {
        let error = EntraError::blocked().into_denial();
        return refuse_request(shared, &request, &error, trace);
    }
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
        return sign_in::page(shared, &request, current, None);
    };
    let resource = request.scopes.resource_id();
    let is_strong = usable.session.is_strong;
    let allowed = policy::check(&settings, is_strong, &request.claims, resource)
        .and_then(|()| policy::check_person(&usable.user, is_strong, resource));
    if let Err(error) = allowed {
        if request.prompt == Prompt::None {
            return request.reply.error(&error.into_interaction(), trace);
        }
        return sign_in::page(shared, &request, None, Some(&error));
    }
    let (request, usable) = match place(shared, request, usable) {
        Ok(placed) => placed,
        Err(refused) => return sign_in::page(shared, &refused.0, None, Some(&refused.1)),
    };
    let request = &request;
    let (user_id, client_id) = (&usable.user.id, &request.application.client_id);
    if !shared.read(|state| {
        state
            .directory
            .lets_in(user_id, client_id, &request.tenant.id)
    }) {
        return error_page(&EntraError::not_assigned(&request.application), trace);
    }
    let missing = shared.read(|state| consent::Missing::of(state, request, &usable.user));
    if !missing.must_ask && request.prompt != Prompt::Consent {
        return issue(shared, trace, request, &usable);
    }
    let (client_id, resource) = (client_id.as_str(), request.scopes.resource_id());
    if missing.must_ask && first_party::is_closed(client_id, resource) {
        let error = EntraError::not_preauthorized(client_id, resource);
        return refuse_request(shared, request, &error, trace);
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

/// Brings request and person together in one tenant: the person's where the path leaves it open, else the path's, where
/// somebody from elsewhere may be a guest.
fn place(
    shared: &Shared,
    mut request: Request,
    signed_in: SignedIn,
) -> Result<(Request, SignedIn), Box<(Request, EntraError)>> {
    let home = signed_in.user.tenant_id.clone();
    if home == request.tenant.id {
        return Ok((request, signed_in));
    }
    if request.is_open {
        if let Some(tenant) = shared.read(|state| state.directory.tenant(&home).cloned()) {
            request.tenant = tenant;
        }
        return Ok((request, signed_in));
    }
    let guest = shared.read(|state| {
        let guest = state
            .directory
            .in_tenant(&signed_in.user, &request.tenant.id);
        guest.filter(|guest| !guest.disabled).cloned()
    });
    if let Some(user) = guest {
        let session = signed_in.session;
        return Ok((request, SignedIn { session, user }));
    }
    let error = EntraError::not_in_tenant(
        &request.tenant.display_name,
        &home,
        &request.application.client_id,
    );
    Err(Box::new((request, error)))
}

/// A new code, ID token, or both, sent to the redirect URI; or the end of a device's wait.
fn issue(shared: &Shared, trace: &Trace, request: &Request, signed_in: &SignedIn) -> Response {
    let code = new_code(request, signed_in, trace.at);
    if let Some(user_code) = &request.reply.device {
        return device::approve(shared, user_code, code);
    }
    let text = request.response.code.then(secrets::code);
    if let Some(text) = &text {
        shared.issued().note("code", text);
        let key = secrets::hash(text);
        shared.write(|state| state.sign_in.add_code(key, code));
    }
    let id_token = request.response.id_token.then(|| {
        let claims = shared.write(|state| {
            let (application, user) = (&request.application, &signed_in.user);
            let mut claims = id_claims(state, application, user, &request.scopes, trace);
            claims.nonce.clone_from(&request.nonce);
            claims.sid = Some(signed_in.session.id.clone());
            claims.c_hash = text.as_deref().map(half_hash);
            claims
        });
        tokens::sign(shared, &claims)
    });
    request.reply.success(text, id_token, signed_in)
}

/// Left half of the SHA-256 of a code, `OpenID` Connect Core section 3.3.2.11.
fn half_hash(code: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(code)[..16])
}

/// What the application hears; a device hears that its person declined.
fn refuse_request(
    shared: &Shared,
    request: &Request,
    error: &EntraError,
    trace: &Trace,
) -> Response {
    match &request.reply.device {
        Some(user_code) => device::decline(shared, user_code),
        None => request.reply.error(error, trace),
    }
}

fn new_code(request: &Request, signed_in: &SignedIn, now: Timestamp) -> Code {
    Code {
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
        is_strong: signed_in.session.is_strong,
    }
}

fn refuse(refusal: &Refusal, trace: &Trace) -> Response {
    match refusal {
        Refusal::Page(error) => error_page(error, trace),
        Refusal::Reply(reply, error) if reply.device.is_some() => error_page(error, trace),
        Refusal::Reply(reply, error) => reply.error(error, trace),
    }
}

/// A refusal for the person's eyes only.
pub(super) fn error_page(error: &EntraError, trace: &Trace) -> Response {
    let page = Html(pages::error(error, trace));
    (StatusCode::BAD_REQUEST, page).into_response()
}
