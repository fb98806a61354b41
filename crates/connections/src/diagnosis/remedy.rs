use microsoft::entra::Category;
use model::{ConnectionMethod, RemedyStep};

use crate::Snapshot;

/// The table's own advice, and where to do it.
pub(super) fn for_entra(snapshot: &Snapshot, category: Category, advice: &str) -> Vec<RemedyStep> {
    let name = &snapshot.connection.name;
    let delegated = snapshot.connection.method == ConnectionMethod::OAuth;
    let mut steps = plain(advice);
    match category {
        Category::Secret | Category::ProofExpired => {
            steps[0].link = Some(portal(snapshot, "Credentials"));
            steps.push(command(
                "put it in use; it is verified first",
                format!("consentry connections rotate {name}"),
            ));
        }
        Category::Tenant | Category::Client => steps[0].link = Some(portal(snapshot, "Overview")),
        Category::Application | Category::Permission => {
            steps[0].link = Some(portal(snapshot, "CallAnAPI"));
        }
        Category::Consent if delegated => {
            steps.push(command(
                "consent again",
                format!("consentry connections reconnect {name}"),
            ));
        }
        Category::Consent => {
            steps[0].link = Some(admin_consent(snapshot));
            steps.push(command(
                "look again",
                format!("consentry connections test {name}"),
            ));
        }
        Category::RefreshToken | Category::User | Category::ConditionalAccess if delegated => {
            steps.push(command(
                "sign in again",
                format!("consentry connections reconnect {name}"),
            ));
        }
        _ => {}
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

pub(super) fn command(text: &str, command: String) -> RemedyStep {
    RemedyStep {
        text: text.to_owned(),
        link: None,
        command: Some(command),
    }
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
