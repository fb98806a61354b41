//! Which permissions open what, from the *Permissions* table of each operation's page in Microsoft's reference.
//!
//! The tables name the lowest permission and some higher ones; a higher permission that implies a listed one opens the
//! same, as the permissions reference describes (`Mail.ReadWrite` reads what `Mail.Read` does).
//! Sources: <https://learn.microsoft.com/graph/permissions-reference>, <https://learn.microsoft.com/graph/outlook-share-messages-folders>

use super::auth::Caller;

/// What a request wants to do with a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailAccess {
    /// Everything of a message except body, preview, attachments and extensions.
    ReadBasic,
    /// All of a message.
    Read,
    /// Change, create, move, delete.
    Write,
    /// Send in the mailbox owner's name.
    Send,
}

impl MailAccess {
    fn application(self) -> &'static [&'static str] {
        match self {
            Self::ReadBasic => &[
                "Mail.ReadBasic.All",
                "Mail.ReadBasic",
                "Mail.Read",
                "Mail.ReadWrite",
            ],
            Self::Read => &["Mail.Read", "Mail.ReadWrite"],
            Self::Write => &["Mail.ReadWrite"],
            Self::Send => &["Mail.Send"],
        }
    }

    /// For the signed-in user's own mailbox; the shared forms cover "their own and shared mail".
    fn own(self) -> &'static [&'static str] {
        match self {
            Self::ReadBasic => &[
                "Mail.ReadBasic",
                "Mail.Read",
                "Mail.ReadWrite",
                "Mail.ReadBasic.Shared",
                "Mail.Read.Shared",
                "Mail.ReadWrite.Shared",
            ],
            Self::Read => &[
                "Mail.Read",
                "Mail.ReadWrite",
                "Mail.Read.Shared",
                "Mail.ReadWrite.Shared",
            ],
            Self::Write => &["Mail.ReadWrite", "Mail.ReadWrite.Shared"],
            Self::Send => &["Mail.Send", "Mail.Send.Shared"],
        }
    }

    fn shared(self) -> &'static [&'static str] {
        match self {
            Self::ReadBasic => &[
                "Mail.ReadBasic.Shared",
                "Mail.Read.Shared",
                "Mail.ReadWrite.Shared",
            ],
            Self::Read => &["Mail.Read.Shared", "Mail.ReadWrite.Shared"],
            Self::Write => &["Mail.ReadWrite.Shared"],
            Self::Send => &["Mail.Send.Shared"],
        }
    }

    /// Whether the token allows this on the caller's own mailbox, or on one of somebody else.
    pub(crate) fn is_granted(self, caller: &Caller, own: bool) -> bool {
        let permissions = match (caller.is_application(), own) {
            (true, _) => self.application(),
            (false, true) => self.own(),
            (false, false) => self.shared(),
        };
        caller.has_any(permissions)
    }
}

/// What a request wants to do with a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalendarAccess {
    /// Everything of an event except body, attachments and extensions.
    ReadBasic,
    /// All of an event.
    Read,
    /// Change, create, answer, delete.
    Write,
}

impl CalendarAccess {
    /// Whether the token allows this on the caller's own calendar, or on one of somebody else.
    /// Source: <https://learn.microsoft.com/graph/permissions-reference#calendarsread>
    pub(crate) fn is_granted(self, caller: &Caller, own: bool) -> bool {
        let basic = self == Self::ReadBasic && (own || caller.is_application());
        let read = self != Self::Write;
        let plain = own || caller.is_application();
        let shared = !caller.is_application();
        (basic && caller.has_any(&["Calendars.ReadBasic", "Calendars.ReadBasic.All"]))
            || (read && plain && caller.has_any(&["Calendars.Read"]))
            || (plain && caller.has_any(&["Calendars.ReadWrite"]))
            || (read && shared && caller.has_any(&["Calendars.Read.Shared"]))
            || (shared && caller.has_any(&["Calendars.ReadWrite.Shared"]))
    }
}

/// Whether the token lets contacts be read or changed, the caller's own or somebody else's.
pub(crate) fn may_use_contacts(caller: &Caller, own: bool, writes: bool) -> bool {
    let plain = own || caller.is_application();
    (plain && caller.has_any(&["Contacts.ReadWrite"]))
        || (plain && !writes && caller.has_any(&["Contacts.Read"]))
        || caller.has_any(&["Contacts.ReadWrite.Shared"])
        || (!writes && caller.has_any(&["Contacts.Read.Shared"]))
}

/// Whether the token lets the settings of a mailbox be read or changed.
pub(crate) fn may_use_settings(caller: &Caller, own: bool, writes: bool) -> bool {
    let plain = own || caller.is_application();
    plain
        && (caller.has_any(&["MailboxSettings.ReadWrite"])
            || (!writes && caller.has_any(&["MailboxSettings.Read"])))
}

/// What a request wants to do with registrations and what was granted to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DirectoryAccess {
    ReadApplications,
    /// Any of them.
    WriteApplications,
    /// A new one.
    MakeApplications,
    /// Those that the caller owns.
    ChangeOwnApplications,
    /// App role assignments.
    WriteAssignments,
    /// Delegated grants.
    ReadGrants,
    WriteGrants,
}

impl DirectoryAccess {
    /// Whether it leaves anything changed.
    pub(crate) fn changes(self) -> bool {
        !matches!(self, Self::ReadApplications | Self::ReadGrants)
    }

    pub(crate) fn is_granted(self, caller: &Caller) -> bool {
        caller.has_any(match self {
            Self::ReadApplications => &[
                "Application.Read.All",
                "Application.ReadWrite.All",
                "Application.ReadWrite.OwnedBy",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::WriteApplications => &["Application.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::MakeApplications | Self::ChangeOwnApplications => &[
                "Application.ReadWrite.All",
                "Application.ReadWrite.OwnedBy",
                "Directory.ReadWrite.All",
            ],
            Self::WriteAssignments => &["AppRoleAssignment.ReadWrite.All"],
            Self::ReadGrants => &[
                "DelegatedPermissionGrant.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::WriteGrants => &[
                "DelegatedPermissionGrant.ReadWrite.All",
                "Directory.ReadWrite.All",
            ],
        })
    }
}

const DIRECTORY_WIDE: [&str; 9] = [
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "User.Export.All",
    "User.ManageIdentities.All",
    "User.EnableDisableAccount.All",
    "Directory.AccessAsUser.All",
];

/// Whether the caller may read a user: everyone's with a permission on all, their own with `User.Read` too.
pub(crate) fn may_read_user(caller: &Caller, user_id: &str) -> bool {
    let own = !caller.is_application() && caller.object_id() == user_id;
    may_read_users(caller) || (own && caller.has_any(&["User.Read", "User.ReadWrite"]))
}

/// Whether the caller may make, change and remove users.
pub(crate) fn may_change_users(caller: &Caller) -> bool {
    caller.has_any(&["User.ReadWrite.All", "Directory.ReadWrite.All"])
}

/// Whether the caller may read who reports to whom.
pub(crate) fn may_read_relations(caller: &Caller) -> bool {
    caller.has_any(&[
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ])
}

/// Whether the caller may list users.
pub(crate) fn may_read_users(caller: &Caller) -> bool {
    caller.has_any(&DIRECTORY_WIDE)
}
