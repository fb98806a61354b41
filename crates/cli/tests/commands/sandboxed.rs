//! A server and a sandbox, as a person would set them up by hand.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Outcome, Serving, command, run_with};
use crate::visitor::accept;

struct Place {
    data: TempDir,
    sandbox: Serving,
    _server: Serving,
}

impl Place {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let sandbox = Serving::start(&["sandbox", "--listen", "127.0.0.1:0"], &[]);
        let variables: Vec<(&str, &str)> = sandbox.ready["environment"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let path = text(data.path());
        let server = Serving::start(
            &["up", "--listen", "127.0.0.1:0", "--data", path],
            &variables,
        );
        Self {
            data,
            sandbox,
            _server: server,
        }
    }

    fn ask(&self, arguments: &[&str]) -> Outcome {
        self.ask_with(arguments, "")
    }

    fn ask_with(&self, arguments: &[&str], stdin: &str) -> Outcome {
        let data = ["--data", text(self.data.path())];
        let arguments: Vec<_> = arguments.iter().copied().chain(data).collect();
        run_with(&arguments, &[], stdin)
    }

    /// Connects Outlook as the sandbox's sample application.
    fn connect(&self, secret: &str) -> Outcome {
        self.connect_to("outlook", "organisation", secret)
    }

    fn connect_to(&self, service: &str, name: &str, secret: &str) -> Outcome {
        let application = &self.sandbox.ready;
        let arguments = [
            "connect",
            service,
            "--service-principal",
            "--name",
            name,
            "--cloud",
            "sandbox",
            "--tenant-id",
            application["tenant_id"].as_str().unwrap(),
            "--client-id",
            application["client_id"].as_str().unwrap(),
            "--client-secret-stdin",
        ];
        self.ask_with(&arguments, secret)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const BEN: &str = "mailbox=ben.okafor@contoso.com";

#[test]
fn an_application_is_connected_from_the_command_line_and_used() {
    let place = Place::new();
    let secret = place.sandbox.ready["client_secret"].as_str().unwrap();

    let refused = place.connect("not-the-secret\n");
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("AADSTS7000215"),
        "{}",
        refused.stderr
    );

    let connected = place.connect(&format!("{secret}\n"));
    assert_eq!(connected.code, 0, "{}", connected.stderr);
    assert!(!connected.stdout.contains(secret) && !connected.stderr.contains(secret));

    let list = ["run", "outlook.messages.list", "-c", "organisation", BEN];
    let page = place.ask(&[&list[..], &["top=2", "--json"]].concat());
    assert_eq!(page.json()["value"].as_array().unwrap().len(), 2);
    let cursor = page.stderr.split('\'').nth(1).unwrap();
    let second = place.ask(&[&list[..], &["top=2", "--json", "--cursor", cursor]].concat());
    assert_eq!(second.json()["value"].as_array().unwrap().len(), 2);

    let all = place.ask(&[&list[..], &["top=5", "select=subject", "--all", "--json"]].concat());
    let all = all.json().as_array().unwrap().len();
    let lines = place.ask(&[&list[..], &["top=5", "select=subject", "--all"]].concat());
    assert!(all > 5 && lines.stdout.lines().count() == all, "{all}");
}

#[test]
fn files_go_up_from_disk_or_stdin_and_come_down_whole() {
    let place = Place::new();
    let secret = place.sandbox.ready["client_secret"].as_str().unwrap();
    let connected = place.connect_to("onedrive", "drives", secret);
    assert_eq!(connected.code, 0, "{}", connected.stderr);
    let run = |arguments: &[&str], stdin: &str| {
        let outcome = place.ask_with(&[&["run", "-c", "drives"], arguments].concat(), stdin);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
        outcome
    };
    let drive = run(
        &[
            "onedrive.drives.getDefault",
            "user=ana.reis@contoso.com",
            "--json",
        ],
        "",
    );
    let drive = format!("driveId={}", drive.json()["id"].as_str().unwrap());
    let (here, back) = (
        place.data.path().join("here"),
        place.data.path().join("back"),
    );
    let large: String = (0..3_000_000)
        .map(|number| if number % 7 == 0 { 'a' } else { 'b' })
        .collect();
    std::fs::write(&here, &large).unwrap();
    for (operation, source, content) in [
        (
            "onedrive.files.createUploadSession",
            text(&here),
            large.as_str(),
        ),
        ("onedrive.files.createUploadSession", "-", "from stdin"),
        ("onedrive.files.upload", "-", "a small one"),
    ] {
        let up = [
            operation,
            &drive,
            "parentId=root",
            &format!("fileName={}.txt", content.len()),
            "--file",
            source,
            "--json",
        ];
        let item = run(&up, content).json();
        assert_eq!(item["size"], content.len(), "{operation}");
        let item = format!("itemId={}", item["id"].as_str().unwrap());
        let down = [
            "onedrive.files.download",
            &drive,
            &item,
            "--output",
            text(&back),
        ];
        run(&down, "");
        assert!(
            std::fs::read_to_string(&back).unwrap() == content,
            "{operation}"
        );
    }
}

/// Runs the rest inside a mount of its own of one MiB, and lists what is there in the end.
const IN_A_MEBIBYTE: &str = "mount -t tmpfs -o size=1m none \"$0\" || exit 99
    \"$@\"; code=$?; ls -A \"$0\"; exit $code";

#[test]
fn a_download_onto_a_full_disk_leaves_nothing_and_says_so() {
    let place = Place::new();
    let secret = place.sandbox.ready["client_secret"].as_str().unwrap();
    assert_eq!(place.connect_to("onedrive", "drives", secret).code, 0);
    let run = |arguments: &[&str], stdin: &str| {
        place.ask_with(
            &[&["run", "-c", "drives", "--json"], arguments].concat(),
            stdin,
        )
    };
    let drive = run(
        &["onedrive.drives.getDefault", "user=ana.reis@contoso.com"],
        "",
    )
    .json();
    let drive = format!("driveId={}", drive["id"].as_str().unwrap());
    let up = [
        "onedrive.files.createUploadSession",
        &drive,
        "parentId=root",
        "fileName=large",
        "--file",
        "-",
    ];
    let item = run(&up, &"x".repeat(3_000_000)).json();
    let item = format!("itemId={}", item["id"].as_str().unwrap());
    let small = place.data.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let file = small.join("large");
    let data = text(place.data.path());
    let down = [
        "run",
        "-c",
        "drives",
        "onedrive.files.download",
        &drive,
        &item,
        "--output",
        text(&file),
        "--data",
        data,
    ];
    let program = command(&down, &[]);
    let output = std::process::Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            IN_A_MEBIBYTE,
        ])
        .arg(&small)
        .arg(program.get_program())
        .args(program.get_args())
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("nothing was kept; make room"), "{said}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "",
        "nothing half done is left"
    );
}

