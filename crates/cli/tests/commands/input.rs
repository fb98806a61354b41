use crate::program::{run, run_with};

#[test]
fn a_wrong_command_line_exits_with_2_and_leaves_stdout_empty() {
    let wrong: [&[&str]; 7] = [
        &[],
        &["conect"],
        &["connect", "outlok", "--oauth", "--name", "a"],
        &["connect", "outlook", "--name", "a"],
        &[
            "connect",
            "outlook",
            "--oauth",
            "--service-principal",
            "--name",
            "a",
        ],
        &["run", "outlook.messages.list"],
        &["activity", "--since", "yesterday"],
    ];
    for arguments in wrong {
        let outcome = run(arguments, &[]);
        assert_eq!(outcome.code, 2, "{arguments:?}");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(!outcome.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn with_json_a_wrong_command_line_is_told_to_programs_too() {
    let wrong: [&[&str]; 3] = [
        &["conect", "--json"],
        &["--json", "run", "outlook.messages.list"],
        &["connect", "outlook", "--name", "a", "--json"],
    ];
    for arguments in wrong {
        let outcome = run(arguments, &[]);
        assert_eq!(outcome.code, 2, "{arguments:?}");
        let told = outcome.json();
        assert_eq!(told["exit_code"], 2, "{arguments:?}");
        assert!(told["error"].is_string() && told["hint"].is_string());
        assert!(!outcome.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_catalogue_is_an_array_of_objects_with_ids_and_needs_no_server() {
    let listed = run(&["operations", "list", "--json"], &[]);
    assert_eq!(listed.code, 0);
    let operations = listed.json();
    let ids: Vec<_> = operations
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| operation["id"].as_str().unwrap())
        .collect();
    assert!(ids.contains(&"outlook.messages.send"), "{ids:?}");
}

#[test]
fn an_operation_is_found_by_words_and_shown_whole() {
    let found = run(&["operations", "search", "reply", "--json"], &[]).json();
    assert_eq!(found[0]["id"], "outlook.messages.reply");
    let shown = run(
        &["operations", "show", "outlook.messages.reply", "--json"],
        &[],
    )
    .json();
    assert_eq!(shown["oauth"]["permissions"]["any"][0], "Mail.Send");
    let fields = &shown["service_principal"]["input_schema"]["required"];
    assert!(fields.to_string().contains("mailbox"), "{fields}");
}

#[test]
fn a_mistyped_operation_exits_with_3_and_a_hint() {
    let outcome = run(&["operations", "show", "outlook.mesages.send"], &[]);
    assert_eq!(outcome.code, 3);
    assert!(
        outcome
            .stderr
            .contains("hint: did you mean `outlook.messages.send`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn without_a_server_the_hint_says_how_to_start_or_name_one() {
    let outcome = run(&["connections", "list", "--json"], &[]);
    assert_eq!(outcome.code, 6);
    assert!(
        outcome
            .stderr
            .contains("hint: start one with `consentry up`"),
        "{}",
        outcome.stderr
    );
    assert_eq!(outcome.json()["exit_code"], 6);
}

#[test]
fn a_server_that_does_not_answer_is_unreachable() {
    let nobody = [("CONSENTRY_URL", "http://127.0.0.1:1")];
    let outcome = run(&["connections", "list"], &nobody);
    assert_eq!(outcome.code, 6);
    assert!(
        outcome
            .stderr
            .starts_with("error: `http://127.0.0.1:1/` does not answer"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn an_unknown_key_of_the_configuration_is_a_usage_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    std::fs::write(
        directory.path().join("consentry.toml"),
        "[listen]\nport = 1\n",
    )
    .unwrap();
    let outcome = run(&["up", "--data", path], &[]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("`listen.port`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn piped_output_has_no_escape_codes() {
    for arguments in [
        &["operations", "list"][..],
        &["--help"],
        &["operations", "show", "outlook.messages.list"],
    ] {
        let outcome = run_with(arguments, &[], "");
        assert!(!outcome.stdout.contains('\u{1b}'), "{arguments:?}");
        assert!(!outcome.stderr.contains('\u{1b}'), "{arguments:?}");
    }
}
