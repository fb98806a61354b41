//! A site that the application was not granted, or not enough. Under `Sites.Selected` consent alone opens none.
//!
//! Sources: <https://learn.microsoft.com/graph/permissions-selected-overview>,
//! <https://learn.microsoft.com/graph/api/site-post-permissions>,
//! <https://pnp.github.io/cli-microsoft365/cmd/spo/site/site-apppermission-add/>.

use catalog::{Operation, TargetKind};
use microsoft::GraphFault;
use model::{Act, Diagnosis, Group, OperationKind, RemedyStep};
use serde_json::json;

use super::service::evidence;
use crate::Snapshot;

/// The site that a refusal is about, where its grants are all that decides there: under `Sites.Selected`, and when something in a
/// site or drive was meant, or a listed site itself.
pub(super) fn site_meant<'a>(
    snapshot: &Snapshot,
    operation: Option<&Operation>,
    target: Option<&'a str>,
) -> Option<&'a str> {
    if !snapshot.connection.policy.sites_selected {
        return None;
    }
    match operation.map(|operation| operation.target.kind) {
        Some(TargetKind::Site | TargetKind::Drive) => Some(target.unwrap_or("{site-id}")),
        Some(_) => None,
        None => target.filter(|target| target.starts_with("https://")),
    }
}

/// Explains that the application has no grant on `site`, which is its address or id, or one that is too low.
pub fn diagnose_site_grant(
    snapshot: &Snapshot,
    operation: Option<&Operation>,
    site: &str,
    fault: &GraphFault,
) -> Diagnosis {
    let role = role(operation);
    let name = &snapshot.app.name;
    let what = operation.map_or("looking a site up".to_owned(), |operation| {
        format!("`{}`", operation.id)
    });
    Diagnosis {
        group: Group::PermissionDenied,
        cause: format!(
            "{what} in `{site}` needs the role `{role}` there beside the permission `Sites.Selected`, and the application \
             `{name}` was not granted that"
        ),
        act: Act::Administrator,
        remedy: remedy(snapshot, site, role),
        evidence: evidence(snapshot.connection.service.api(), fault),
        known: true,
    }
}

/// The lowest that is enough, of `read`, `write` and `fullcontrol`.
fn role(operation: Option<&Operation>) -> &'static str {
    let Some(operation) = operation else {
        return "read";
    };
    let permissions = operation.permissions(model::ConnectionMethod::ServicePrincipal);
    let is_high = |name: &str| matches!(name, "Sites.Manage.All" | "Sites.FullControl.All");
    match operation.kind {
        _ if permissions.least.iter().any(|name| is_high(name)) => "fullcontrol",
        OperationKind::Read => "read",
        _ => "write",
    }
}

fn remedy(snapshot: &Snapshot, site: &str, role: &str) -> Vec<RemedyStep> {
    let (client, name) = (&snapshot.app.client_id, &snapshot.app.name);
    let is_url = site.starts_with("https://");
    let application = json!({ "id": client, "displayName": name });
    let identities = json!([{ "application": application }]);
    let body = json!({ "roles": [role], "grantedToIdentities": identities });
    let id = if is_url { "{site-id}" } else { site };
    let step = |text: String, link: Option<&str>, command: Option<String>| RemedyStep {
        text,
        link: link.map(str::to_owned),
        command,
    };
    let mut steps = vec![
        step(
            format!(
                "let an administrator, through an application with `Sites.FullControl.All`, send `POST /sites/{id}/permissions` with {body}"
            ),
            Some("https://learn.microsoft.com/graph/api/site-post-permissions"),
            None,
        ),
        step(
            "or do it here, through a connection of such an application".to_owned(),
            None,
            Some(format!(
                "consentry run sharepoint.sitePermissions.grant --connection ADMIN {} roles='[\"{role}\"]' {}",
                quoted("siteId=", id),
                quoted("grantedToIdentities=", &identities.to_string())
            )),
        ),
    ];
    if is_url {
        steps.push(step(
            "or with CLI for Microsoft 365".to_owned(),
            Some("https://pnp.github.io/cli-microsoft365/cmd/spo/site/site-apppermission-add/"),
            Some(format!(
                "m365 spo site apppermission add {} --permission {role} --appId {client} {}",
                quoted("--siteUrl ", site),
                quoted("--appDisplayName ", name)
            )),
        ));
    }
    steps
}

/// An argument as a shell takes it, whatever is in it: names are given by people, and somebody else pastes the line.
fn quoted(name: &str, value: &str) -> String {
    format!("{name}'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(quoted("name=", "O'Neil"), r"name='O'\''Neil'");
        assert_eq!(quoted("", "';curl x|sh;'"), r"''\'';curl x|sh;'\'''");
    }
}
