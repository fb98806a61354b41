use microsoft::Cloud;
use model::RemedyStep;

use crate::Snapshot;

pub(super) fn plain(text: &str) -> Vec<RemedyStep> {
    vec![RemedyStep {
        text: text.to_owned(),
        link: None,
        command: None,
    }]
}

/// A command on this connection, by its name where that needs no quotes.
pub(crate) fn command(text: &str, verb: &str, snapshot: &Snapshot) -> RemedyStep {
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
    let client_id = &snapshot.app.client_id;
    view(
        &snapshot.cloud,
        &format!("Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{page}/appId/{client_id}"),
    )
}

/// A page of that cloud's portal, by the name that stands in its address.
pub(super) fn view(cloud: &Cloud, name: &str) -> String {
    format!("{}#view/{name}", cloud.entra_portal)
}

/// Where an administrator of the tenant grants what the registration lists.
pub(super) fn admin_consent(snapshot: &Snapshot) -> String {
    format!(
        "{}{}/adminconsent?client_id={}",
        snapshot.cloud.authority, snapshot.app.tenant_id, snapshot.app.client_id
    )
}
