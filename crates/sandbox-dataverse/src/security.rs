//! Who may do what: users, their roles, privileges with their depth, sharing.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/security-concepts>

mod members;
mod privilege;
mod shares;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Dataverse;
use crate::cell::Link;
use crate::fault::Fault;
use crate::schema::{Ownership, TableId};
use crate::store::Row;

pub(crate) use privilege::{Access, Depth, privilege_id, privilege_name};

/// What roles hold, and what was shared with whom.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Security {
    pub(crate) roles: BTreeMap<Uuid, Grants>,
    /// By row: principal and mask of rights.
    pub(crate) shares: BTreeMap<Uuid, BTreeMap<Uuid, u32>>,
}

/// Privileges of a role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    /// Everything, as the system administrator has it.
    pub(crate) everything: bool,
    pub(crate) by_name: BTreeMap<String, Depth>,
}

impl Grants {
    fn depth(&self, privilege: &str) -> Option<Depth> {
        if self.everything {
            return Some(Depth::Global);
        }
        self.by_name.get(privilege).copied()
    }
}

/// Who asks, and what follows from that.
#[derive(Debug, Clone, Default)]
pub(crate) struct Principal {
    /// `systemuserid`
    pub(crate) user: Uuid,
    /// Who acts in that user's name.
    pub(crate) on_behalf: Option<Uuid>,
    pub(crate) business_unit: Uuid,
    pub(crate) teams: Vec<Uuid>,
    pub(crate) roles: Vec<Uuid>,
}

impl Dataverse {
    /// How deep a privilege reaches; none when no role holds it.
    pub(crate) fn depth(&self, who: &Principal, privilege: &str) -> Option<Depth> {
        let held = who
            .roles
            .iter()
            .filter_map(|role| self.security.roles.get(role));
        held.filter_map(|grants| grants.depth(privilege)).max()
    }

    /// Refuses whoever lacks the privilege on a table altogether.
    pub(crate) fn need(
        &self,
        who: &Principal,
        access: Access,
        table: TableId,
    ) -> Result<Depth, Fault> {
        let table = self.schema.table(table);
        let name = privilege_name(access, &table.privilege);
        self.depth(who, &name)
            .ok_or_else(|| Fault::privilege(who.user, &name, &table.name))
    }

    /// Refuses whoever may not do this to this row.
    pub(crate) fn need_on(
        &self,
        who: &Principal,
        access: Access,
        table: TableId,
        row: &Row,
    ) -> Result<(), Fault> {
        let depth = self.need(who, access, table)?;
        if self.reaches(who, access, depth, table, row) {
            return Ok(());
        }
        let name = &self.schema.table(table).name;
        Err(Fault::access(who.user, access.right_name(), name, row.id))
    }

    /// Whether a privilege of this depth, or a share, covers the row.
    pub(crate) fn reaches(
        &self,
        who: &Principal,
        access: Access,
        depth: Depth,
        table: TableId,
        row: &Row,
    ) -> bool {
        if depth == Depth::Global || self.schema.table(table).ownership != Ownership::User {
            return true;
        }
        let Some(owner) = self.owner_of(table, row) else {
            return true;
        };
        let is_own = owner.id == who.user || who.teams.contains(&owner.id);
        let in_unit = || {
            let unit = self.business_unit_of(owner);
            unit == Some(who.business_unit)
                || (depth == Depth::Deep
                    && unit.is_some_and(|unit| self.is_below(unit, who.business_unit)))
        };
        is_own || (depth > Depth::Basic && in_unit()) || self.is_shared(who, access, row.id)
    }

    /// The user or team that a row belongs to.
    pub(crate) fn owner_of(&self, table: TableId, row: &Row) -> Option<Link> {
        let column = self.schema.table(table).find("ownerid")?;
        row.get(column)?.as_link()
    }

    fn is_shared(&self, who: &Principal, access: Access, row: Uuid) -> bool {
        self.security.shares.get(&row).is_some_and(|shares| {
            std::iter::once(&who.user)
                .chain(&who.teams)
                .filter_map(|principal| shares.get(principal))
                .any(|mask| mask & access.mask() != 0)
        })
    }

    /// Whether a business unit lies below another.
    fn is_below(&self, unit: Uuid, above: Uuid) -> bool {
        let table = self.tables.business_unit;
        let Some(parent) = self.schema.table(table).find("parentbusinessunitid") else {
            return false;
        };
        let mut at = unit;
        // A cycle would otherwise never end.
        for _ in 0..64 {
            if at == above {
                return true;
            }
            match self
                .store
                .get(table, at)
                .and_then(|row| row.get(parent)?.as_link())
            {
                Some(link) => at = link.id,
                None => return false,
            }
        }
        false
    }
}
