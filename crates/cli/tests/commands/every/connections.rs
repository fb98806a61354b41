//! Connections, and what goes through them.

use super::{Case, PLAIN, Place, tried};

/// In an order in which each finds what it needs.
pub(crate) const CASES: &[Case] = &[
    Case {
        command: "connect",
        people: (
            "outlook --service-principal --name organisation --cloud sandbox --tenant-id {tenant} --client-id {client} \
             --client-secret-file {first}",
            "organisation is connected as an application",
        ),
        programs: (
            "outlook --oauth --name ana --app organisation --no-wait",
            "/connect_url",
        ),
        refused: (
            "crm --oauth --name crm --app organisation",
            2,
            "connected as an application only",
        ),
        keep: &[("ana", "/connection/id")],
        ..PLAIN
    },
    Case {
        command: "connections list",
        people: ("", "organisation"),
        programs: ("", "/0/name"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "connections show",
        people: ("organisation", "active"),
        programs: ("organisation", "/state"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections test",
        people: ("organisation", "✓"),
        programs: ("organisation", "/steps/0/ok"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections diagnosis",
        people: ("organisation", "active"),
        programs: ("organisation", "/state"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections permissions",
        people: ("organisation", "Mail.Send"),
        programs: ("organisation", "/granted/0"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections queries",
        people: ("organisation", "AADServicePrincipalSignInLogs"),
        programs: ("organisation", "/queries/0/query"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections dependents",
        people: ("organisation", "stays"),
        programs: ("organisation", "/app_registration/name"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections rotate",
        people: ("organisation --client-secret-file {second}", "active"),
        programs: (
            "organisation --client-secret-file {third}",
            "/connection/state",
        ),
        refused: (
            "organisation --client-secret-file {wrong}",
            5,
            "AADSTS7000215",
        ),
        ..PLAIN
    },
    Case {
        command: "connections rotate-data-key",
        people: ("organisation", "data key"),
        programs: ("organisation", "/data_key_id"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections reconnect",
        people: ("ana --no-wait", "/connect/"),
        programs: ("ana --no-wait", "/connect_url"),
        refused: ("organisation --no-wait", 2, "no user to consent again"),
        ..PLAIN
    },
    Case {
        command: "connections add-permissions",
        people: ("ana --permissions Calendars.Read --no-wait", "/connect/"),
        programs: (
            "ana --operations outlook.contacts.list --no-wait",
            "/connect_url",
        ),
        refused: ("ana", 2, "nothing to ask for is named"),
        ..PLAIN
    },
    Case {
        command: "connections ask-administrator",
        people: ("ana", "http"),
        programs: ("ana", "/admin_url"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections consent-requests",
        people: ("", "ana"),
        programs: ("", "/0/admin_url"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "run",
        people: (
            "outlook.messages.delta -c organisation mailbox=ben.okafor@contoso.com folderId=inbox select=subject --delta inbox",
            "subject",
        ),
        programs: (
            "outlook.messages.list -c organisation mailbox=ben.okafor@contoso.com top=1",
            "/value/0/id",
        ),
        refused: ("outlook.messages.list -c organisation", 2, "mailbox"),
        ..PLAIN
    },
    Case {
        command: "connections cursors",
        people: ("organisation", "inbox"),
        programs: ("organisation", "/0/name"),
        refused: ("organisation --delete outbox", 3, "outbox"),
        ..PLAIN
    },
    Case {
        command: "connections policy",
        people: ("organisation --kinds read", "read"),
        programs: ("organisation --all-kinds --tokens", "/tokens"),
        refused: (
            "organisation --kinds read",
            2,
            "turn `tokens` off, or lift them",
        ),
        ..PLAIN
    },
    Case {
        command: "connections token",
        people: ("organisation", "ey"),
        programs: ("organisation --min-validity 600", "/access_token"),
        refused: ("{ana}", 4, "lets no token leave"),
        ..PLAIN
    },
    Case {
        command: "connections disable",
        people: ("organisation", "disabled"),
        programs: ("organisation", "/state"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "connections enable",
        people: ("organisation", "active"),
        programs: ("organisation", "/state"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "doctor",
        people: ("organisation", "was active"),
        programs: ("organisation", "/test/ok"),
        refused: ("nobody", 3, "connection_not_found"),
        ..PLAIN
    },
    Case {
        command: "events",
        people: ("", "connection.created"),
        programs: ("--limit 1", "/0/type"),
        refused: ("--limit 0", 2, "--limit"),
        ..PLAIN
    },
    Case {
        command: "activity",
        people: ("--limit 3", "ACTION"),
        programs: ("--action outlook.messages.list", "/0/outcome"),
        refused: ("--since yesterday", 2, "yesterday"),
        ..PLAIN
    },
    Case {
        command: "activity verify",
        people: ("", "nothing was changed"),
        programs: ("", "/ok"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "connections delete",
        people: ("organisation --yes", "organisation is deleted"),
        programs: ("{ana} --yes", "/deleted"),
        refused: ("organisation", 3, "connection_not_found"),
        ..PLAIN
    },
];

#[test]
fn connections_are_made_used_looked_after_and_removed_by_people_and_programs() {
    tried(&mut Place::new(), CASES);
}
