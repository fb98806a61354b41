//! Devices that cannot show a page: they get a code, and their person enters it on another machine.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::json;

use super::authority::Authority;
use super::error::EntraError;
use super::pages::{self, DeviceDonePage, DevicePage};
use super::parameters::Parameters;
use super::scopes::{Asker, Scopes};
use super::secrets;
use super::trace::Trace;
use crate::shared::Shared;
use crate::state::State as SandboxState;
use crate::state::sign_in::{Code, DeviceCode, DeviceState};

/// How long a device's code is good.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// Seconds that a device is asked to let pass between two questions.
const INTERVAL_SECS: u32 = 5;
/// The parameter by which the authorize endpoint knows that a device waits for its answer.
pub(super) const PARAMETER: &str = "device_user_code";

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
pub(crate) async fn start(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let scope = form.get("scope").map(str::to_owned);
    begin(&shared, &trace, &tenant, &form, scope, "scope")
}

/// `POST /{tenant}/oauth2/devicecode`, version 1.
pub(crate) async fn start_v1(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let scope = form
        .get("resource")
        .map(|resource| format!("openid profile offline_access {resource}/.default"));
    begin(&shared, &trace, &tenant, &form, scope, "resource")
}

fn begin(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    scope: Option<String>,
    named: &str,
) -> Response {
    let device_code = secrets::code();
    let user_code = secrets::user_code();
    let kept = shared.write(|state| {
        let scope = scope.ok_or_else(|| EntraError::parameter_missing(named));
        let device = check(state, tenant, form, scope)?;
        let device = DeviceCode {
            user_code: user_code.clone(),
            issued_at: trace.at,
            ..device
        };
        let key = secrets::hash(&device_code);
        state.sign_in.add_device_code(key, device);
        Ok::<_, EntraError>(())
    });
    if let Err(error) = kept {
        return error.respond(trace);
    }
    shared.issued().note("device_code", &device_code);
    let page = format!("{}/devicelogin", trace.base);
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
    );
    Json(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        // The name of version 1.
        "verification_url": page,
        "expires_in": LIFETIME.as_secs(),
        "interval": INTERVAL_SECS,
        "message": message,
    }))
    .into_response()
}

/// The request as it is kept, once it is known to be good.
fn check(
    state: &SandboxState,
    tenant: &str,
    form: &Parameters,
    scope: Result<String, EntraError>,
) -> Result<DeviceCode, EntraError> {
    let authority = Authority::parse(state, tenant)?;
    let client_id = form
        .get("client_id")
        .ok_or_else(|| EntraError::parameter_missing("client_id"))?;
    let (application, tenant) = authority.application(state, client_id)?;
    let scope = scope?;
    let asker = Asker {
        application: &application.display_name,
        tenant: &tenant.display_name,
        directory: &state.directory,
    };
    Scopes::parse(&scope, asker)?;
    Ok(DeviceCode {
        user_code: String::new(),
        client_id: application.client_id.clone(),
        segment: authority.segment().to_owned(),
        scope,
        issued_at: jiff::Timestamp::UNIX_EPOCH,
        state: DeviceState::Waiting,
    })
}

/// `GET /devicelogin`: asks for the code.
pub(crate) async fn page(RawQuery(query): RawQuery) -> Html<String> {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    Html(pages::rendered(&DevicePage {
        code: parameters.get("otc").unwrap_or_default(),
        error: None,
    }))
}

/// `POST /devicelogin`: goes on to the sign-in for the device that shows this code.
pub(crate) async fn enter(State(shared): State<Shared>, trace: Trace, body: Bytes) -> Response {
    let form = Parameters::parse(&body);
    let code = form.get("otc").unwrap_or_default().trim();
    let next = shared.write(|state| {
        let device = state.sign_in.device_mut(code)?;
        let waits = matches!(device.state, DeviceState::Waiting);
        let is_late = trace.at.duration_since(device.issued_at) > LIFETIME;
        (waits && !is_late).then(|| authorize_path(device))
    });
    if let Some(path) = next {
        return Redirect::to(&path).into_response();
    }
    let page = DevicePage {
        code,
        error: Some(EntraError::user_code_wrong().short()),
    };
    (StatusCode::BAD_REQUEST, Html(pages::rendered(&page))).into_response()
}

/// The authorize endpoint, asked in the device's name.
fn authorize_path(device: &DeviceCode) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &device.client_id)
        .append_pair("response_type", "code")
        .append_pair("scope", &device.scope)
        .append_pair("prompt", "select_account")
        .append_pair(PARAMETER, &device.user_code)
        .finish();
    format!("/{}/oauth2/v2.0/authorize?{query}", device.segment)
}

/// The person has signed in and consented.
pub(super) fn approve(shared: &Shared, user_code: &str, code: Code) -> Response {
    let application = finish(shared, user_code, DeviceState::Approved(Box::new(code)));
    done(application.as_deref(), true)
}

/// The person has declined.
pub(super) fn decline(shared: &Shared, user_code: &str) -> Response {
    let application = finish(shared, user_code, DeviceState::Declined);
    done(application.as_deref(), false)
}

/// The name of the application on the device, if it still waits.
fn finish(shared: &Shared, user_code: &str, outcome: DeviceState) -> Option<String> {
    shared.write(|state| {
        let device = state.sign_in.device_mut(user_code)?;
        if !matches!(device.state, DeviceState::Waiting) {
            return None;
        }
        device.state = outcome;
        let client_id = device.client_id.clone();
        let application = state.directory.application(&client_id)?;
        Some(application.display_name.clone())
    })
}

fn done(application: Option<&str>, is_approved: bool) -> Response {
    let page = DeviceDonePage {
        application,
        is_approved,
    };
    Html(pages::rendered(&page)).into_response()
}
