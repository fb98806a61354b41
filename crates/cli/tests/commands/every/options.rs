//! Options that the cases of `connections.rs`, `administration.rs` and `alone.rs` do not come by.

use super::Place;

/// One command line, tried.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    command: &'static str,
    said: &'static str,
    code: i32,
    /// A part of what it says, to whom ever.
    tells: &'static str,
}

impl Line {
    const fn new(command: &'static str, said: &'static str, tells: &'static str) -> Self {
        Self::refused(command, said, 0, tells)
    }

    const fn refused(
        command: &'static str,
        said: &'static str,
        code: i32,
        tells: &'static str,
    ) -> Self {
        Self {
            command,
            said,
            code,
            tells,
        }
    }

    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.command, self.said)
    }

    fn tried(&self, place: &Place) -> Result<(), String> {
        let outcome = place.ask(self.command, self.said, &[]);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        if outcome.code == self.code && said.contains(&place.filled(self.tells)) {
            return Ok(());
        }
        Err(format!(
            "`{}` ends with {} and not {}, or does not tell `{}`: {said}",
            self.text(),
            outcome.code,
            self.code,
            self.tells
        ))
    }
}

/// In an order in which each finds what it needs.
pub(crate) const OF_CONNECTIONS: &[Line] = &[
    Line::new(
        "connect",
        "outlook --service-principal --name mail --cloud sandbox --tenant-id {tenant} --client-id {client} \
         --client-secret-file {first} --mailbox ben.okafor@contoso.com --shared --json",
        "\"shared\":true",
    ),
    Line::refused(
        "run",
        "outlook.messages.list -c mail mailbox=ana.reis@contoso.com",
        4,
        "policy_denied",
    ),
    Line::refused(
        "connect",
        "teams --service-principal --name teams --client-secret-file {first} --app mail",
        2,
        "`--client-id` names",
    ),
    Line::new(
        "connections policy",
        "mail --all-mailboxes",
        "mailboxes       all",
    ),
    Line::new(
        "run",
        "outlook.messages.list --connection mail mailbox=ana.reis@contoso.com top=1",
        "value",
    ),
    Line::new(
        "connections policy",
        "mail --mailbox ana.reis@contoso.com",
        "mailboxes       ana.reis@contoso.com",
    ),
    Line::new(
        "connections policy",
        "mail --all-mailboxes",
        "mailboxes       all",
    ),
    // The token itself, where nothing is limited.
    Line::new(
        "connections policy",
        "mail --tokens",
        "tokens          true",
    ),
    Line::new(
        "connections token",
        "mail --resource https://graph.microsoft.com",
        "ey",
    ),
    Line::refused(
        "connections token",
        "mail --resource https://contoso.example",
        2,
        "resource",
    ),
    Line::new("connections token", "mail --instead-of another", "ey"),
    Line::new(
        "connections policy",
        "mail --no-tokens",
        "tokens          false",
    ),
    // What matches no operation, and what is not among the permissions.
    Line::new("connections policy", "mail --raw", "raw             true"),
    Line::new(
        "connections policy",
        "mail --no-raw",
        "raw             false",
    ),
    Line::new(
        "connections policy",
        "mail --permissions User.Read.All",
        "permissions     User.Read.All",
    ),
    Line::refused(
        "run",
        "outlook.messages.list -c mail mailbox=ana.reis@contoso.com",
        4,
        "policy_denied",
    ),
    Line::new(
        "connections policy",
        "mail --all-permissions",
        "permissions     all",
    ),
    // A site, by the address that people see.
    Line::new(
        "connect",
        "sharepoint --service-principal --app mail --name sites --site {site} --json",
        "{site}",
    ),
    Line::new(
        "connections policy",
        "sites --all-sites",
        "sites           all",
    ),
    Line::new(
        "connections policy",
        "sites --site {site}",
        "sites           {site}",
    ),
    Line::new(
        "connections policy",
        "sites --site {site} --sites-selected",
        "sites selected  true",
    ),
    Line::refused("connections policy", "sites --sites-selected", 2, "--site"),
    // The sample application sees all sites, and has not what was said of it.
    Line::refused(
        "connect",
        "onedrive --service-principal --app mail --name drives --site {site} --sites-selected --json",
        5,
        "\"sites_selected\":true",
    ),
    // Dynamics 365 knows nothing of the application: it is connected, and says what is missing.
    Line::refused(
        "connect",
        "crm --service-principal --app mail --name crm --environment-url {sandbox} --table account",
        5,
        "✗",
    ),
    Line::new(
        "connections policy",
        "crm --table contact",
        "tables          contact",
    ),
    Line::new(
        "connections policy",
        "crm --all-tables",
        "tables          all",
    ),
    Line::refused(
        "connect",
        "businesscentral --service-principal --app mail --name books --environment Production --company-id {guid} \
         --company {guid}",
        5,
        "✗",
    ),
    Line::new(
        "connections policy",
        "books --company Contoso",
        "companies       Contoso",
    ),
    Line::new(
        "connections policy",
        "books --all-companies",
        "companies       all",
    ),
    Line::refused(
        "connections policy",
        "mail --company Contoso",
        2,
        "companies",
    ),
    Line::refused(
        "connect",
        "outlook --service-principal --app mail --name more --company-id {guid}",
        2,
        "company_id",
    ),
    // Set-up without the portal, as far as a plan goes.
    Line::new(
        "connect",
        "outlook --bootstrap --name contoso --cloud sandbox --auto-rotate --plan",
        "Application.ReadWrite.OwnedBy",
    ),
    Line::new(
        "connect",
        "outlook --bootstrap --name contoso --cloud sandbox --sign-in-client {guid} --plan",
        "{guid}",
    ),
    Line::new(
        "connect",
        "outlook --bootstrap --name contoso --cloud sandbox --proof federated --plan",
        "Microsoft reads the issuer's keys by https",
    ),
    Line::refused(
        "connect",
        "outlook --bootstrap --oauth --name contoso --cloud sandbox --shared --plan",
        2,
        "--shared",
    ),
    // What was done under a key is not done again.
    Line::new(
        "run",
        "outlook.drafts.create -c mail mailbox=ana.reis@contoso.com subject=once --idempotency-key once",
        "once",
    ),
    Line::new(
        "run",
        "outlook.drafts.create -c mail mailbox=ana.reis@contoso.com subject=once --idempotency-key once",
        "this was done before under the same key",
    ),
    Line::new(
        "activity",
        "--connection mail --action outlook.drafts.create --since 1h --limit 1",
        "outlook.drafts.create",
    ),
    Line::new(
        "run",
        "outlook.messages.delta -c mail mailbox=ana.reis@contoso.com folderId=inbox --delta inbox",
        "subject",
    ),
    Line::new("connections cursors", "mail --delete inbox", "inbox"),
    Line::new(
        "connect",
        "outlook --oauth --app mail --name ana --permissions Mail.Read --no-wait",
        "/connect/",
    ),
    Line::refused(
        "connections delete",
        "mail --revoke-consent --yes",
        2,
        "consent",
    ),
];

