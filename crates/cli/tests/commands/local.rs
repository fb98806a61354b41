//! A server of one's own, spoken to over the socket in its data directory.

use std::path::Path;

use crate::program::{Outcome, Serving, run};

fn up(data: &Path) -> Serving {
    Serving::start(
        &["up", "--listen", "127.0.0.1:0", "--data", text(data)],
        &[],
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn ask(data: &Path, arguments: &[&str]) -> Outcome {
    let arguments: Vec<_> = arguments
        .iter()
        .copied()
        .chain(["--data", text(data)])
        .collect();
    run(&arguments, &[])
}

#[test]
fn the_owner_of_the_data_directory_needs_no_key_and_everybody_else_does() {
    let data = tempfile::tempdir().unwrap();
    let server = up(data.path());
    let url = server.ready["url"].as_str().unwrap();

    assert_eq!(
        ask(data.path(), &["connections", "list", "--json"]).json(),
        serde_json::json!([])
    );
    let without = run(&["connections", "list"], &[("CONSENTRY_URL", url)]);
    assert_eq!(without.code, 4, "{}", without.stderr);
    assert!(without.stderr.contains("hint: "), "{}", without.stderr);

    let made = ask(
        data.path(),
        &["keys", "create", "nightly", "--role", "builder", "--json"],
    )
    .json();
    let key = made["secret"].as_str().unwrap();
    let with = [("CONSENTRY_URL", url), ("CONSENTRY_API_KEY", key)];
    assert_eq!(run(&["connections", "list"], &with).code, 0);

    let id = made["key"]["id"].as_str().unwrap();
    assert_eq!(ask(data.path(), &["keys", "revoke", id]).code, 0);
    assert_eq!(run(&["connections", "list"], &with).code, 4);
    let actions = ask(data.path(), &["activity", "--action", "key.", "--json"])
        .json()
        .to_string();
    assert!(
        actions.contains("key.create") && actions.contains("key.revoke"),
        "{actions}"
    );
}

#[test]
fn the_log_calls_a_key_by_its_name() {
    let data = tempfile::tempdir().unwrap();
    let server = up(data.path());
    let create = ["keys", "create", "boss", "--role", "admin", "--json"];
    let made = ask(data.path(), &create).json();
    let with = [
        ("CONSENTRY_URL", server.ready["url"].as_str().unwrap()),
        ("CONSENTRY_API_KEY", made["secret"].as_str().unwrap()),
    ];
    assert_eq!(run(&["keys", "create", "nightly"], &with).code, 0);
    let lines = ask(data.path(), &["activity", "--action", "key.create"]);
    assert!(lines.stdout.contains("  boss  "), "{}", lines.stdout);
}

#[test]
fn what_is_not_there_exits_with_3() {
    let data = tempfile::tempdir().unwrap();
    let _server = up(data.path());
    let wrong: [&[&str]; 4] = [
        &["connections", "show", "nobody"],
        &["run", "outlook.messages.list", "--connection", "nobody"],
        &[
            "connect", "outlook", "--oauth", "--name", "ana", "--app", "nobody",
        ],
        &["sign-in-link", "nobody@contoso.com"],
    ];
    for arguments in wrong {
        let outcome = ask(data.path(), arguments);
        assert_eq!(outcome.code, 3, "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn a_server_ends_when_asked_and_the_next_one_goes_on() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(up(data.path()).terminate(), Some(0));
    let server = up(data.path());
    let second = run(
        &["up", "--listen", "127.0.0.1:0", "--data", text(data.path())],
        &[],
    );
    assert_eq!(second.code, 1);
    assert!(
        second.stderr.contains("in use by another process"),
        "{}",
        second.stderr
    );
    drop(server);
}
