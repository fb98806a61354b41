//! What an administrator of Exchange Online does with its PowerShell.

use super::{Control, ControlError};
use crate::state::exchange::AccessRight;

impl Control {
    /// Adds an application access policy, whose group has these members: ids or names. It acts at once; Exchange takes up to an
    /// hour.
    pub fn add_application_access_policy(
        &self,
        client_id: &str,
        right: AccessRight,
        members: &[&str],
    ) -> Result<(), ControlError> {
        let members = self.object_ids(members)?;
        self.change(client_id, |state, client_id| {
            state.exchange.add_policy(client_id, right, members);
        })
    }

    /// Removes an application's access policies: its permissions open every mailbox again.
    pub fn remove_application_access_policies(&self, client_id: &str) -> Result<(), ControlError> {
        self.change(client_id, |state, client_id| {
            state.exchange.remove_policies(client_id);
        })
    }

    /// Gives an application one of Exchange's roles for applications, `Application Mail.Read` say, over the mailboxes of these, or
    /// over all. It acts at once; Exchange takes from half an hour to two.
    pub fn assign_exchange_role(
        &self,
        client_id: &str,
        role: &str,
        scope: Option<&[&str]>,
    ) -> Result<(), ControlError> {
        let scope = scope.map(|members| self.object_ids(members)).transpose()?;
        let is_known = self.change(client_id, |state, client_id| {
            state.exchange.assign(client_id, role, scope)
        })?;
        let unknown = || format!("`{role}` is no role of Exchange for applications");
        is_known
            .then_some(())
            .ok_or_else(|| ControlError::InvalidRequest(unknown()))
    }

    /// Takes all of Exchange's roles from an application.
    pub fn remove_exchange_roles(&self, client_id: &str) -> Result<(), ControlError> {
        self.change(client_id, |state, client_id| {
            state.exchange.remove_roles(client_id);
        })
    }

    fn object_ids(&self, names: &[&str]) -> Result<Vec<String>, ControlError> {
        let find = |name: &&str| {
            self.shared
                .read(|state| Some(state.directory.user(name)?.id.clone()))
                .ok_or_else(|| ControlError::UnknownUser((*name).to_owned()))
        };
        names.iter().map(find).collect()
    }
}
