//! Roles that applications define, and who holds them.
//! Source: <https://learn.microsoft.com/entra/identity-platform/howto-add-app-roles-in-apps>

use super::{AppRole, Directory, RoleAssignment};

/// The role of an assignment that only opens the door.
pub(crate) const DEFAULT_ROLE: &str = "00000000-0000-0000-0000-000000000000";

impl Directory {
    /// A role of an application by its id.
    pub(crate) fn app_role(&self, client_id: &str, role_id: &str) -> Option<&AppRole> {
        let roles = &self.api(client_id)?.app_roles;
        roles.iter().find(|it| it.id.eq_ignore_ascii_case(role_id))
    }

    /// Assignments to an application that a person has: their own, and those of the groups that they are direct members of.
    fn assignments<'a>(
        &'a self,
        user_id: &'a str,
        client_id: &'a str,
    ) -> impl Iterator<Item = &'a RoleAssignment> {
        let groups = self.groups_of(user_id, false);
        let all = self.role_assignments.iter();
        all.filter(move |it| {
            it.resource == client_id
                && (it.principal_id == user_id
                    || groups.iter().any(|group| group.id == it.principal_id))
        })
    }

    /// What the claim `roles` of a person's token for an application says.
    pub(crate) fn roles_held(&self, user_id: &str, client_id: &str) -> Vec<String> {
        let mut values = Vec::new();
        for assignment in self.assignments(user_id, client_id) {
            let role = self.app_role(client_id, &assignment.role_id);
            let value = role
                .filter(|it| it.is_enabled)
                .and_then(|it| it.value.clone());
            values.extend(value.filter(|value| !values.contains(value)));
        }
        values
    }

    /// Whether a tenant lets only those in who were assigned to the application.
    pub(crate) fn requires_assignment(&self, client_id: &str, tenant_id: &str) -> bool {
        let principal = self.service_principal(client_id, tenant_id);
        principal.is_some_and(|it| it.assignment_required)
    }

    /// Whether a person gets in: by an assignment, or since none is required.
    pub(crate) fn lets_in(&self, user_id: &str, client_id: &str, tenant_id: &str) -> bool {
        !self.requires_assignment(client_id, tenant_id)
            || self.assignments(user_id, client_id).next().is_some()
    }
}
