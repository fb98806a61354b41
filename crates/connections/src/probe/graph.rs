//! Microsoft Graph: something small that the grant covers.

use model::{Act, ConnectionMethod, ConnectionState, Diagnosis, Permission, Service};

use super::{Asker, Probe, mailboxes, sites};

/// A permission, and the smallest read that it opens. The first that is granted is tried.
type Reads = &'static [(&'static str, &'static str)];

/// Source: <https://learn.microsoft.com/graph/permissions-reference>
fn reads(service: Service, method: ConnectionMethod) -> Reads {
    match (service, method) {
        (Service::Outlook, ConnectionMethod::OAuth) => &[
            ("Mail.ReadBasic", "/me/mailFolders?$top=1&$select=id"),
            ("Calendars.ReadBasic", "/me/calendars?$top=1&$select=id"),
            ("Contacts.Read", "/me/contacts?$top=1&$select=id"),
            ("MailboxSettings.Read", "/me/mailboxSettings"),
        ],
        (Service::Teams, ConnectionMethod::OAuth) => &[
            ("Team.ReadBasic.All", "/me/joinedTeams?$select=id"),
            ("Chat.ReadBasic", "/me/chats?$top=1"),
        ],
        (Service::OneDrive, ConnectionMethod::OAuth) => &[("Files.Read", "/me/drive?$select=id")],
        (Service::SharePoint, _) => &[("Sites.Read.All", "/sites/root?$select=id")],
        (Service::Teams, ConnectionMethod::ServicePrincipal) => {
            &[("Team.ReadBasic.All", "/teams?$top=1&$select=id")]
        }
        // An application has no mailbox and no drive of its own to look at.
        _ => &[],
    }
}

pub(super) async fn run(asker: &mut Asker<'_>) {
    let connection = &asker.snapshot.connection;
    // Where a connection is limited to places, no other is asked for.
    let is_limited = match connection.service {
        Service::SharePoint | Service::OneDrive => connection.policy.sites.is_some(),
        Service::Outlook => connection.policy.mailboxes.is_some(),
        _ => false,
    };
    if !is_limited {
        usual(asker).await;
    }
    sites::run(asker).await;
    mailboxes::run(asker).await;
}

async fn usual(asker: &mut Asker<'_>) {
    let connection = &asker.snapshot.connection;
    let name = match connection.method {
        ConnectionMethod::OAuth => "read as the user",
        ConnectionMethod::ServicePrincipal => "read as the application",
    };
    let granted = connection.granted.as_ref();
    let is_covered = |wanted: &str| {
        let wanted = Permission::new(wanted);
        granted.is_none_or(|granted| {
            granted
                .iter()
                .any(|held| catalog::permissions::satisfies(held, &wanted))
        })
    };
    let read = reads(connection.service, connection.method)
        .iter()
        .find(|(permission, _)| is_covered(permission));
    if let Some((_, path)) = read {
        let had = asker.findings.diagnosis.is_some();
        asker
            .ask(Probe::new(name, *path, "Microsoft answered"))
            .await;
        if let (false, Some(diagnosis)) = (had, &asker.findings.diagnosis)
            && is_without_place(connection.method, diagnosis)
        {
            asker.findings.state = Some(ConnectionState::NeedsAdmin);
        }
    }
}

/// Whether the account has no mailbox, team or drive any more: what an administrator gives with a licence, and nothing works without.
fn is_without_place(method: ConnectionMethod, diagnosis: &Diagnosis) -> bool {
    method == ConnectionMethod::OAuth
        && diagnosis.act == Act::Administrator
        && diagnosis.evidence.status == Some(404)
}
