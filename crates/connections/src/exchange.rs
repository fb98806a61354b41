//! What Exchange may have given an application by roles of its own, over some mailboxes. They stand in no token, and Microsoft has no
//! API that an application could ask for them: the mailboxes themselves tell.
//!
//! Source: <https://learn.microsoft.com/exchange/permissions-exo/application-rbac>.

use model::{Connection, ConnectionMethod, Permission, PermissionSet};

/// How the permissions begin that Exchange has roles for, and of which the token then carries none: who was granted a part in Microsoft
/// Entra was granted the rest there too, or not at all.
const COVERED: [(&str, &str); 5] = [
    ("Mail.Read", "Mail.Read"),
    ("Mail.Send", "Mail."),
    ("Calendars.", "Calendars."),
    ("Contacts.", "Contacts."),
    ("MailboxSettings.", "MailboxSettings."),
];

/// Of what was asked for, what the token does not carry and Exchange may have given: for an application whose mailboxes are listed, so
/// that a test can look at them. Nothing while the grant is unknown.
pub fn left_to_exchange(connection: &Connection) -> PermissionSet {
    let mut left = crate::test::not_carried(connection);
    left.retain(|permission| may_give(connection, permission));
    left
}

/// Whether a permission that the token lacks may still be held.
pub(crate) fn may_give(connection: &Connection, permission: &Permission) -> bool {
    let name = permission.as_str();
    let carries = |start: &str| {
        let mut granted = connection.granted.iter().flatten();
        granted.any(|held| held.as_str().starts_with(start))
    };
    connection.method == ConnectionMethod::ServicePrincipal
        && connection.policy.mailboxes.is_some()
        && COVERED
            .iter()
            .any(|(start, rest)| name.starts_with(start) && !carries(rest))
}
