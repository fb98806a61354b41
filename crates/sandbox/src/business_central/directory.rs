//! What Business Central sees of the tenant's directory.

use sandbox_business_central::{Directory, Group, Person};

use crate::shared::Shared;
use crate::state::directory::{self, User};

/// Members who can sign in, and groups that grant access.
pub(super) fn of(shared: &Shared, tenant_id: &str) -> Directory {
    shared.read(|state| {
        let people = state.directory.users.iter();
        let groups = state.directory.groups.iter();
        Directory {
            people: people
                .filter(|user| user.tenant_id == tenant_id && user.guest_of.is_none())
                .filter(|user| !user.disabled && !user.surname.is_empty())
                .map(person)
                .collect(),
            groups: groups
                .filter(|group| group.tenant_id == tenant_id && group.security_enabled)
                .map(|group| one(&state.directory, group))
                .collect(),
        }
    })
}

fn person(user: &User) -> Person {
    Person {
        object_id: user.id.clone(),
        user_principal_name: user.user_principal_name.clone(),
        display_name: user.display_name.clone(),
        is_admin: user.is_admin,
    }
}

fn one(directory: &directory::Directory, group: &directory::group::Group) -> Group {
    Group {
        id: group.id.clone(),
        name: group.display_name.clone(),
        members: directory.transitive_members(group),
    }
}
