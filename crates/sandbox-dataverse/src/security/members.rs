//! From a token to a user of the environment, with roles and teams.

use sandbox_odata::service::{Caller, Request};
use uuid::Uuid;

use super::Principal;
use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::store::Row;

impl Dataverse {
    /// The user whom a request acts for.
    pub(crate) fn identify(&self, request: &Request) -> Result<Principal, Fault> {
        let caller = self
            .user_of(&request.caller)
            .ok_or_else(Fault::not_a_member)?;
        let caller = self.enter(caller)?;
        let other = match (
            request.header("callerobjectid"),
            request.header("mscrmcallerid"),
        ) {
            (Some(object), _) => self.user_by("azureactivedirectoryobjectid", object.trim()),
            (None, Some(user)) => user.trim().parse().ok(),
            (None, None) => return Ok(caller),
        };
        let privilege = "prvActOnBehalfOfAnotherUser";
        if self.depth(&caller, privilege).is_none() {
            return Err(Fault::privilege(caller.user, privilege, "systemuser"));
        }
        let other = other.filter(|id| self.store.get(self.tables.user, *id).is_some());
        let other = self.enter(other.ok_or_else(Fault::not_a_member)?)?;
        Ok(Principal {
            on_behalf: Some(caller.user),
            ..other
        })
    }

    /// The user that stands for a person or an application.
    fn user_of(&self, caller: &Caller) -> Option<Uuid> {
        if caller.is_application {
            self.user_by("applicationid", &caller.client_id)
        } else {
            self.user_by("azureactivedirectoryobjectid", &caller.object_id)
        }
    }

    /// A user by a column that holds an id.
    pub(crate) fn user_by(&self, column: &str, id: &str) -> Option<Uuid> {
        let id: Uuid = id.parse().ok()?;
        let column = self.schema.table(self.tables.user).find(column)?;
        self.store
            .rows(self.tables.user)
            .find(|row| row.get(column) == Some(&Cell::Guid(id)))
            .map(|row| row.id)
    }

    /// A user who may come in: enabled, with a role.
    fn enter(&self, user: Uuid) -> Result<Principal, Fault> {
        let row = self
            .store
            .get(self.tables.user, user)
            .ok_or_else(Fault::not_a_member)?;
        let is_disabled = self
            .cell(self.tables.user, row, "isdisabled")
            .and_then(Cell::as_flag);
        if is_disabled == Some(true) {
            return Err(Fault::disabled_user(user));
        }
        let principal = self.principal(user);
        if principal.roles.is_empty() {
            return Err(Fault::no_role(user));
        }
        Ok(principal)
    }

    /// A user with the roles and teams that are theirs.
    pub(crate) fn principal(&self, user: Uuid) -> Principal {
        let unit = self.business_unit_of(Link {
            table: self.tables.user,
            id: user,
        });
        let teams: Vec<Uuid> = self.peers("teammembership_association", true, user);
        let mut roles = self.peers("systemuserroles_association", false, user);
        for team in &teams {
            roles.extend(self.peers("teamroles_association", false, *team));
        }
        roles.sort();
        roles.dedup();
        Principal {
            user,
            on_behalf: None,
            business_unit: unit.unwrap_or_default(),
            teams,
            roles,
        }
    }

    /// The other sides of a many-to-many relationship by its name.
    pub(crate) fn peers(&self, relationship: &str, is_second: bool, id: Uuid) -> Vec<Uuid> {
        match self.schema.find_many_to_many(relationship) {
            Some(index) => self.store.peers(index, is_second, id).collect(),
            None => Vec::new(),
        }
    }

    /// The business unit of a user or a team.
    pub(crate) fn business_unit_of(&self, owner: Link) -> Option<Uuid> {
        let row = self.store.follow(owner)?;
        let link = self.cell(owner.table, row, "businessunitid")?.as_link()?;
        Some(link.id)
    }

    /// A row's value by the name of its column.
    pub(crate) fn cell<'a>(
        &self,
        table: crate::schema::TableId,
        row: &'a Row,
        column: &str,
    ) -> Option<&'a Cell> {
        row.get(self.schema.table(table).find(column)?)
    }
}