pub(crate) const OF_PROOFS: &[Line] = &[
    Line::new(
        "connect",
        "outlook --service-principal --name organisation --cloud sandbox --tenant-id {tenant} --client-id {client} \
         --client-secret-file {first}",
        "is connected",
    ),
    Line::new(
        "apps register",
        "contoso --cloud sandbox --tenant-id {tenant} --client-id {client}",
        "also registered as  organisation",
    ),
    Line::new("apps add-proof", "contoso --certificate {pem}", "active"),
    Line::new(
        "apps add-proof",
        "contoso --pfx {pfx} --pfx-password-file {pfx_password}",
        "active",
    ),
    Line::refused(
        "apps add-proof",
        "contoso --pfx {pfx}",
        2,
        "its password is another",
    ),
    Line::new(
        "apps add-proof",
        "contoso --client-secret-file {second} --expires-at 2027-11-23T00:00:00Z",
        "active",
    ),
    Line::refused(
        "apps add-proof",
        "contoso --certificate {pem} --expires-at 2027-11-23T00:00:00Z",
        2,
        "--client-secret-file",
    ),
    Line::new(
        "apps add-proof",
        "contoso --federated consentry",
        "Microsoft reads the issuer's keys by https",
    ),
    Line::refused(
        "apps add-proof",
        "contoso --federated nobody",
        2,
        "known are",
    ),
    Line::refused(
        "apps add-proof",
        "contoso --managed-identity",
        2,
        "managed identit",
    ),
    Line::refused(
        "apps add-proof",
        "contoso --managed-identity --identity-client-id {guid}",
        2,
        "managed identit",
    ),
    Line::refused(
        "apps add-proof",
        "contoso --client-secret-file {second} --identity-client-id {guid}",
        2,
        "--federated",
    ),
    Line::new(
        "connections rotate",
        "organisation --certificate {pem}",
        "active",
    ),
    Line::new(
        "connections rotate",
        "organisation --pfx {pfx} --pfx-password-file {pfx_password}",
        "active",
    ),
    Line::new(
        "connections rotate",
        "organisation --client-secret-file {third} --expires-at 2027-11-23T00:00:00Z",
        "active",
    ),
    Line::refused(
        "connections rotate",
        "organisation --federated consentry",
        5,
        "AADSTS",
    ),
    Line::refused(
        "connections rotate",
        "organisation --generate-certificate 30",
        2,
        "add-proof",
    ),
    Line::refused(
        "connections rotate",
        "organisation --managed-identity",
        2,
        "managed identit",
    ),
    Line::refused(
        "connections rotate",
        "organisation --managed-identity --identity-client-id {guid}",
        2,
        "managed identit",
    ),
    Line::new(
        "apps register",
        "rotating --cloud sandbox --tenant-id {tenant} --client-id {rotating}",
        "rotating",
    ),
    Line::new(
        "apps add-proof",
        "rotating --client-secret-file {own}",
        "active",
    ),
    Line::new(
        "apps rotate",
        "rotating --to certificate",
        "works and is in use",
    ),
    Line::new("apps rotate", "rotating --to secret", "works and is in use"),
    Line::new(
        "keys create",
        "until --expires-at 2027-11-23T00:00:00Z --connection organisation --json",
        "\"expires_at\":\"2027-11-23T00:00:00Z\"",
    ),
];

