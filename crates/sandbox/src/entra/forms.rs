//! Where the forms of all pages are sent: `POST /{tenant}/login` and `POST /{tenant}/consent`.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use jiff::Timestamp;

use super::claims::RequestedClaims;
use super::error::EntraError;
use super::parameters::Parameters;
use super::second_factor::{self, Outcome};
use super::session::{self, SignedIn};
use super::trace::Trace;
use super::{admin_consent, authorize, lockout, policy};
use crate::shared::Shared;
use crate::state::State as SandboxState;
use crate::state::directory::User;

/// The sign-in page's form: a name and password, or the account that is signed in already.
pub(crate) async fn login(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    if form.get("current").is_some() {
        let signed_in = shared.read(|state| trusted(state, &headers, &form, &trace));
        if let Some(signed_in) = signed_in {
            return resume(&shared, &trace, &tenant, &form, signed_in);
        }
    }
    if let Some(pass) = form.get("pass") {
        return match second_factor::check(&shared, &tenant, &form, pass, trace.at) {
            Outcome::Passed(user) => begin(&shared, &trace, &tenant, &form, &user, true),
            Outcome::Again(page) => page,
            Outcome::Over(error) => ask_again(&shared, &trace, &tenant, &form, &error),
        };
    }
    let checked = shared.write(|state| {
        let user = check(state, &form, trace.at)?;
        Ok::<_, EntraError>((user, asks_for_more(state, &form)))
    });
    match checked {
        Ok((user, _)) if second_factor::is_demanded(&user) => {
            second_factor::ask(&shared, &tenant, &form, &user, trace.at)
        }
        Ok((user, is_strong)) => begin(&shared, &trace, &tenant, &form, &user, is_strong),
        Err(error) => ask_again(&shared, &trace, &tenant, &form, &error),
    }
}

/// Signs somebody in who has shown what it takes, and goes on with what they came for.
fn begin(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    user: &User,
    is_strong: bool,
) -> Response {
    let (signed_in, cookie) =
        shared.write(|state| session::start(state, user, is_strong, trace.at));
    let mut response = resume(shared, trace, tenant, form, signed_in);
    session::set_cookie(&mut response, &cookie);
    response
}

/// The consent page's form.
pub(crate) async fn consent(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let signed_in = shared.read(|state| trusted(state, &headers, &form, &trace));
    let Some(signed_in) = signed_in else {
        return ask_again(
            &shared,
            &trace,
            &tenant,
            &form,
            &EntraError::not_signed_in(),
        );
    };
    if form.get("purpose") == Some(authorize::PURPOSE) {
        return authorize::decide(&shared, &trace, &tenant, &form, &signed_in);
    }
    admin_consent::decide(&shared, &trace, &tenant, &form, &signed_in)
}

fn check(state: &mut SandboxState, form: &Parameters, now: Timestamp) -> Result<User, EntraError> {
    let login = form.get("login").unwrap_or_default();
    let password = form.get("passwd").unwrap_or_default();
    let user = state
        .directory
        .user(login)
        .ok_or_else(EntraError::password_wrong)?
        .clone();
    lockout::check(&mut state.sign_in, &user, password, now)?;
    if user.disabled {
        return Err(EntraError::user_disabled());
    }
    Ok(user)
}

/// Whether the page counts as having asked for a second factor, by the policy and the request behind it.
fn asks_for_more(state: &SandboxState, form: &Parameters) -> bool {
    let request = Parameters::parse(form.get("request").unwrap_or_default().as_bytes());
    let claims = RequestedClaims::parse(request.get("claims")).unwrap_or_default();
    policy::asks_for_more(state.settings.conditional_access, &claims)
}

/// The browser's session, if the form came from a page that was shown to it.
fn trusted(
    state: &SandboxState,
    headers: &HeaderMap,
    form: &Parameters,
    trace: &Trace,
) -> Option<SignedIn> {
    let signed_in = session::current(state, headers, trace.at)?;
    let is_ours = form.get("form_token") == Some(signed_in.session.form_token.as_str());
    is_ours.then_some(signed_in)
}

fn resume(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    signed_in: SignedIn,
) -> Response {
    let text = form.get("request").unwrap_or_default().to_owned();
    if form.get("purpose") == Some(authorize::PURPOSE) {
        return authorize::resume(shared, trace, tenant, text, signed_in);
    }
    admin_consent::resume(shared, trace, tenant, form, &signed_in)
}

fn ask_again(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    error: &EntraError,
) -> Response {
    let text = form.get("request").unwrap_or_default().to_owned();
    if form.get("purpose") == Some(authorize::PURPOSE) {
        return authorize::sign_in_page(shared, trace, tenant, text, error);
    }
    admin_consent::sign_in_page(shared, trace, tenant, form, Some(error))
}
