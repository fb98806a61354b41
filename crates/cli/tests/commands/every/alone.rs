//! What needs no server, and what is one.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::{Case, PLAIN, Place, refused, tried};
use crate::program::{Serving, command, run};

pub(crate) const CASES: &[Case] = &[
    Case {
        command: "operations list",
        people: ("--service outlook", "outlook.messages.send"),
        programs: ("--service outlook", "/0/id"),
        refused: ("--service outlok", 2, "outlok"),
        ..PLAIN
    },
    Case {
        command: "operations search",
        people: ("send message", "outlook.messages.send"),
        programs: ("send message", "/0/id"),
        refused: ("", 2, "WORDS"),
        ..PLAIN
    },
    Case {
        command: "operations show",
        people: ("outlook.messages.send", "Mail.Send"),
        programs: ("outlook.messages.send", "/id"),
        refused: ("outlook.mesages.send", 3, "outlook.messages.send"),
        ..PLAIN
    },
    Case {
        command: "operations manifest",
        people: (
            "--method oauth --operation outlook.messages.send",
            "Mail.Send",
        ),
        programs: (
            "--method oauth --operation outlook.messages.send",
            "/permissions/0",
        ),
        refused: ("--method password", 2, "password"),
        ..PLAIN
    },
    Case {
        command: "sandbox env",
        people: ("", "export CONSENTRY_CLOUDS__CUSTOM="),
        programs: ("", "/CONSENTRY_CLOUDS__CUSTOM"),
        refused: ("--listen 127.0.0.1:0", 2, "port 0"),
        ..PLAIN
    },
    Case {
        command: "completions",
        people: ("bash", "consentry"),
        programs: ("bash", "/script"),
        refused: ("cmd", 2, "cmd"),
        ..PLAIN
    },
];

/// Those that serve, or work on what no server holds.
pub(crate) const OWN: &[(&str, fn())] = &[
    ("up", up),
    ("demo", demo),
    ("sandbox", sandbox),
    ("sandbox exec", sandbox_exec),
    ("restore", restore),
];

#[test]
fn what_needs_no_server_answers_people_and_programs() {
    tried(&mut Place::empty(), CASES);
}

#[test]
fn what_serves_or_works_without_a_server_answers_people_and_programs() {
    for (_, try_it) in OWN {
        try_it();
    }
}

/// The first line for people of something that serves, which is ended then.
fn first_line(arguments: &[&str]) -> String {
    let mut child = command(arguments, &[])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    line
}

/// A program that serves says where, and ends well when it is asked to.
fn serves(arguments: &[&str], wrong: (&[&str], &str)) {
    let mut serving = Serving::start(arguments, &[]);
    let url = serving.ready["url"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert_eq!(serving.terminate(), Some(0));
    let line = first_line(arguments);
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    let (arguments, tells) = wrong;
    let outcome = refused(arguments[0], 2, tells, |more| {
        run(&[arguments, more].concat(), &[])
    });
    assert_eq!(outcome, Ok(()));
}

fn up() {
    let data = tempfile::tempdir().unwrap();
    let data = super::place::text(data.path());
    serves(
        &["up", "--listen", "127.0.0.1:0", "--data", data],
        (
            &["up", "--public-url", "nonsense", "--data", data],
            "public_url",
        ),
    );
}

/// Where it is configured, where its documents as an issuer are, and how its log looks.
#[test]
fn a_server_goes_by_the_options_that_it_is_started_with() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("elsewhere.toml");
    std::fs::write(&config, "[log]\nlevel = \"debug\"\n").unwrap();
    let issuer = "https://documents.contoso.com/issuer";
    let mut child = command(
        &[
            "up",
            "--listen",
            "127.0.0.1:0",
            "--data",
            super::place::text(data.path()),
            "--config",
            super::place::text(&config),
            "--issuer-url",
            issuer,
            "--log-format",
            "json",
            "--json",
        ],
        &[],
    )
    .stdin(Stdio::null())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut ready = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut ready).unwrap();
    let words = ["--data", super::place::text(data.path()), "--json"];
    let id = "6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10";
    let register = [
        "apps",
        "register",
        "x",
        "--tenant-id",
        id,
        "--client-id",
        id,
    ];
    let app = run(&[&register, &words[..]].concat(), &[]);
    assert_eq!(app.json()["federation"]["issuer"], issuer, "{}", app.stderr);
    child.kill().unwrap();
    let mut logged = BufReader::new(child.stderr.take().unwrap()).lines();
    let debug = logged.find_map(|line| {
        let line: Value = serde_json::from_str(&line.unwrap()).ok()?;
        (line["level"] == "DEBUG").then_some(line)
    });
    assert!(debug.is_some_and(|line| line["target"].is_string()));
    child.wait().unwrap();
}

