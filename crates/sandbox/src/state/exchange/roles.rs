//! Roles that Exchange itself gives applications (RBAC for Applications), each over some mailboxes or over all. They stand in no
//! token, and add to what the token's roles open.
//!
//! Source: <https://learn.microsoft.com/exchange/permissions-exo/application-rbac>

use serde::{Deserialize, Serialize};

/// The roles, each with the permissions of Microsoft Graph that it stands for.
const ROLES: [(&str, &[&str]); 12] = [
    ("Application Mail.Read", &["Mail.Read"]),
    ("Application Mail.ReadBasic", &["Mail.ReadBasic"]),
    ("Application Mail.ReadWrite", &["Mail.ReadWrite"]),
    ("Application Mail.Send", &["Mail.Send"]),
    (
        "Application MailboxSettings.Read",
        &["MailboxSettings.Read"],
    ),
    (
        "Application MailboxSettings.ReadWrite",
        &["MailboxSettings.ReadWrite"],
    ),
    ("Application Calendars.Read", &["Calendars.Read"]),
    ("Application Calendars.ReadWrite", &["Calendars.ReadWrite"]),
    ("Application Contacts.Read", &["Contacts.Read"]),
    ("Application Contacts.ReadWrite", &["Contacts.ReadWrite"]),
    (
        "Application Mail Full Access",
        &["Mail.ReadWrite", "Mail.Send"],
    ),
    (
        "Application Exchange Full Access",
        &[
            "Mail.ReadWrite",
            "Mail.Send",
            "MailboxSettings.ReadWrite",
            "Calendars.ReadWrite",
            "Contacts.ReadWrite",
        ],
    ),
];

/// `New-ManagementRoleAssignment -App … -Role … -CustomResourceScope …`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Assignment {
    role: String,
    /// Object ids of those whose mailboxes the scope covers; none covers the organisation.
    scope: Option<Vec<String>>,
}

impl Assignment {
    /// None for a role that Exchange has not.
    pub(super) fn new(role: &str, scope: Option<Vec<String>>) -> Option<Self> {
        let (role, _) = find(role)?;
        let role = role.to_owned();
        Some(Self { role, scope })
    }

    /// What it opens of somebody's mailbox.
    pub(super) fn permissions_in(&self, user_id: &str) -> &'static [&'static str] {
        let covers = |scope: &Vec<String>| scope.iter().any(|member| member == user_id);
        let found = find(&self.role).filter(|_| self.scope.as_ref().is_none_or(covers));
        found.map_or(&[], |(_, permissions)| permissions)
    }
}

fn find(role: &str) -> Option<(&'static str, &'static [&'static str])> {
    let mut roles = ROLES.into_iter();
    roles.find(|(name, _)| name.eq_ignore_ascii_case(role))
}
