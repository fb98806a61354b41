//! Which permissions open what of a drive, from the *Permissions* table of each operation's page, and what sharing adds.
//! Source: <https://learn.microsoft.com/graph/permissions-reference#files-permissions>

use uuid::Uuid;

use super::{Target, fault};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::drive::tree::Drive;

/// What a request wants to do with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Access {
    /// Of the signed-in user's own drive.
    fn own(self) -> &'static [&'static str] {
        match self {
            Self::Read => &["Files.Read", "Files.ReadWrite"],
            Self::Write => &["Files.ReadWrite"],
        }
    }

    /// Of everything that the user can open; for an application, of everything.
    pub(super) fn all(self) -> &'static [&'static str] {
        match self {
            Self::Read => &[
                "Files.Read.All",
                "Files.ReadWrite.All",
                "Sites.Read.All",
                "Sites.ReadWrite.All",
                "Sites.Manage.All",
                "Sites.FullControl.All",
            ],
            Self::Write => &[
                "Files.ReadWrite.All",
                "Sites.ReadWrite.All",
                "Sites.Manage.All",
                "Sites.FullControl.All",
            ],
        }
    }
}

/// 403 unless the token could do this with some item of the drive.
pub(super) fn require_permission(
    call: &Call,
    target: &Target,
    access: Access,
) -> Result<(), Fault> {
    let own = target.own && call.caller.has_any(access.own());
    if own || call.caller.has_any(access.all()) {
        Ok(())
    } else {
        Err(fault::access_denied())
    }
}

/// 403 unless the caller may do this with this item: its owner, an application, or somebody it was shared with.
pub(super) fn require(
    call: &Call,
    target: &Target,
    drive: &Drive,
    unique: Uuid,
    access: Access,
) -> Result<(), Fault> {
    require_permission(call, target, access)?;
    if target.own || call.caller.is_application() {
        return Ok(());
    }
    let write = access == Access::Write;
    let mut permissions = drive
        .ancestors(unique)
        .filter_map(|at| drive.item(at))
        .flat_map(|item| &item.permissions);
    if permissions.any(|permission| permission.admits(call.caller.object_id(), write, call.now)) {
        Ok(())
    } else {
        Err(fault::access_denied())
    }
}
