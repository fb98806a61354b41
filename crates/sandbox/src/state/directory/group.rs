//! Groups: <https://learn.microsoft.com/graph/api/resources/group>

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Directory;

/// A Microsoft 365 group, when unified, or a security group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of the group's own"
)]
pub(crate) struct Group {
    /// Object id, lower-case GUID.
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) mail_nickname: String,
    /// None without a mailbox.
    pub(crate) mail: Option<String>,
    pub(crate) is_unified: bool,
    pub(crate) mail_enabled: bool,
    pub(crate) security_enabled: bool,
    /// `Public`, `Private` or `HiddenMembership`; none for a security group.
    pub(crate) visibility: Option<String>,
    pub(crate) classification: Option<String>,
    pub(crate) preferred_language: Option<String>,
    pub(crate) is_assignable_to_role: bool,
    /// Whether a team stands on it.
    pub(crate) has_team: bool,
    pub(crate) resource_behavior_options: Vec<String>,
    pub(crate) created_at: Timestamp,
    /// Object ids. One whose object is gone counts for nothing.
    pub(crate) members: Vec<String>,
    pub(crate) owners: Vec<String>,
}

impl Group {
    pub(crate) fn is_owner(&self, object_id: &str) -> bool {
        self.owners.iter().any(|id| id == object_id)
    }

    pub(crate) fn is_member(&self, object_id: &str) -> bool {
        self.members.iter().any(|id| id == object_id)
    }
}

impl Directory {
    /// A group of a tenant by its object id, in any case.
    pub(crate) fn group(&self, tenant_id: &str, id: &str) -> Option<&Group> {
        let mut groups = self.groups.iter();
        groups.find(|it| it.tenant_id == tenant_id && it.id.eq_ignore_ascii_case(id))
    }

    pub(crate) fn group_mut(&mut self, tenant_id: &str, id: &str) -> Option<&mut Group> {
        let mut groups = self.groups.iter_mut();
        groups.find(|it| it.tenant_id == tenant_id && it.id.eq_ignore_ascii_case(id))
    }

    /// Groups that an object is a member of; with `transitively` also those that these are members of.
    pub(crate) fn groups_of(&self, object_id: &str, transitively: bool) -> Vec<&Group> {
        let mut found: Vec<&Group> = Vec::new();
        let mut seen = BTreeSet::from([object_id]);
        let mut asked = vec![object_id];
        while let Some(id) = asked.pop() {
            for group in self.groups.iter().filter(|it| it.is_member(id)) {
                if seen.insert(&group.id) {
                    found.push(group);
                    if transitively {
                        asked.push(&group.id);
                    }
                }
            }
        }
        found
    }

    /// Object ids of a group's members, and of the members of those that are groups.
    pub(crate) fn transitive_members(&self, group: &Group) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut asked = vec![group];
        while let Some(group) = asked.pop() {
            for id in &group.members {
                if !found.contains(id) {
                    found.push(id.clone());
                    asked.extend(self.group(&group.tenant_id, id));
                }
            }
        }
        found
    }

    /// The domain that new addresses of a tenant end in: the one of its first account.
    pub(crate) fn default_domain(&self, tenant_id: &str) -> Option<String> {
        let mut users = self.users.iter().filter(|it| it.tenant_id == tenant_id);
        let named =
            users.find_map(|it| Some(it.user_principal_name.rsplit_once('@')?.1.to_owned()));
        named.or_else(|| self.tenant(tenant_id).map(|it| it.domain.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, members: &[&str]) -> Group {
        Group {
            id: id.to_owned(),
            members: members.iter().map(|&id| id.to_owned()).collect(),
            ..Group::default()
        }
    }

    #[test]
    fn groups_in_a_circle_are_each_found_once() {
        let directory = Directory {
            groups: vec![group("a", &["ana", "b"]), group("b", &["a", "ben"])],
            ..Directory::default()
        };
        let ids = |groups: Vec<&Group>| groups.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(directory.groups_of("ana", false)), ["a"]);
        assert_eq!(ids(directory.groups_of("ana", true)), ["a", "b"]);
        let members = directory.transitive_members(&directory.groups[0]);
        assert_eq!(members, ["ana", "b", "a", "ben"]);
    }
}
