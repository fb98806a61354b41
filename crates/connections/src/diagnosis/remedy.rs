use microsoft::entra::Category;
use model::{ConnectionMethod, RemedyStep};

use crate::Snapshot;

/// The table's own advice, and where to do it.
pub(super) fn for_entra(snapshot: &Snapshot, category: Category, advice: &str) -> Vec<RemedyStep> {
    let delegated = snapshot.connection.method == ConnectionMethod::OAuth;
    let mut steps = plain(advice);
    steps[0].link = match category {
        Category::Secret | Category::ProofExpired => Some(portal(snapshot, "Credentials")),
        Category::Tenant | Category::Client => Some(portal(snapshot, "Overview")),
        Category::Application | Category::Permission => Some(portal(snapshot, "CallAnAPI")),
        Category::Consent if !delegated => Some(admin_consent(snapshot)),
        _ => None,
    };
    let next = match category {
        Category::Secret | Category::ProofExpired => {
            Some(("put it in use; it is verified first", "rotate"))
        }
        Category::Consent if delegated => Some(("consent again", "reconnect")),
        Category::Consent => Some(("look again", "test")),
        Category::RefreshToken | Category::User | Category::ConditionalAccess if delegated => {
            Some(("sign in again", "reconnect"))
        }
        _ => None,
    };
    // While it is being made, there is nothing yet to rotate or reconnect.
    if let Some((text, verb)) = next.filter(|_| snapshot.connection.identity.is_some()) {
        steps.push(command(text, verb, snapshot));
    }
    steps
}

pub(super) fn plain(text: &str) -> Vec<RemedyStep> {
    vec![RemedyStep {
        text: text.to_owned(),
        link: None,
        command: None,
    }]
}

/// A command on this connection, by its name where that needs no quotes.
pub(super) fn command(text: &str, verb: &str, snapshot: &Snapshot) -> RemedyStep {
    let connection = &snapshot.connection;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = if connection.name.chars().all(plain) {
        connection.name.clone()
    } else {
        connection.id.to_string()
    };
    RemedyStep {
        text: text.to_owned(),
        link: None,
        command: Some(format!("consentry connections {verb} {name}")),
    }
}

/// How an administrator grants what a registration lacks.
pub(super) fn grant_to_application(snapshot: &Snapshot) -> Vec<RemedyStep> {
    let mut listed = plain("see that the registration lists them as application permissions");
    listed[0].link = Some(portal(snapshot, "CallAnAPI"));
    let mut granted = plain("grant admin consent");
    granted[0].link = Some(admin_consent(snapshot));
    listed.append(&mut granted);
    listed.push(command("look again", "test", snapshot));
    listed
}

/// How a user grants what was left out.
pub(super) fn grant_as_user(snapshot: &Snapshot, names: &[&str]) -> Vec<RemedyStep> {
    let mut step = command("ask the account for them", "add-permissions", snapshot);
    if let Some(command) = &mut step.command {
        command.push_str(" --permissions ");
        command.push_str(&names.join(","));
    }
    vec![step]
}

/// A page of the app registration in that cloud's portal.
pub(super) fn portal(snapshot: &Snapshot, page: &str) -> String {
    format!(
        "{}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{page}/appId/{}",
        snapshot.cloud.entra_portal, snapshot.app.client_id
    )
}

/// Where an administrator of the tenant grants what the registration lists.
pub(super) fn admin_consent(snapshot: &Snapshot) -> String {
    format!(
        "{}/{}/adminconsent?client_id={}",
        snapshot.cloud.authority.as_str().trim_end_matches('/'),
        snapshot.app.tenant_id,
        snapshot.app.client_id
    )
}
