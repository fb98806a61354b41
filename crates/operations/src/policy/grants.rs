//! Permissions: what the policy lists, and what Microsoft granted.

use catalog::{Operation, TargetKind};
use model::{
    Act, Connection, ConnectionMethod, Diagnosis, Evidence, Group, Permission, PermissionSet,
    RemedyStep,
};

use crate::{Error, Result};

/// The policy may hold a connection below what was granted: then the operation has to be covered by what it lists.
pub(super) fn permissions_allowed(connection: &Connection, operation: &Operation) -> Result<()> {
    match &connection.policy.permissions {
        Some(allowed)
            if !operation.satisfied_by(connection.method, allowed)
                && !may_be_granted_by_site(operation, allowed) =>
        {
            Err(Error::Denied {
                reason: format!(
                    "the policy of `{}` does not list a permission that covers `{}`",
                    connection.name, operation.id
                ),
                instead: format!(
                    "ask an administrator to add `{}` to the policy",
                    operation.permissions(connection.method).least.join("`, `")
                ),
            })
        }
        _ => Ok(()),
    }
}

/// Does the token's grant cover it? What is unknown is not denied. An application's roles do not tell of access that was
/// given in Exchange, Teams or Dynamics, so that only a user's scopes are held against the operation.
pub(super) fn granted(connection: &Connection, operation: &Operation) -> Result<()> {
    let Some(granted) = &connection.granted else {
        return Ok(());
    };
    if connection.method == ConnectionMethod::ServicePrincipal
        || operation.satisfied_by(connection.method, granted)
        || may_be_granted_by_site(operation, granted)
    {
        return Ok(());
    }
    Err(Error::PermissionMissing(Box::new(missing(
        connection, operation,
    ))))
}

/// With `Sites.Selected` it is each site's own grants that decide, which no token tells.
///
/// Source: <https://learn.microsoft.com/graph/permissions-selected-overview>.
fn may_be_granted_by_site(operation: &Operation, held: &PermissionSet) -> bool {
    let is_at_a_site = matches!(operation.target.kind, TargetKind::Site | TargetKind::Drive);
    let is_selected = held.iter().any(|held| held.as_str() == "Sites.Selected");
    is_selected && (is_at_a_site || super::lists_sites(operation))
}

fn missing(connection: &Connection, operation: &Operation) -> Diagnosis {
    let least = operation.permissions(connection.method).least;
    let names = least.join("`, `");
    Diagnosis {
        group: Group::PermissionDenied,
        cause: format!(
            "`{}` needs the delegated permission `{names}`, which was not granted",
            operation.id
        ),
        act: Act::User,
        remedy: vec![RemedyStep {
            text: format!("consent again and accept `{names}`"),
            link: None,
            command: Some(format!(
                "consentry connections reconnect {}",
                connection.name
            )),
        }],
        evidence: Evidence {
            code: "permission_missing".to_owned(),
            message: format!(
                "granted: {}",
                connection
                    .granted
                    .iter()
                    .flatten()
                    .map(Permission::as_str)
                    .collect::<Vec<_>>()
                    .join(" ")
            ),
            ..Evidence::default()
        },
        known: true,
    }
}
