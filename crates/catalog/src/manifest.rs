//! Setup manifests: from services and operations to the smallest application registration that can do them, in the forms that
//! administrators use. Pure text: nothing here is sent to Microsoft.

mod scripts;

use std::collections::BTreeMap;

use model::{Api, ConnectionMethod, Service};
use serde_json::{Value, json};

use crate::permissions::{self, PermissionEntry};
use crate::{Operation, Support};

/// What a registration is for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub services: &'a [Service],
    pub method: ConnectionMethod,
    /// What shall be possible. Empty for what a new connection to each service asks for.
    pub operations: &'a [&'static Operation],
}

/// What a registration needs, and what no registration gives.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub method: ConnectionMethod,
    /// By API and name.
    pub permissions: Vec<&'static PermissionEntry>,
    /// Listed by Microsoft under a name whose id it has not published: to be picked in the portal.
    pub unlisted: Vec<&'static str>,
    /// Operations that the method does not support, with the reason and what to do instead.
    pub refused: Vec<(&'static str, &'static str, &'static str)>,
    /// What remains to be done by hand, a sentence each.
    pub by_hand: Vec<String>,
}

/// How an application is called, and where its users come back to.
#[derive(Debug, Clone)]
pub struct Naming<'a> {
    pub name: &'a str,
    /// Needed for signing users in; left out for an application that acts as itself.
    pub redirect_uri: Option<&'a str>,
}

/// The id of the application that each API is in every tenant.
///
/// Sources: <https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>, and for
/// Business Central
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication>.
pub fn resource_app_id(api: Api) -> &'static str {
    match api {
        Api::Graph => "00000003-0000-0000-c000-000000000000",
        Api::Dataverse => "00000007-0000-0000-c000-000000000000",
        Api::BusinessCentral => "996def3d-b36c-4153-8607-a6fd3c01b89f",
    }
}

/// The smallest manifest that covers all of `wanted`.
pub fn manifest(wanted: &Wanted<'_>) -> Manifest {
    let method = wanted.method;
    let mut names = std::collections::BTreeSet::new();
    for service in wanted.services.iter().copied() {
        let set = if wanted.operations.is_empty() {
            permissions::default_for(service, method)
        } else {
            permissions::least_for(service, method, wanted.operations)
        };
        names.extend(set.iter().map(|name| name.as_str().to_owned()));
    }
    // One service's permission may cover what another's asks for.
    let covered = |name: &String| {
        let mut others = names.iter().filter(|other| *other != name);
        others
            .any(|other| permissions::includes(other, name) && !permissions::includes(name, other))
    };
    let known: Vec<_> = names
        .iter()
        .filter(|name| !covered(name))
        .filter_map(|name| permissions::describe(name))
        .collect();
    let (permissions, unlisted): (Vec<_>, Vec<_>) = known
        .into_iter()
        .partition(|entry| id(entry, method).is_some());
    Manifest {
        method,
        permissions,
        unlisted: unlisted.into_iter().map(|entry| entry.name).collect(),
        refused: refused(wanted),
        by_hand: by_hand(wanted),
    }
}

impl Manifest {
    /// As the property `requiredResourceAccess` of an application.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/resources/requiredresourceaccess>.
    pub fn required_resource_access(&self) -> Value {
        let mut by_api: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for entry in &self.permissions {
            let access = json!({ "id": id(entry, self.method), "type": self.kind() });
            by_api
                .entry(resource_app_id(entry.api))
                .or_default()
                .push(access);
        }
        by_api
            .into_iter()
            .map(
                |(resource, access)| json!({ "resourceAppId": resource, "resourceAccess": access }),
            )
            .collect()
    }

    /// Where an administrator consents for the whole organisation. `authority` is the cloud's, such as that of sign-ins.
    ///
    /// Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.
    pub fn consent_url(&self, authority: &str, tenant: &str, client_id: &str) -> String {
        format!(
            "{}/{tenant}/adminconsent?client_id={client_id}",
            authority.trim_end_matches('/')
        )
    }

    /// `Role` of an application, `Scope` of a user.
    fn kind(&self) -> &'static str {
        match self.method {
            ConnectionMethod::ServicePrincipal => "Role",
            ConnectionMethod::OAuth => "Scope",
        }
    }
}

fn id(entry: &PermissionEntry, method: ConnectionMethod) -> Option<&'static str> {
    match method {
        ConnectionMethod::OAuth => entry.delegated_id,
        ConnectionMethod::ServicePrincipal => entry.application_id,
    }
}

fn refused(wanted: &Wanted<'_>) -> Vec<(&'static str, &'static str, &'static str)> {
    let supported =
        wanted
            .operations
            .iter()
            .filter_map(|operation| match operation.support(wanted.method) {
                Support::Refused { reason, instead } => Some((operation.id, reason, instead)),
                Support::Supported => None,
            });
    supported.collect()
}

fn by_hand(wanted: &Wanted<'_>) -> Vec<String> {
    let has = |api: Api| wanted.services.iter().any(|service| service.api() == api);
    let mut steps = Vec::new();
    if has(Api::Dataverse) {
        steps.push(
            "Make an application user for the client id in each Dataverse environment, and give it a security role.".to_owned(),
        );
        let privileges = privileges(wanted);
        if !privileges.is_empty() {
            steps.push(format!(
                "The security role needs {}.",
                privileges.join(", ")
            ));
        }
    }
    if has(Api::BusinessCentral) {
        steps.push(
            "Add the client id on the page Microsoft Entra Applications of Business Central, enable it and give it permission sets."
                .to_owned(),
        );
    }
    let depends = wanted.operations.iter().filter_map(|operation| {
        let depends = operation.permissions(wanted.method).depends?;
        Some(format!("`{}` needs {depends}.", operation.id))
    });
    steps.extend(depends);
    steps
}

fn privileges(wanted: &Wanted<'_>) -> Vec<&'static str> {
    let all = wanted
        .operations
        .iter()
        .flat_map(|operation| operation.permissions(wanted.method).privileges);
    let sorted: std::collections::BTreeSet<_> = all.copied().collect();
    sorted.into_iter().collect()
}
