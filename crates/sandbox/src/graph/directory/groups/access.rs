//! Who may do what with groups, from the *Permissions* table of each operation's page.

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::directory::group::Group;

/// What a request wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupAccess {
    /// <https://learn.microsoft.com/graph/api/group-list>
    Read,
    /// <https://learn.microsoft.com/graph/api/group-list-members>
    ReadMembers,
    /// <https://learn.microsoft.com/graph/api/group-post-groups>
    Create,
    /// <https://learn.microsoft.com/graph/api/group-update>, and its owners
    Write,
    /// <https://learn.microsoft.com/graph/api/group-post-members>
    WriteMembers,
    /// <https://learn.microsoft.com/graph/api/group-delete>
    Delete,
}

impl GroupAccess {
    fn permissions(self, is_application: bool) -> &'static [&'static str] {
        match self {
            Self::Read | Self::ReadMembers => &[
                "GroupMember.Read.All",
                "GroupMember.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::Create if is_application => &[
                "Group.Create",
                "Group.ReadWrite.All",
                "Directory.ReadWrite.All",
            ],
            Self::Create | Self::Write => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::WriteMembers => &[
                "GroupMember.ReadWrite.All",
                "Group.ReadWrite.All",
                "Directory.ReadWrite.All",
            ],
            Self::Delete => &["Group.ReadWrite.All"],
        }
    }

    /// Whether a person has to own the group, or be an administrator.
    fn is_for_owners(self) -> bool {
        matches!(self, Self::Write | Self::WriteMembers | Self::Delete)
    }
}

/// Refuses callers without the permission, and people without a say in this group.
pub(super) fn require(
    call: &Call,
    access: GroupAccess,
    group: Option<&Group>,
) -> Result<(), Fault> {
    let caller = &call.caller;
    let is_entitled = caller.is_application()
        || !access.is_for_owners()
        || group.is_some_and(|group| group.is_owner(caller.object_id()))
        || super::super::is_administrator(call);
    if is_entitled && caller.has_any(access.permissions(caller.is_application())) {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}
