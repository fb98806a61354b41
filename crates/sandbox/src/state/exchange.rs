//! What Exchange Online keeps about applications beside Entra: its application access policies, which administrators set with its
//! PowerShell and which Microsoft Graph neither shows nor changes.
//!
//! Source: <https://learn.microsoft.com/exchange/permissions-exo/application-access-policies>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Exchange's limits of applications.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// By client id.
    policies: BTreeMap<String, Vec<Policy>>,
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

    /// Whether an application may open somebody's mailbox. Where several policies speak of it, a denial wins.
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
}
