//! Each mailbox that a connection is limited to: whether it is there, and open to the connection. Never another.
//!
//! Sources: <https://learn.microsoft.com/graph/api/mailfolder-get>, <https://learn.microsoft.com/graph/api/calendar-get>,
//! <https://learn.microsoft.com/graph/api/user-list-contacts>, <https://learn.microsoft.com/graph/api/user-get-mailboxsettings>.

use model::{Connection, ConnectionMethod, MailAddress, Permission, PermissionSet};

use super::{Asker, Probe};
use crate::{exchange, test};

/// A read that shows as little as can be.
struct Read {
    /// What opens it: to an application, and to a user in the own mailbox.
    permission: &'static str,
    /// What opens it to a user in a mailbox that was shared.
    shared: &'static str,
    below: &'static str,
    operation: &'static str,
}

/// The first that the token's grant covers is tried, and each that a role in Exchange may open besides.
const READS: [Read; 4] = [
    Read {
        permission: "Mail.ReadBasic",
        shared: "Mail.Read.Shared",
        below: "mailFolders/inbox?$select=id",
        operation: "outlook.folders.get",
    },
    Read {
        permission: "Calendars.ReadBasic",
        shared: "Calendars.Read.Shared",
        below: "calendar?$select=id",
        operation: "outlook.calendars.get",
    },
    Read {
        permission: "Contacts.Read",
        shared: "Contacts.Read.Shared",
        below: "contacts?$top=1&$select=id",
        operation: "outlook.contacts.list",
    },
    Read {
        permission: "MailboxSettings.Read",
        shared: "MailboxSettings.Read",
        below: "mailboxSettings",
        operation: "outlook.mailboxSettings.get",
    },
];

pub(super) async fn run(asker: &mut Asker<'_>) {
    let listed = asker.snapshot.connection.policy.mailboxes.as_ref();
    for address in listed.into_iter().flatten() {
        one(asker, address).await;
    }
}

async fn one(asker: &mut Asker<'_>, address: &MailAddress) {
    let connection = &asker.snapshot.connection;
    let is_own = is_own(connection, address);
    let carried = READS.iter().find(|read| covers(connection, read, is_own));
    let left = exchange::left_to_exchange(connection);
    let given: Vec<_> = READS
        .iter()
        .map(|read| (read, opening(&left, read)))
        .filter(|(_, opening)| !opening.is_empty())
        .collect();
    if carried.is_none() && given.is_empty() {
        let told =
            format!("`{address}` is not looked at: no permission of the connection reads it");
        asker.note("mailbox", true, told);
        return;
    }
    let owner = if is_own {
        "me".to_owned()
    } else {
        format!("users/{}", address.graph_key())
    };
    let probe = |read: &Read, works: String| {
        let path = format!("/{owner}/{}", read.below);
        let probe = Probe::new("mailbox", path, works);
        probe.of(address.as_str()).like(read.operation)
    };
    if let Some(read) = carried {
        let works = format!("`{address}` can be reached");
        asker.ask(probe(read, works)).await;
    }
    for (read, opening) in given {
        let works = format!(
            "`{address}` can be reached: Exchange gives at least `{}` there",
            read.permission
        );
        if asker.ask(probe(read, works)).await.is_none() {
            lock(asker, &opening);
        }
    }
}

/// What of these would open a read that the token does not.
fn opening(left: &PermissionSet, read: &Read) -> PermissionSet {
    let wanted = Permission::new(read.permission);
    let opens = |held: &&Permission| catalog::permissions::satisfies(held, &wanted);
    left.iter().filter(opens).cloned().collect()
}

/// Notes, once, that Exchange does not give these either.
fn lock(asker: &mut Asker<'_>, permissions: &PermissionSet) {
    for locked in test::locked(&asker.snapshot.connection, permissions) {
        if !asker.findings.locked.contains(&locked) {
            asker.findings.locked.push(locked);
        }
    }
}

/// Whether it is that of whoever is signed in, by the name they signed in with.
fn is_own(connection: &Connection, address: &MailAddress) -> bool {
    let username = connection
        .identity
        .as_ref()
        .and_then(|identity| identity.username.as_deref());
    connection.method == ConnectionMethod::OAuth && username.is_some_and(|name| address.is(name))
}

/// Whether the grant covers it; what is unknown is tried.
fn covers(connection: &Connection, read: &Read, is_own: bool) -> bool {
    let wanted = if connection.method == ConnectionMethod::ServicePrincipal || is_own {
        read.permission
    } else {
        read.shared
    };
    let wanted = Permission::new(wanted);
    connection.granted.as_ref().is_none_or(|granted| {
        granted
            .iter()
            .any(|held| catalog::permissions::satisfies(held, &wanted))
    })
}
