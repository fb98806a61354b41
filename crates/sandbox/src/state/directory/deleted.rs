//! What was deleted from the directory and can come back.
//! Source: <https://learn.microsoft.com/graph/api/resources/directory>

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::group::Group;
use super::{DelegatedGrant, Directory, RoleAssignment, User};
use crate::state::teams::Team;

/// Then it is gone for good.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Something in the recycle bin, with all that went with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deleted {
    pub(crate) at: Timestamp,
    pub(crate) object: Object,
    /// Roles of applications that it held.
    pub(crate) roles: Vec<RoleAssignment>,
}

/// Security groups are not among them: they are deleted for good at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Object {
    Group {
        group: Box<Group>,
        /// That stood on it.
        team: Option<Box<Team>>,
    },
    User {
        user: Box<User>,
        /// What they consented to.
        grants: Vec<DelegatedGrant>,
    },
}

impl Deleted {
    pub(crate) fn id(&self) -> &str {
        match &self.object {
            Object::Group { group, .. } => &group.id,
            Object::User { user, .. } => &user.id,
        }
    }

    pub(crate) fn tenant_id(&self) -> &str {
        match &self.object {
            Object::Group { group, .. } => &group.tenant_id,
            Object::User { user, .. } => &user.tenant_id,
        }
    }
}

impl Directory {
    /// Puts something into the recycle bin, and takes out what has been there too long.
    pub(crate) fn bury(&mut self, deleted: Deleted) {
        let now = deleted.at;
        self.deleted
            .retain(|it| now.duration_since(it.at) < KEPT_FOR);
        self.deleted.push(deleted);
    }

    /// What of a tenant can still come back.
    pub(crate) fn deleted_of(
        &self,
        tenant_id: &str,
        now: Timestamp,
    ) -> impl Iterator<Item = &Deleted> {
        let of_tenant = self
            .deleted
            .iter()
            .filter(move |it| it.tenant_id() == tenant_id);
        of_tenant.filter(move |it| now.duration_since(it.at) < KEPT_FOR)
    }

    /// Takes something out of the recycle bin.
    pub(crate) fn take_deleted(
        &mut self,
        tenant_id: &str,
        id: &str,
        now: Timestamp,
    ) -> Option<Deleted> {
        let found = self.deleted_of(tenant_id, now).find(|it| it.id() == id)?;
        let id = found.id().to_owned();
        let at = self.deleted.iter().position(|it| it.id() == id)?;
        Some(self.deleted.remove(at))
    }

    /// The roles of applications that an object holds, which it loses.
    pub(crate) fn take_roles(&mut self, object_id: &str) -> Vec<RoleAssignment> {
        let all = std::mem::take(&mut self.role_assignments);
        let (lost, kept) = all
            .into_iter()
            .partition(|role| role.principal_id == object_id);
        self.role_assignments = kept;
        lost
    }
}