#[test]
fn input_that_does_not_fit_is_refused_with_the_field_and_nothing_is_sent() {
    let place = Place::new();
    place.connect(place.sandbox.ready["client_secret"].as_str().unwrap());
    let cases: [(&[&str], i32, &str); 4] = [
        (&["outlook.messages.list", BEN, "tpo=2"], 2, "tpo"),
        (&["outlook.messages.list", BEN, "top=many"], 2, "top"),
        (&["outlook.messages.list"], 2, "mailbox"),
        (&["outlook.mesages.list", BEN], 3, "outlook.messages.list"),
    ];
    for (arguments, code, named) in cases {
        let arguments = [&["run", "-c", "organisation"], arguments].concat();
        let outcome = place.ask(&arguments);
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(named),
            "{arguments:?}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn a_dry_run_shows_the_request_and_sends_none() {
    let place = Place::new();
    place.connect(place.sandbox.ready["client_secret"].as_str().unwrap());
    let input = r#"{"message": {"subject": "Hello", "toRecipients": []}}"#;
    let arguments = [
        "run",
        "outlook.messages.send",
        "-c",
        "organisation",
        BEN,
        "--input",
        "-",
        "--dry-run",
        "--json",
    ];
    let plan = place.ask_with(&arguments, input);
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    assert!(plan.stdout.contains("sendMail"), "{}", plan.stdout);
    let sent = place.ask(&["activity", "--action", "outlook.messages.send", "--json"]);
    assert_eq!(sent.json(), Value::Array(Vec::new()));
}

#[test]
fn a_connection_is_looked_after_from_the_command_line() {
    let place = Place::new();
    place.connect(place.sandbox.ready["client_secret"].as_str().unwrap());
    let state = |how: &str| {
        let outcome = place.ask(&["connections", how, "organisation", "--json"]);
        (outcome.code, outcome.json()["state"].clone())
    };
    assert_eq!(state("show"), (0, "active".into()));
    assert_eq!(state("disable"), (0, "disabled".into()));
    let refused = place.ask(&["run", "outlook.messages.list", "-c", "organisation", BEN]);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert_eq!(state("enable"), (0, "active".into()));
    assert_eq!(place.ask(&["connections", "test", "organisation"]).code, 0);
    assert_eq!(place.ask(&["doctor", "organisation"]).code, 0);
    let doctor = place.ask(&["doctor", "--json"]).json();
    let names: Vec<_> = doctor["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    for looked_at in [
        "data directory",
        "disk",
        "server",
        "database",
        "key in use",
        "clock",
        "public url",
        "cloud",
    ] {
        assert!(names.contains(&looked_at), "{looked_at}: {doctor}");
    }
    let database = doctor["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "database");
    assert_eq!(database.unwrap()["ok"], true, "{doctor}");
    let queries = place.ask(&["connections", "queries", "organisation"]);
    assert!(
        queries.stdout.contains("AADServicePrincipalSignInLogs"),
        "{}",
        queries.stdout
    );
    let dependents = place.ask(&["connections", "dependents", "organisation"]);
    assert!(dependents.stdout.contains("stays"), "{}", dependents.stdout);
    assert_eq!(
        place.ask(&["connections", "delete", "organisation"]).code,
        2
    );
    assert_eq!(
        place
            .ask(&["connections", "delete", "organisation", "--yes"])
            .code,
        0
    );
    assert_eq!(place.ask(&["connections", "show", "organisation"]).code, 3);
}

#[test]
fn a_connect_link_is_printed_for_whoever_consents() {
    let place = Place::new();
    place.connect(place.sandbox.ready["client_secret"].as_str().unwrap());
    let connect = [
        "connect",
        "outlook",
        "--oauth",
        "--name",
        "ana",
        "--no-wait",
    ];
    let link = place.ask(&connect);
    assert_eq!(link.code, 0, "{}", link.stderr);
    assert!(link.stdout.contains("/connect/"), "{}", link.stdout);
    assert_eq!(place.ask(&connect).code, 1, "a name is taken once");
}

#[test]
fn connecting_a_user_waits_for_the_consent_and_so_does_reconnecting() {
    let place = Place::new();
    place.connect(place.sandbox.ready["client_secret"].as_str().unwrap());
    let waiting: [&[&str]; 2] = [
        &["connect", "outlook", "--oauth", "--name", "ana"],
        &["connections", "reconnect", "ana"],
    ];
    for arguments in waiting {
        let data = ["--json", "--data", text(place.data.path())];
        let arguments = [arguments, &data].concat();
        let mut child = command(&arguments, &[])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let link = stderr
            .lines()
            .map(Result::unwrap)
            .find(|line| line.contains("/connect/"));
        accept(link.unwrap().trim(), "ana.reis@contoso.com");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let connection: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(connection["state"], "active");
        assert_eq!(connection["identity"]["username"], "ana.reis@contoso.com");
    }
    let mail = place.ask(&[
        "run",
        "outlook.messages.list",
        "-c",
        "ana",
        "top=1",
        "--json",
    ]);
    assert_eq!(mail.json()["value"].as_array().unwrap().len(), 1);
}
