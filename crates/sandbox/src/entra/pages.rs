//! The pages a person sees. Plain forms that work without any script.

use askama::Template;

use super::error::EntraError;
use super::permissions::{self, OIDC};
use super::trace::Trace;

/// Asks for an account and its password.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage<'a> {
    pub(super) action: String,
    pub(super) purpose: &'a str,
    pub(super) request: &'a str,
    pub(super) application: &'a str,
    pub(super) login: &'a str,
    pub(super) error: Option<String>,
    /// Who is signed in already and may go on without a password.
    pub(super) current: Option<Current>,
    pub(super) accounts: Vec<Account>,
}

/// The account that this browser is signed in with.
pub(super) struct Current {
    pub(super) user_principal_name: String,
    pub(super) form_token: String,
}

/// An account to pick, which fills in its name.
pub(super) struct Account {
    pub(super) display_name: String,
    pub(super) user_principal_name: String,
    pub(super) is_admin: bool,
    pub(super) link: String,
}

/// Asks for the second factor.
#[derive(Template)]
#[template(path = "second_factor.html")]
pub(super) struct SecondFactorPage<'a> {
    pub(super) action: String,
    pub(super) purpose: &'a str,
    pub(super) request: &'a str,
    /// Stands for the password that was right.
    pub(super) pass: &'a str,
    pub(super) user_principal_name: &'a str,
    /// Whether they register it now.
    pub(super) is_new: bool,
    /// What their authenticator shows.
    pub(super) digits: String,
    pub(super) error: Option<String>,
}

/// Asks for consent.
#[derive(Template)]
#[template(path = "consent.html")]
pub(super) struct ConsentPage<'a> {
    pub(super) action: String,
    pub(super) purpose: &'a str,
    pub(super) request: &'a str,
    pub(super) form_token: &'a str,
    pub(super) user_principal_name: &'a str,
    pub(super) application: &'a str,
    pub(super) tenant: &'a str,
    pub(super) permissions: Vec<Line>,
    pub(super) may_consent_for_organization: bool,
    pub(super) organization_only: bool,
}

/// Tells that only an administrator can consent.
#[derive(Template)]
#[template(path = "need_admin.html")]
pub(super) struct NeedAdminPage<'a> {
    pub(super) action: String,
    pub(super) purpose: &'a str,
    pub(super) request: &'a str,
    pub(super) form_token: &'a str,
    pub(super) user_principal_name: &'a str,
    pub(super) application: &'a str,
    pub(super) tenant: &'a str,
    pub(super) permissions: Vec<Line>,
    pub(super) error: String,
    pub(super) other_account: String,
}

/// A permission as people read it.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) sentence: &'static str,
}

/// Asks for the code that a device shows.
#[derive(Template)]
#[template(path = "device.html")]
pub(super) struct DevicePage<'a> {
    pub(super) code: &'a str,
    pub(super) error: Option<String>,
}

/// Tells how a device's sign-in ended.
#[derive(Template)]
#[template(path = "device_done.html")]
pub(super) struct DeviceDonePage<'a> {
    /// None when nothing waits for this any more.
    pub(super) application: Option<&'a str>,
    pub(super) is_approved: bool,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    message: String,
    trace_id: String,
    correlation_id: String,
    timestamp: String,
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    action: &'a str,
    parameters: &'a [(&'a str, String)],
}

#[derive(Template)]
#[template(path = "lookup.html")]
struct LookupPage<'a> {
    code: &'a str,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage;

/// A refusal that must not be redirected, since nobody vouches for where.
pub(super) fn error(error: &EntraError, trace: &Trace) -> String {
    rendered(&ErrorPage {
        message: error.short(),
        trace_id: trace.id.to_string(),
        correlation_id: trace.correlation_id.to_string(),
        timestamp: trace.timestamp(),
    })
}

/// Carries an answer to the redirect URI in a form that submits itself.
pub(super) fn form_post(action: &str, parameters: &[(&str, String)]) -> String {
    rendered(&FormPostPage { action, parameters })
}

/// Where an error's address leads.
pub(super) fn lookup(code: &str) -> String {
    rendered(&LookupPage { code })
}

pub(super) fn signed_out() -> String {
    rendered(&SignedOutPage)
}

pub(super) fn rendered(page: &impl Template) -> String {
    page.render().expect("templates write to memory only")
}

/// The lines of a consent page, in the order in which the scopes were asked for.
pub(super) fn lines<'a>(scopes: impl IntoIterator<Item = &'a String>) -> Vec<Line> {
    scopes
        .into_iter()
        .map(|name| Line {
            name: name.clone(),
            sentence: sentence(name),
        })
        .collect()
}

fn sentence(name: &str) -> &'static str {
    let oidc = OIDC.iter().find(|(known, _)| *known == name);
    match (oidc, permissions::find(name)) {
        (Some((_, sentence)), _) => sentence,
        (None, Some(permission)) => permission.sentence,
        (None, None) => "",
    }
}
