//! What Exchange Online keeps about applications beside Entra: its application access policies and its roles for applications, which
//! administrators set with its PowerShell and which Microsoft Graph neither shows nor changes.
//!
//! Source: <https://learn.microsoft.com/exchange/permissions-exo/application-access-policies>

mod roles;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use roles::Assignment;

/// What Exchange takes from applications, and gives them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// By client id.
    policies: BTreeMap<String, Vec<Policy>>,
    /// By client id.
    #[serde(default)]
    roles: BTreeMap<String, Vec<Assignment>>,
}

/// What an application access policy does with the mailboxes of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRight {
    /// The application opens these, and those of other such policies, and no other.
    RestrictAccess,
    /// The application does not open these.
    DenyAccess,
}

/// `New-ApplicationAccessPolicy -AppId … -AccessRight … -PolicyScopeGroupId …`
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Policy {
    right: AccessRight,
    /// Object ids of those in the group.
    members: Vec<String>,
}

impl Exchange {
    pub(crate) fn add_policy(&mut self, client_id: &str, right: AccessRight, members: Vec<String>) {
        let policies = self.policies.entry(client_id.to_owned()).or_default();
        policies.push(Policy { right, members });
    }

    pub(crate) fn remove_policies(&mut self, client_id: &str) {
        self.policies.remove(client_id);
    }

    /// Gives an application a role over the mailboxes of some, or of all. False for a role that Exchange has not.
    pub(crate) fn assign(
        &mut self,
        client_id: &str,
        role: &str,
        scope: Option<Vec<String>>,
    ) -> bool {
        let assignment = Assignment::new(role, scope);
        let is_known = assignment.is_some();
        if is_known {
            let assigned = self.roles.entry(client_id.to_owned()).or_default();
            assigned.extend(assignment);
        }
        is_known
    }

    pub(crate) fn remove_roles(&mut self, client_id: &str) {
        self.roles.remove(client_id);
    }

    /// What an application's roles here open of somebody's mailbox.
    pub(crate) fn permissions_in(&self, client_id: &str, user_id: &str) -> Vec<&'static str> {
        let assigned = self.roles.get(client_id).into_iter().flatten();
        let opened = assigned.flat_map(|it| it.permissions_in(user_id));
        opened.copied().collect()
    }

    /// Whether an application's token opens somebody's mailbox. Where several policies speak of it, a denial wins.
    pub(crate) fn opens(&self, client_id: &str, user_id: &str) -> bool {
        let of = |right: AccessRight| {
            let policies = self.policies.get(client_id).into_iter().flatten();
            policies.filter(move |policy| policy.right == right)
        };
        let names = |policy: &Policy| policy.members.iter().any(|member| member == user_id);
        let is_restricted = of(AccessRight::RestrictAccess).next().is_some();
        !of(AccessRight::DenyAccess).any(names)
            && (!is_restricted || of(AccessRight::RestrictAccess).any(names))
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessRight, Exchange};

    #[test]
    fn a_denial_wins_and_restrictions_add_up() {
        let mut exchange = Exchange::default();
        assert!(exchange.opens("app", "ana"));
        exchange.add_policy("app", AccessRight::DenyAccess, vec!["ben".to_owned()]);
        assert!(exchange.opens("app", "ana") && !exchange.opens("app", "ben"));
        let both = vec!["ana".to_owned(), "ben".to_owned()];
        exchange.add_policy("app", AccessRight::RestrictAccess, both);
        exchange.add_policy("app", AccessRight::RestrictAccess, vec!["eva".to_owned()]);
        let opens = |user| exchange.opens("app", user);
        assert!(opens("ana") && opens("eva") && !opens("ben") && !opens("tom"));
        assert!(exchange.opens("another", "ben"));
        exchange.remove_policies("app");
        assert!(exchange.opens("app", "ben"));
    }

    #[test]
    fn roles_add_up_within_their_scopes() {
        let mut exchange = Exchange::default();
        let ana = || Some(vec!["ana".to_owned()]);
        assert!(exchange.assign("app", "application mail.read", ana()));
        assert!(exchange.assign("app", "Application Mail Full Access", ana()));
        assert!(exchange.assign("app", "Application Contacts.Read", None));
        assert!(!exchange.assign("app", "Mail.Read", None));
        let of = |user| exchange.permissions_in("app", user);
        assert_eq!(
            of("ana"),
            ["Mail.Read", "Mail.ReadWrite", "Mail.Send", "Contacts.Read"]
        );
        assert_eq!(of("ben"), ["Contacts.Read"]);
        assert!(exchange.permissions_in("another", "ana").is_empty());
        exchange.remove_roles("app");
        assert!(exchange.permissions_in("app", "ana").is_empty());
    }
}
