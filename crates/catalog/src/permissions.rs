//! Microsoft's permissions: ids, consent, and which one includes which.
//!
//! The lists of accepted permissions that Microsoft publishes are not closed upwards: the page on reading a message names
//! Mail.ReadBasic and Mail.Read but not Mail.ReadWrite, which works as well. So what is granted is tested against the list
//! first, and then against what includes an entry of it.

use std::collections::BTreeSet;

use model::{Api, ConnectionMethod, Permission, PermissionSet, Service};

use crate::compiled::PERMISSIONS;
use crate::{Operation, integration};

/// A permission of one of the APIs. Its ids are the same in every tenant.
#[derive(Debug)]
pub struct PermissionEntry {
    pub name: &'static str,
    /// The API that issues it.
    pub api: Api,
    /// Id of the delegated permission, where there is one.
    pub delegated_id: Option<&'static str>,
    /// Id of the application role, where there is one.
    pub application_id: Option<&'static str>,
    /// Whether the delegated form needs an administrator. The application form always does.
    pub needs_admin_consent: bool,
    /// Whether personal Microsoft accounts may grant the delegated form.
    pub personal_accounts: bool,
    /// Granted with a Teams app, for one team or chat.
    pub resource_specific: bool,
    /// Every permission that includes this one, sorted by name.
    pub satisfied_by: &'static [&'static str],
}

/// What is known of a permission.
pub fn describe(name: &str) -> Option<&'static PermissionEntry> {
    PERMISSIONS
        .binary_search_by(|entry| entry.name.cmp(name))
        .ok()
        .map(|index| &PERMISSIONS[index])
}

/// Whether whoever holds `held` may do what `wanted` allows.
pub fn satisfies(held: &Permission, wanted: &Permission) -> bool {
    includes(held.as_str(), wanted.as_str())
}

pub(crate) fn includes(held: &str, wanted: &str) -> bool {
    held == wanted || describe(wanted).is_some_and(|entry| entry.satisfied_by.contains(&held))
}

/// Ids of the operations on `service` that the permission alone opens by `method`.
pub fn opens(service: Service, method: ConnectionMethod, name: &str) -> Vec<&'static str> {
    let held = PermissionSet::from([Permission::new(name)]);
    let open = crate::operations().iter().filter(|operation| {
        operation.runs_on(service)
            && !operation.permissions(method).any.is_empty()
            && operation.satisfied_by(method, &held)
    });
    open.map(|operation| operation.id).collect()
}

/// Every permission that is the least for some operation on `service` by `method`, by name.
pub fn asked_by(service: Service, method: ConnectionMethod) -> BTreeSet<&'static str> {
    let on_service = crate::operations()
        .iter()
        .filter(|operation| operation.runs_on(service));
    on_service
        .flat_map(|operation| operation.permissions(method).least)
        .copied()
        .collect()
}

/// What a new connection asks for unless told otherwise. Empty where the service knows no permission of a token, as Dataverse
/// does for applications.
pub fn default_for(service: Service, method: ConnectionMethod) -> PermissionSet {
    integration(service)
        .offer(method)
        .permissions
        .iter()
        .filter(|listed| listed.default)
        .map(|listed| Permission::new(listed.name))
        .collect()
}

/// A smallest set that covers all of `operations` that run on `service` by `method`: nothing can be left out of it. Operations
/// that are refused, or run elsewhere, ask for nothing.
pub fn least_for(
    service: Service,
    method: ConnectionMethod,
    operations: &[&Operation],
) -> PermissionSet {
    let operations: Vec<_> = operations
        .iter()
        .filter(|operation| operation.runs_on(service))
        .collect();
    let mut set: PermissionSet = operations
        .iter()
        .flat_map(|operation| operation.permissions(method).least)
        .map(|name| Permission::new(*name))
        .collect();
    // By the least of each, not by all it accepts: some accept a permission that leaves half of the answer out.
    let is_enough = |set: &PermissionSet| {
        let mut wanted = operations
            .iter()
            .flat_map(|operation| operation.permissions(method).least);
        wanted.all(|wanted| set.iter().any(|held| includes(held.as_str(), wanted)))
    };
    for candidate in set.clone() {
        set.remove(&candidate);
        if !is_enough(&set) {
            set.insert(candidate);
        }
    }
    set
}