pub(crate) const ALONE: &[Line] = &[
    Line::new(
        "operations manifest",
        "--method oauth --service outlook --format json",
        "resourceAppId",
    ),
    Line::new(
        "operations manifest",
        "--method oauth --service outlook --format az --name Contoso --redirect-uri https://example.com/oauth/callback",
        "https://example.com/oauth/callback",
    ),
    Line::new(
        "operations manifest",
        "--method service_principal --service crm --format powershell",
        "Connect-MgGraph",
    ),
    Line::new(
        "operations manifest",
        "--method service_principal --service teams --format terraform",
        "azuread_application",
    ),
    Line::new(
        "sandbox env",
        "--listen 127.0.0.1:9000 --tls",
        "127.0.0.1:9000",
    ),
];

fn all_tried(place: &Place, lines: &[Line]) {
    let wrong: Vec<_> = lines
        .iter()
        .filter_map(|line| line.tried(place).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_option_of_connections_does_what_it_says() {
    all_tried(&Place::new(), OF_CONNECTIONS);
}

#[test]
fn every_option_of_proofs_and_keys_does_what_it_says() {
    let mut place = Place::new();
    place.certificates();
    all_tried(&place, OF_PROOFS);
}

#[test]
fn every_option_of_what_needs_no_server_does_what_it_says() {
    all_tried(&Place::empty(), ALONE);
}

#[test]
fn events_go_on_after_the_one_that_was_read_last() {
    let place = Place::new();
    all_tried(&place, &OF_CONNECTIONS[..1]);
    let events = |said: &str| place.ask("events", said, &["--json"]).json();
    let all = events("");
    let all = all.as_array().unwrap();
    let first = all[0]["id"].as_str().unwrap();
    let rest = events(&format!("--after {first}"));
    assert_eq!(rest.as_array().unwrap(), &all[1..]);
}

#[test]
fn a_secret_may_come_through_a_pipe() {
    let place = Place::new();
    all_tried(&place, &OF_PROOFS[..1]);
    let secret = |name: &str| std::fs::read_to_string(place.filled(name)).unwrap();
    for (command, said, name) in [
        (
            "connections rotate",
            "organisation --client-secret-stdin",
            "{second}",
        ),
        (
            "apps add-proof",
            "organisation --client-secret-stdin",
            "{third}",
        ),
    ] {
        let outcome = place.ask_with(command, said, &[], &secret(name));
        assert_eq!(outcome.code, 0, "{command}: {}", outcome.stderr);
        assert!(outcome.stdout.contains("active"), "{}", outcome.stdout);
    }
}
