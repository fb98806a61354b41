//! App registrations, people, keys and what is sent out.

use super::{Case, PLAIN, Place, tried};

/// In an order in which each finds what it needs.
pub(crate) const CASES: &[Case] = &[
    Case {
        command: "apps register",
        people: (
            "contoso --cloud sandbox --tenant-id {tenant} --client-id {client}",
            "/oauth/callback",
        ),
        programs: (
            "rotating --cloud sandbox --tenant-id {tenant} --client-id {rotating}",
            "/redirect_uri",
        ),
        refused: (
            "contoso --cloud nowhere --tenant-id {tenant} --client-id {client}",
            2,
            "nowhere",
        ),
        ..PLAIN
    },
    Case {
        command: "apps list",
        people: ("", "contoso"),
        programs: ("", "/1/client_id"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "apps add-proof",
        people: (
            "contoso --generate-certificate 30",
            "-----BEGIN CERTIFICATE-----",
        ),
        programs: ("contoso --client-secret-file {first}", "/state"),
        refused: ("contoso", 2, "exactly one proof"),
        keep: &[("proof", "/id")],
        ..PLAIN
    },
    Case {
        command: "apps show",
        people: ("contoso", "certificate"),
        programs: ("contoso", "/proofs/1/kind"),
        refused: ("nobody", 3, "there is no app registration `nobody`"),
        ..PLAIN
    },
    Case {
        command: "apps verify-proof",
        people: ("contoso {proof}", "{proof} works and is in use"),
        programs: ("contoso {proof}", "/state"),
        refused: ("contoso prf_nothing", 3, "prf_nothing"),
        ..PLAIN
    },
    Case {
        command: "apps rotate-data-key",
        people: ("contoso", "data key"),
        programs: ("contoso", "/data_key_id"),
        refused: ("nobody", 3, "there is no app registration `nobody`"),
        ..PLAIN
    },
    Case {
        command: "apps auto-rotate",
        people: ("contoso on", "replaced thirty days ahead of their end"),
        programs: ("contoso off", "/auto_rotate"),
        refused: ("contoso perhaps", 2, "perhaps"),
        ..PLAIN
    },
    Case {
        command: "apps remove-proof",
        people: ("contoso {certificate}", "{certificate} is removed"),
        programs: ("contoso {another}", "/removed"),
        refused: ("contoso {another}", 3, "{another}"),
        before: &[
            (
                "apps add-proof contoso --generate-certificate 30",
                "certificate",
                "/id",
            ),
            (
                "apps add-proof contoso --generate-certificate 30",
                "another",
                "/id",
            ),
        ],
        ..PLAIN
    },
    Case {
        command: "apps rotate",
        people: ("rotating", "works and is in use"),
        programs: ("rotating", "/state"),
        refused: ("contoso", 5, "Application.ReadWrite.OwnedBy"),
        before: &[
            (
                "apps add-proof rotating --client-secret-file {own}",
                "own_proof",
                "/id",
            ),
            ("apps verify-proof rotating {own_proof}", "state", "/state"),
        ],
        ..PLAIN
    },
    Case {
        command: "apps delete",
        people: ("leaving --yes", "leaving is deleted"),
        programs: ("gone --yes", "/deleted"),
        refused: ("nobody --yes", 3, "there is no app registration `nobody`"),
        before: &[
            (
                "apps register leaving --cloud sandbox --tenant-id {tenant} --client-id {client}",
                "leaving",
                "/id",
            ),
            (
                "apps register gone --cloud sandbox --tenant-id {tenant} --client-id {client}",
                "gone",
                "/id",
            ),
        ],
        ..PLAIN
    },
    Case {
        command: "apps roll-issuer-key",
        people: ("", "the next key is made"),
        programs: ("--now", "/rolled"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "members add",
        people: (
            "rui@contoso.com --name Rui --role builder",
            "rui@contoso.com",
        ),
        programs: ("eva@contoso.com --name Eva --role auditor", "/id"),
        refused: ("ida@contoso.com --name Ida --role king", 2, "king"),
        ..PLAIN
    },
    Case {
        command: "members list",
        people: ("", "rui@contoso.com"),
        programs: ("", "/2/email"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "sign-in-link",
        people: ("rui@contoso.com", "http"),
        programs: ("", "/url"),
        refused: ("nobody@contoso.com", 3, "there is no member"),
        ..PLAIN
    },
    Case {
        command: "keys create",
        people: ("nightly --role auditor", "csk_"),
        programs: ("weekly --kind read", "/secret"),
        refused: ("monthly --connection nobody", 3, "connection_not_found"),
        keep: &[("weekly", "/key/id")],
        ..PLAIN
    },
    Case {
        command: "keys list",
        people: ("", "nightly"),
        programs: ("", "/0/role"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "keys revoke",
        people: ("{weekly}", "{weekly} is revoked"),
        programs: ("{yearly}", "/revoked"),
        before: &[("keys create yearly", "yearly", "/key/id")],
        refused: ("key_nothing", 3, "key_nothing"),
        ..PLAIN
    },
    Case {
        command: "webhooks add",
        people: ("https://example.com/all", "whsec_"),
        programs: (
            "https://example.com/some --event connection.needs_admin",
            "/secret",
        ),
        refused: ("https://127.0.0.1/", 2, "invalid_input"),
        keep: &[("webhook", "/webhook/id")],
        ..PLAIN
    },
    Case {
        command: "webhooks list",
        people: ("", "connection.needs_admin"),
        programs: ("", "/1/url"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "webhooks deliveries",
        people: ("{webhook}", "EVENT"),
        programs: ("{webhook}", ""),
        refused: ("whk_nothing", 3, "whk_nothing"),
        ..PLAIN
    },
    Case {
        command: "webhooks remove",
        people: ("{webhook}", "{webhook} is removed"),
        programs: ("{last}", "/removed"),
        before: &[(
            "webhooks add https://example.com/last",
            "last",
            "/webhook/id",
        )],
        refused: ("{webhook}", 3, "{webhook}"),
        ..PLAIN
    },
    Case {
        command: "master-key show",
        people: ("", "current"),
        programs: ("", "/current"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "master-key rewrap",
        people: ("", "data keys are now under"),
        programs: ("", "/current"),
        refused: ("--url {url}", 4, "unauthenticated"),
        ..PLAIN
    },
    Case {
        command: "backup",
        people: ("{dir}/whole.backup", "bytes in"),
        programs: ("{dir}/removed.backup --deletions", "/bytes"),
        refused: ("{dir}/nowhere/whole.backup", 1, "cannot be written"),
        ..PLAIN
    },
];

#[test]
fn registrations_people_keys_and_webhooks_are_seen_to_by_people_and_programs() {
    tried(&mut Place::new(), CASES);
}
