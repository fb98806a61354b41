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
        let find = |name: &&str| {
            self.shared
                .read(|state| Some(state.directory.user(name)?.id.clone()))
                .ok_or_else(|| ControlError::UnknownUser((*name).to_owned()))
        };
        let members: Vec<String> = members.iter().map(find).collect::<Result<_, _>>()?;
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
}
