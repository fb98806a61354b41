//! What Entra's numbers mean, as data: `aadsts.tsv`, in our own words.
//!
//! Source: Microsoft Entra docs, `reference-error-codes`.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::Group;

use super::EntraFault;

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// The tenant, or the cloud it is looked for in.
    Tenant,
    /// The client id.
    Client,
    /// The secret, certificate or federated credential is wrong.
    Secret,
    /// It was right, and has ended.
    ProofExpired,
    Consent,
    /// An assignment is missing.
    Permission,
    /// The user's account, or something only the user can do.
    User,
    ConditionalAccess,
    /// The application, or the resource's, is disabled, deleted or set up incompletely.
    Application,
    /// The request itself: ours, or its configuration.
    Request,
    Throttled,
    /// Trouble at Microsoft.
    Transient,
    /// The refresh token is used up, revoked or too old.
    RefreshToken,
}

/// When it is worth trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    Never,
    AfterSignIn,
    AfterAdministrator,
    Backoff,
}

/// The page of the portal where a remedy is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortalPage {
    /// The directory itself, with its id.
    Tenant,
    /// Every app registration: the one that is meant was not found.
    Registrations,
    /// Client secrets and certificates of the registration.
    Credentials,
    /// Its federated credentials: nothing of them is given to Consentry.
    Federated,
    /// Redirect URIs and kinds of account.
    Authentication,
    Permissions,
    /// Where an administrator consents.
    Consent,
    /// The tenant's copy of the application.
    Enterprise,
    /// Who is assigned to it.
    Assignments,
    /// Where environments are administered.
    Environments,
    ConditionalAccess,
    /// Users at risk.
    Risk,
    SignIns,
    Users,
    CrossTenant,
}

/// One number's meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Aadsts {
    pub code: u32,
    pub category: Category,
    pub retry: Retry,
    /// Groups of the troubleshooting page that it may belong to, the likeliest first; none when it passes by itself.
    pub groups: Vec<Group>,
    pub meaning: &'static str,
    pub remedy: &'static str,
    pub page: Option<PortalPage>,
}

/// A refusal sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    pub category: Category,
    pub retry: Retry,
    /// `None` when the number is not in the table, or there was none.
    pub entry: Option<&'static Aadsts>,
}

static TABLE: LazyLock<HashMap<u32, Aadsts>> =
    LazyLock::new(|| include_str!("aadsts.tsv").lines().flat_map(rows).collect());

/// What `AADSTS{code}` means; `None` when the table does not say.
pub fn lookup(code: u32) -> Option<&'static Aadsts> {
    TABLE.get(&code)
}

/// Every number of the table, in no order.
pub fn all() -> impl Iterator<Item = &'static Aadsts> {
    TABLE.values()
}

/// Sorts a refusal: by HTTP status where that says it is transient, else by the first number, else by `suberror`, else by
/// `error`.
pub fn classify(fault: &EntraFault) -> Class {
    let entry = fault.code().and_then(lookup);
    let (category, retry) = by_status(fault.status)
        .or_else(|| entry.map(|entry| (entry.category, entry.retry)))
        .or_else(|| fault.suberror.as_deref().and_then(by_suberror))
        .unwrap_or_else(|| by_error(&fault.error));
    Class {
        category,
        retry,
        entry,
    }
}

fn by_status(status: Option<u16>) -> Option<(Category, Retry)> {
    match status? {
        429 => Some((Category::Throttled, Retry::Backoff)),
        500.. => Some((Category::Transient, Retry::Backoff)),
        _ => None,
    }
}

fn by_suberror(suberror: &str) -> Option<(Category, Retry)> {
    match suberror {
        "basic_action" | "user_password_expired" => Some((Category::User, Retry::AfterSignIn)),
        "additional_action" | "device_authentication_failed" | "protection_policy_required" => {
            Some((Category::ConditionalAccess, Retry::AfterSignIn))
        }
        "message_only" => Some((Category::ConditionalAccess, Retry::AfterAdministrator)),
        "consent_required" => Some((Category::Consent, Retry::AfterAdministrator)),
        "bad_token" | "token_expired" => Some((Category::RefreshToken, Retry::AfterSignIn)),
        _ => None,
    }
}

