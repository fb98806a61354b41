//! What to do about Entra's refusals: the advice of the table beside `aadsts.rs`, the page of that cloud's portal where it is
//! followed, and the commands that go on here.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>, which names the page that looks a number up.

use microsoft::entra::{Category, Class, PortalPage};
use microsoft::{Cloud, EntraFault};
use model::{Act, ConnectionMethod, RemedyStep};

use super::remedy::{admin_consent, command, plain, portal, view};
use crate::Snapshot;

pub(super) fn steps(
    snapshot: &Snapshot,
    fault: &EntraFault,
    class: &Class,
    act: Act,
    advice: &str,
) -> Vec<RemedyStep> {
    let page = page(class);
    let mut steps = plain(advice);
    steps[0].link = page.and_then(|page| link(snapshot, page));
    let lookup = lookup(&snapshot.cloud, fault);
    if class.entry.is_none() && act != Act::Nobody {
        steps.extend(lookup.map(read_up));
    } else if steps[0].link.is_none() && matches!(act, Act::Administrator | Act::Operator) {
        steps[0].link = lookup;
    }
    steps.extend(next(snapshot, class.category, page, act));
    steps
}

/// Microsoft's own page about a number, in that cloud.
pub(crate) fn lookup(cloud: &Cloud, fault: &EntraFault) -> Option<String> {
    let code = fault.code()?;
    Some(format!("{}error?code={code}", cloud.authority))
}

fn read_up(page: String) -> RemedyStep {
    RemedyStep {
        text: "read what Microsoft says of this code".to_owned(),
        link: Some(page),
        command: None,
    }
}

/// The table's, and for what is not in it, where such trouble is mostly looked for.
fn page(class: &Class) -> Option<PortalPage> {
    match (class.entry, class.category) {
        (Some(entry), _) => entry.page,
        (None, Category::Secret | Category::ProofExpired) => Some(PortalPage::Credentials),
        (None, Category::Consent) => Some(PortalPage::Consent),
        (None, Category::Application | Category::Client) => Some(PortalPage::Registrations),
        (None, Category::ConditionalAccess) => Some(PortalPage::SignIns),
        (None, _) => None,
    }
}

fn link(snapshot: &Snapshot, page: PortalPage) -> Option<String> {
    let of_registration = |name| Some(portal(snapshot, name));
    match page {
        PortalPage::Credentials | PortalPage::Federated => of_registration("Credentials"),
        PortalPage::Authentication => of_registration("Authentication"),
        PortalPage::Permissions => of_registration("CallAnAPI"),
        PortalPage::Consent => Some(admin_consent(snapshot)),
        PortalPage::Enterprise => Some(enterprise(snapshot, "Properties")),
        PortalPage::Assignments => Some(enterprise(snapshot, "Users")),
        PortalPage::Environments => {
            let center = snapshot.cloud.power_platform.as_ref();
            let is_there = snapshot.environment.is_some();
            center.filter(|_| is_there).map(ToString::to_string)
        }
        other => Some(of_tenant(&snapshot.cloud, other)),
    }
}

/// A page that is the tenant's and no application's.
fn of_tenant(cloud: &Cloud, page: PortalPage) -> String {
    let name = match page {
        PortalPage::Registrations => "Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        PortalPage::ConditionalAccess => {
            "Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade/~/Policies"
        }
        PortalPage::Risk => "Microsoft_AAD_IAM/SecurityMenuBlade/~/RiskyUsers",
        PortalPage::SignIns => "Microsoft_AAD_IAM/SignInEventsV3Blade",
        PortalPage::Users => "Microsoft_AAD_UsersAndTenants/UserManagementMenuBlade/~/AllUsers",
        PortalPage::CrossTenant => {
            "Microsoft_AAD_IAM/CompanyRelationshipsMenuBlade/~/CrossTenantAccessSettings"
        }
        PortalPage::Enterprise | PortalPage::Assignments => {
            "Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview"
        }
        _ => "Microsoft_AAD_IAM/TenantOverview.ReactView",
    };
    view(cloud, name)
}

/// The tenant's copy of the application, which only an application's own token names; else the list of all of them.
fn enterprise(snapshot: &Snapshot, page: &str) -> String {
    let is_application = snapshot.connection.method == ConnectionMethod::ServicePrincipal;
    let identity = snapshot.connection.identity.as_ref();
    let object_id = identity.map(|identity| identity.object_id.as_str());
    match object_id.filter(|id| is_application && !id.is_empty()) {
        Some(id) => view(
            &snapshot.cloud,
            &format!(
                "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/{page}/objectId/{id}/appId/{}",
                snapshot.app.client_id
            ),
        ),
        None => of_tenant(&snapshot.cloud, PortalPage::Enterprise),
    }
}

/// What is done here once the advice was followed.
fn next(
    snapshot: &Snapshot,
    category: Category,
    page: Option<PortalPage>,
    act: Act,
) -> Vec<RemedyStep> {
    let delegated = snapshot.connection.method == ConnectionMethod::OAuth;
    let is_new = snapshot.connection.identity.is_none();
    let step = |text, verb| command(text, verb, snapshot);
    let again = || step("sign in again", "reconnect");
    match (act, category) {
        (Act::Nobody, _) => Vec::new(),
        (Act::Administrator, Category::Consent) if delegated => vec![
            step(
                "or make a link for the administrator, so that the request is remembered",
                "ask-administrator",
            ),
            step("consent again", "reconnect"),
        ],
        (_, Category::Consent) if delegated => vec![step("consent again", "reconnect")],
        // As long as nobody has consented, there is nothing to test or to rotate for.
        (Act::User, _) | (_, Category::User | Category::ConditionalAccess) if delegated => {
            vec![again()]
        }
        _ if is_new && delegated => vec![again()],
        // An application that is being connected is not stored yet.
        _ if is_new => Vec::new(),
        _ if page == Some(PortalPage::Credentials) => {
            vec![step("put it in use; it is verified first", "rotate")]
        }
        _ => vec![step("look again", "test")],
    }
}