#[test]
fn a_sandbox_may_hold_a_library_of_a_hundred_thousand() {
    let arguments = ["sandbox", "--listen", "127.0.0.1:0", "--scale"];
    let sandbox = Serving::start(&arguments, &[]);
    let url = sandbox.ready["url"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
}

fn sandbox() {
    serves(
        &["sandbox", "--listen", "127.0.0.1:0"],
        (&["sandbox", "--tls"], "--data"),
    );
}

fn sandbox_exec() {
    let script = |script: &str, more: &[&str]| {
        let words = ["sandbox", "exec"];
        run(&[&words, more, &["--", "sh", "-c", script]].concat(), &[])
    };
    for more in [&[][..], &["--json"]] {
        let outcome = script("echo $AZURE_TENANT_ID", more);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(
            !outcome.stdout.trim().is_empty(),
            "its output is the program's"
        );
    }
    let outcome = refused("sandbox exec", 1, "ended with", |more| {
        script("exit 3", more)
    });
    assert_eq!(outcome, Ok(()));
}

fn demo() {
    let people = run(&["demo", "--exit"], &[]);
    assert_eq!(people.code, 0, "{}", people.stderr);
    assert!(people.stderr.contains('✓') || people.stdout.contains('✓'));
    let programs = run(
        &["demo", "--exit", "--listen", "127.0.0.1:0", "--json"],
        &[],
    );
    assert_eq!(programs.json()["ok"], true);
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("consentry.db"), "").unwrap();
    let words = ["demo", "--exit", "--data", super::place::text(data.path())];
    let outcome = refused("demo", 2, "holds an installation", |more| {
        run(&[&words, more].concat(), &[])
    });
    assert_eq!(outcome, Ok(()));
}

/// A backup is put back into another data directory, with its key, for people and for programs; and not over what is there.
fn restore() {
    let place = Place::new();
    let made = place.ask("backup", "{dir}/whole.backup", &[]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    for (more, tells) in [(&[][..], "are back"), (&["--json"], "\"rows\"")] {
        let other = tempfile::tempdir().unwrap();
        let key = place.filled("{dir}/master.key");
        std::fs::copy(&key, other.path().join("master.key")).unwrap();
        let data = super::place::text(other.path());
        let more = [&["--data", data], more].concat();
        let back = place.ask("restore", "{dir}/whole.backup", &more);
        assert_eq!(back.code, 0, "{}", back.stderr);
        assert!(back.stdout.contains(tells), "{}", back.stdout);
    }
    // With a configuration of its own; and over what is there only when that is said.
    let other = tempfile::tempdir().unwrap();
    let config = other.path().join("elsewhere.toml");
    let key = place.filled("{dir}/master.key");
    std::fs::write(&config, format!("[master_key]\nfile = \"{key}\"\n")).unwrap();
    let (data, config) = (
        super::place::text(other.path()),
        super::place::text(&config),
    );
    let again = |more: &[&str]| {
        let more = [&["--data", data, "--config", config], more].concat();
        place.ask("restore", "{dir}/whole.backup", &more)
    };
    let back = again(&[]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    let outcome = refused("restore", 1, "--replace", |more| again(more));
    assert_eq!(outcome, Ok(()));
    let back = again(&["--replace"]);
    assert_eq!(back.code, 0, "{}", back.stderr);

    let outcome = refused("restore", 1, "in use by another process", |more| {
        place.ask("restore", "{dir}/whole.backup", more)
    });
    assert_eq!(outcome, Ok(()));
}