fn by_error(error: &str) -> (Category, Retry) {
    match error {
        "invalid_client" => (Category::Secret, Retry::Never),
        "unauthorized_client" => (Category::Application, Retry::AfterAdministrator),
        "invalid_grant" | "interaction_required" | "login_required" => {
            (Category::RefreshToken, Retry::AfterSignIn)
        }
        "consent_required" => (Category::Consent, Retry::AfterAdministrator),
        "access_denied" => (Category::Consent, Retry::AfterSignIn),
        "temporarily_unavailable" | "server_error" => (Category::Transient, Retry::Backoff),
        _ => (Category::Request, Retry::Never),
    }
}

/// A line holds: codes, category, retry, groups, meaning, remedy, page. Lines that begin with `#` are for the reader.
fn rows(line: &'static str) -> Vec<(u32, Aadsts)> {
    if line.starts_with('#') || line.is_empty() {
        return Vec::new();
    }
    let columns: Vec<_> = line.split('\t').collect();
    let &[codes, category, retry, groups, meaning, remedy, page] = columns.as_slice() else {
        panic!("a line of aadsts.tsv has seven columns, which a test reads: {line}")
    };
    codes
        .split(' ')
        .map(|code| {
            code.parse()
                .expect("a code is a number, which a test reads")
        })
        .map(|code| {
            let entry = Aadsts {
                code,
                category: parse_category(category),
                retry: parse_retry(retry),
                groups: parse_groups(groups),
                meaning,
                remedy,
                page: parse_page(page),
            };
            (code, entry)
        })
        .collect()
}

fn parse_category(text: &str) -> Category {
    match text {
        "TEN" => Category::Tenant,
        "CID" => Category::Client,
        "SEC" => Category::Secret,
        "EXP" => Category::ProofExpired,
        "CON" => Category::Consent,
        "PERM" => Category::Permission,
        "USR" => Category::User,
        "CA" => Category::ConditionalAccess,
        "APP" => Category::Application,
        "REQ" => Category::Request,
        "THR" => Category::Throttled,
        "TRN" => Category::Transient,
        "RT" => Category::RefreshToken,
        _ => panic!("aadsts.tsv has an unknown category, which a test reads: {text}"),
    }
}

fn parse_retry(text: &str) -> Retry {
    match text {
        "N" => Retry::Never,
        "U" => Retry::AfterSignIn,
        "A" => Retry::AfterAdministrator,
        "B" => Retry::Backoff,
        _ => panic!("aadsts.tsv has an unknown retry, which a test reads: {text}"),
    }
}

fn parse_groups(text: &str) -> Vec<Group> {
    text.split('/')
        .filter(|group| *group != "-")
        .map(|group| match group {
            "CF" => Group::ConnectionFailed,
            "PD" => Group::PermissionDenied,
            "TR" => Group::TokenRefreshFailed,
            _ => panic!("aadsts.tsv has an unknown group, which a test reads: {text}"),
        })
        .collect()
}

fn parse_page(text: &str) -> Option<PortalPage> {
    Some(match text {
        "-" => return None,
        "tenant" => PortalPage::Tenant,
        "registrations" => PortalPage::Registrations,
        "credentials" => PortalPage::Credentials,
        "federated" => PortalPage::Federated,
        "authentication" => PortalPage::Authentication,
        "permissions" => PortalPage::Permissions,
        "consent" => PortalPage::Consent,
        "enterprise" => PortalPage::Enterprise,
        "assignments" => PortalPage::Assignments,
        "environments" => PortalPage::Environments,
        "conditional_access" => PortalPage::ConditionalAccess,
        "risk" => PortalPage::Risk,
        "sign_ins" => PortalPage::SignIns,
        "users" => PortalPage::Users,
        "cross_tenant" => PortalPage::CrossTenant,
        _ => panic!("aadsts.tsv has an unknown page, which a test reads: {text}"),
    })
}

#[cfg(test)]
mod tests;
