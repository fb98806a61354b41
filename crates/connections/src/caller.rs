use crate::{Error, Result};
use model::{Actor, Connection, KeyScope, MemberId, Role, WorkspaceId};

/// Who asks, as whatever they presented proved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub workspace_id: WorkspaceId,
    pub member_id: MemberId,
    pub role: Role,
    /// How they show in the activity log.
    pub actor: Actor,
    /// What an API key may reach; empty limits for a session.
    pub scope: KeyScope,
}

impl Caller {
    /// Whether `connection` exists for this caller: inside the key's scope, and owned, shared, or of the organisation.
    pub fn sees(&self, connection: &Connection) -> bool {
        let in_scope = self
            .scope
            .connections
            .as_ref()
            .is_none_or(|ids| ids.contains(&connection.id));
        let visible = match self.role {
            Role::Owner | Role::Admin | Role::Auditor => true,
            Role::Builder | Role::Member => self.may_use(connection),
        };
        in_scope && visible && self.workspace_id == connection.workspace_id
    }

    /// A key that is limited to some connections or kinds runs operations; it changes nothing, or it could change what it
    /// is limited by.
    pub fn may_change(&self) -> Result<()> {
        if self.scope == KeyScope::default() {
            return Ok(());
        }
        Err(Error::LimitedKey)
    }

    /// Whether calls may go through it. A delegated connection serves its owner only, until it is shared; one that
    /// acts as an application serves whoever calls operations from code.
    pub fn may_use(&self, connection: &Connection) -> bool {
        let in_scope = self
            .scope
            .connections
            .as_ref()
            .is_none_or(|ids| ids.contains(&connection.id));
        let mine = connection.owner == self.member_id;
        let allowed = match connection.method {
            model::ConnectionMethod::OAuth => {
                mine || (connection.shared && self.role >= Role::Builder)
            }
            model::ConnectionMethod::ServicePrincipal => self.role >= Role::Builder,
        };
        in_scope
            && allowed
            && self.role != Role::Auditor
            && self.workspace_id == connection.workspace_id
    }

    /// Whether they may change, rotate, disable or remove it.
    pub fn may_manage(&self, connection: &Connection) -> bool {
        self.sees(connection)
            && (self.role >= Role::Admin
                || (connection.owner == self.member_id
                    && self.role >= Role::Member
                    && connection.method == model::ConnectionMethod::OAuth))
    }
}
