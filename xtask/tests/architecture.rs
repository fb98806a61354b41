//! The invariants of `docs/ARCHITECTURE.md` that manifests and sources can show.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "architecture/manifest.rs"]
mod manifest;
#[path = "architecture/sources.rs"]
mod sources;

use std::fs;

use manifest::{Kind, Manifest};

/// What each crate stands directly on. An arrow to anything that these lead to may be drawn as well: it skips a level.
const DIRECT: [(&str, &[&str]); 15] = [
    ("cli", &["server", "sandbox"]),
    ("server", &["workflows"]),
    ("workflows", &["operations"]),
    ("operations", &["connections"]),
    ("connections", &["catalog", "microsoft", "store", "vault"]),
    ("catalog", &["model"]),
    ("microsoft", &["model"]),
    ("store", &["model"]),
    ("vault", &["model"]),
    ("model", &[]),
    (
        "sandbox",
        &["sandbox-business-central", "sandbox-dataverse"],
    ),
    ("sandbox-business-central", &["sandbox-odata"]),
    ("sandbox-dataverse", &["sandbox-odata"]),
    ("sandbox-odata", &[]),
    // It measures broker and runner in process.
    ("xtask", &["operations"]),
];
/// Most files have less than half of it. What outgrows it holds two things, and each has a name.
const LONGEST_FILE: usize = 500;
/// Who may try itself on the sandbox.
const TRIED_ON_THE_SANDBOX: [&str; 4] = ["connections", "operations", "server", "cli"];

fn is_below(upper: &str, lower: &str) -> bool {
    let direct = DIRECT
        .iter()
        .find(|(name, _)| *name == upper)
        .map_or(&[][..], |(_, below)| below);
    direct.contains(&lower) || direct.iter().any(|between| is_below(between, lower))
}

fn is_allowed(from: &str, to: &str, kind: Kind) -> bool {
    is_below(from, to)
        || (kind == Kind::Development && to == "sandbox" && TRIED_ON_THE_SANDBOX.contains(&from))
}

#[test]
fn every_crate_has_its_place() {
    let mut found: Vec<_> = manifest::all()
        .into_iter()
        .map(|crate_| crate_.name)
        .collect();
    let mut known: Vec<_> = DIRECT.map(|(name, _)| name.to_owned()).to_vec();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn no_arrow_between_crates_points_up_or_sideways() {
    let all = manifest::all();
    let is_ours = |name: &str| all.iter().any(|crate_| crate_.name == name);
    let wrong: Vec<_> = all
        .iter()
        .flat_map(|crate_| {
            crate_
                .dependencies
                .iter()
                .map(move |dependency| (crate_, dependency))
        })
        .filter(|(crate_, to)| is_ours(&to.name) && !is_allowed(&crate_.name, &to.name, to.kind))
        .map(|(crate_, to)| format!("{} → {} ({:?})", crate_.name, to.name, to.kind))
        .collect();
    assert!(wrong.is_empty(), "arrows that may not be: {wrong:?}");
}

#[test]
fn the_sandbox_depends_on_none_of_ours_even_in_its_tests() {
    let all = manifest::all();
    let is_its_own = |name: &str| name == "sandbox" || name.starts_with("sandbox-");
    let ours: Vec<_> = all
        .iter()
        .filter(|crate_| is_its_own(&crate_.name))
        .flat_map(|crate_| &crate_.dependencies)
        .filter(|dependency| all.iter().any(|crate_| crate_.name == dependency.name))
        .filter(|dependency| !is_its_own(&dependency.name))
        .collect();
    assert!(ours.is_empty(), "the sandbox depends on {ours:?}");
}

#[test]
fn only_store_knows_sql() {
    assert_only(&["store"], "sqlx");
}

#[test]
fn only_server_and_sandbox_know_axum() {
    assert_only(&["server", "sandbox"], "axum");
}

/// The command line speaks to the server with it, and the sandbox asks issuers outside for their keys: neither speaks to
/// Microsoft.
#[test]
fn only_microsoft_the_command_line_and_the_sandbox_send_requests() {
    assert_only(&["microsoft", "cli", "sandbox"], "reqwest");
}

#[test]
fn only_server_and_command_line_read_the_environment() {
    let readers = sources::lines_with(&[
        "std::env::var",
        "env::var(",
        "env::vars",
        "env::var_os",
        "Env::var",
    ]);
    let wrong: Vec<_> = readers
        .into_iter()
        .filter(|line| !line.is_in("crates/cli/") && !line.is_in("crates/server/src/config"))
        .collect();
    assert!(wrong.is_empty(), "the environment is read in {wrong:#?}");
}

/// In any cloud: a host that is named elsewhere would be the same in all of them. Microsoft's documentation is no part of a
/// cloud.
#[test]
fn only_microsoft_and_sandbox_name_a_host_of_microsoft() {
    let hosts = [
        "microsoftonline",
        "login.microsoft",
        "graph.microsoft.",
        "portal.azure.",
        "entra.microsoft.",
        "powerplatform.microsoft",
        "myapps.microsoft",
        "businesscentral.dynamics.com",
        "microsoftdynamics.us",
        "appsplatform.us",
        "dynamics.cn",
        "sharepoint.com",
        "sharepoint.us",
        "sharepoint-mil.us",
        "sharepoint.cn",
        "chinacloudapi",
    ];
    let at_home = [
        "crates/microsoft",
        "crates/sandbox",
        "crates/sandbox-business-central",
        "crates/sandbox-dataverse",
        "crates/sandbox-odata",
    ];
    let wrong: Vec<_> = sources::lines_with(&hosts)
        .into_iter()
        .filter(|line| !at_home.iter().any(|folder| line.is_in(folder)))
        .collect();
    assert!(
        wrong.is_empty(),
        "hosts of Microsoft are named in {wrong:#?}"
    );
}

#[test]
fn every_crate_opens_with_its_readme() {
    for crate_ in manifest::all() {
        assert!(
            crate_.folder.join("README.md").exists(),
            "`{}` has no README",
            crate_.name
        );
        let root = ["src/lib.rs", "src/main.rs"]
            .map(|file| fs::read_to_string(crate_.folder.join(file)).unwrap_or_default())
            .concat();
        assert!(
            root.contains("#![doc = include_str!(\"../README.md\")]"),
            "`{}` does not open with its README",
            crate_.name
        );
    }
}

#[test]
fn every_crate_is_on_the_map() {
    let map = fs::read_to_string(manifest::root().join("docs/ARCHITECTURE.md")).unwrap();
    for Manifest { name, .. } in manifest::all() {
        let is_there =
            map.contains(&format!("`{name}`")) || map.contains(&format!("crates/{name}"));
        assert!(
            is_there,
            "`docs/ARCHITECTURE.md` does not say what `{name}` is"
        );
    }
}

#[test]
fn no_file_is_longer_than_a_reader_follows() {
    let wrong = sources::files_longer_than(LONGEST_FILE);
    assert!(
        wrong.is_empty(),
        "longer than {LONGEST_FILE} lines, tests included: {wrong:#?}"
    );
}

/// Whether nothing but these crates is built on `dependency`; tests may be.
fn assert_only(crates: &[&str], dependency: &str) {
    let others: Vec<_> = manifest::all()
        .into_iter()
        .filter(|crate_| crate_.is_built_on(dependency) && !crates.contains(&crate_.name.as_str()))
        .map(|crate_| crate_.name)
        .collect();
    assert!(others.is_empty(), "`{dependency}` is used by {others:?}");
}
