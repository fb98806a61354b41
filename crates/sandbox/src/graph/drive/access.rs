//! Which permissions open what of a drive, from the *Permissions* table of each operation's page, and what sharing adds.
//! Source: <https://learn.microsoft.com/graph/permissions-reference#files-permissions>

use uuid::Uuid;

use super::fault;
use super::target::{Place, Target};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::drive::tree::Drive;
use crate::state::sites::site::Level;

/// What a request wants to do with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Access {
    /// What it needs in a library.
    fn level(self) -> Level {
        match self {
            Self::Read => Level::Read,
            Self::Write => Level::Write,
        }
    }

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
    let may = match &target.place {
        Place::Personal { own, .. } => {
            (*own && call.caller.has_any(access.own())) || call.caller.has_any(access.all())
        }
        Place::Library(library) => library.token >= Some(access.level()),
    };
    if may {
        Ok(())
    } else {
        Err(fault::access_denied())
    }
}

/// 403 unless the caller may do this with this item: its owner, an application, a member of its site, or somebody it was
/// shared with.
pub(super) fn require(
    call: &Call,
    target: &Target,
    drive: &Drive,
    unique: Uuid,
    access: Access,
) -> Result<(), Fault> {
    require_permission(call, target, access)?;
    let is_theirs = match &target.place {
        Place::Personal { own, .. } => *own,
        Place::Library(library) => library.caller >= Some(access.level()),
    };
    if is_theirs || call.caller.is_application() {
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
