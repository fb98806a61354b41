//! Every command is run against a real server: for people, for programs, and refused once. What there is to run comes from the
//! help, so a command that nobody tries fails the build of this list.

mod administration;
mod alone;
mod connections;
mod material;
mod options;
mod place;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{Outcome, run};

use place::Place;

/// One command, tried.
struct Case {
    /// As its help has it: `keys create`.
    command: &'static str,
    /// For people: what is said after it, and a part of what it answers.
    people: (&'static str, &'static str),
    /// With `--json`: what is said after it, and a pointer into the document that it answers.
    programs: (&'static str, &'static str),
    /// What it is refused for: what is said after it, its exit code, and a part of what it says then.
    refused: (&'static str, i32, &'static str),
    /// What is run first: a line, the name for what it answers, and the pointer to that.
    before: &'static [(&'static str, &'static str, &'static str)],
    /// What later cases take from the document, by name.
    keep: &'static [(&'static str, &'static str)],
}

/// With nothing before and after it.
const PLAIN: Case = Case {
    command: "",
    people: ("", ""),
    programs: ("", ""),
    refused: ("", 0, ""),
    before: &[],
    keep: &[],
};

/// Tries these in their order; `{name}` stands for what is known by then. Whatever is wrong is told at once.
fn tried(place: &mut Place, cases: &[Case]) {
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| case.tried(place).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

impl Case {
    fn tried(&self, place: &mut Place) -> Result<(), String> {
        let command = self.command;
        for (line, name, pointer) in self.before {
            let document = worked(line, &place.ask("", line, &["--json"]))?.json();
            place.keep(name, at(line, &document, pointer)?);
        }
        let (said, tells) = self.people;
        let outcome = place.ask(command, said, &[]);
        let line = format!("{command} {said}");
        worked(&line, &outcome)?;
        told(&line, &outcome.stdout, &place.filled(tells))?;
        if serde_json::from_str::<Value>(&outcome.stdout).is_ok() {
            return Err(format!("`{line}` answers a document to a person"));
        }

        let (said, pointer) = self.programs;
        let line = format!("{command} {said} --json");
        let document = worked(&line, &place.ask(command, said, &["--json"]))?.json();
        at(&line, &document, pointer)?;
        for (name, pointer) in self.keep {
            place.keep(name, at(&line, &document, pointer)?);
        }
        let (said, code, tells) = self.refused;
        let line = format!("{command} {said}");
        refused(&line, code, &place.filled(tells), |more| {
            place.ask(command, said, more)
        })
    }
}

fn worked<'a>(line: &str, outcome: &'a Outcome) -> Result<&'a Outcome, String> {
    match outcome.code {
        0 => Ok(outcome),
        code => Err(format!("`{line}` ends with {code}: {}", outcome.stderr)),
    }
}

fn told(line: &str, text: &str, tells: &str) -> Result<(), String> {
    if text.contains(tells) {
        return Ok(());
    }
    Err(format!("`{line}` does not tell `{tells}`: {text}"))
}

fn at<'a>(line: &str, document: &'a Value, pointer: &str) -> Result<&'a Value, String> {
    document
        .pointer(pointer)
        .filter(|found| !found.is_null())
        .ok_or_else(|| format!("`{line}` has no `{pointer}`: {document}"))
}

/// Says why on stderr, and to programs the same as a document, unless the command line itself was wrong.
fn refused(
    line: &str,
    code: i32,
    tells: &str,
    ask: impl Fn(&[&'static str]) -> Outcome,
) -> Result<(), String> {
    for more in [&[][..], &["--json"]] {
        let outcome = ask(more);
        if outcome.code != code {
            let ends = outcome.code;
            return Err(format!("`{line}` ends with {ends}: {}", outcome.stderr));
        }
        told(line, &outcome.stderr, tells)?;
        if !more.is_empty() && !outcome.stdout.is_empty() && outcome.json()["exit_code"] != code {
            return Err(format!("`{line}` tells programs: {}", outcome.stdout));
        }
    }
    Ok(())
}

/// The commands that do something, as the help lists them.
fn commands(path: &[String], found: &mut BTreeSet<String>) {
    let arguments: Vec<_> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = run(&arguments, &[]).stdout;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<_> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '))
        })
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    // `activity` and `sandbox` do something by themselves as well.
    let does_something = names.is_empty() || help.contains("[OPTIONS]\n");
    if !path.is_empty() && does_something {
        found.insert(path.join(" "));
    }
    for name in names {
        let below: Vec<_> = path.iter().cloned().chain([name.to_owned()]).collect();
        commands(&below, found);
    }
}

#[test]
fn there_is_no_command_that_nobody_tries() {
    let mut there = BTreeSet::new();
    commands(&[], &mut there);
    assert!(
        there.contains("sandbox") && there.contains("activity"),
        "{there:?}"
    );
    assert!(!there.contains("webhooks") && there.contains("webhooks list"));
    let told = connections::CASES.iter().chain(administration::CASES);
    let told = told.chain(alone::CASES).map(|case| case.command);
    let own = alone::OWN.iter().map(|(command, _)| *command);
    let tried: BTreeSet<_> = told.chain(own).map(str::to_owned).collect();
    assert_eq!(there, tried);
}

/// What is tried elsewhere: the command, the option, and where.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("activity", "--follow", "follow.rs"),
    ("apps add-proof", "--client-secret-stdin", "options.rs"),
    ("events", "--after", "options.rs"),
    ("connect", "--admin-consent", "system/bootstrap/users.rs"),
    ("connect", "--browser", "system/bootstrap/killed.rs"),
    ("connect", "--client-secret-stdin", "sandboxed.rs"),
    ("connect", "--dataverse-role", "system/bootstrap.rs"),
    ("connect", "--yes", "system/bootstrap.rs"),
    ("connections rotate", "--client-secret-stdin", "options.rs"),
    ("demo", "--exit", "alone.rs"),
    ("demo", "--listen", "alone.rs"),
    ("restore", "--config", "alone.rs"),
    ("restore", "--database-url", "system/backup.rs"),
    ("restore", "--deletions", "system/backup.rs"),
    ("restore", "--replace", "alone.rs"),
    ("run", "--all", "sandboxed.rs"),
    ("run", "--cursor", "sandboxed.rs"),
    ("run", "--dry-run", "sandboxed.rs"),
    ("run", "--file", "sandboxed.rs"),
    ("run", "--input", "sandboxed.rs"),
    ("run", "--output", "sandboxed.rs"),
    ("sandbox", "--listen", "alone.rs"),
    ("sandbox", "--scale", "alone.rs"),
    ("sandbox", "--tls", "alone.rs"),
    ("up", "--config", "alone.rs"),
    ("up", "--database-url", "system/server.rs"),
    ("up", "--issuer-url", "alone.rs"),
    ("up", "--listen", "alone.rs"),
    ("up", "--log-format", "alone.rs"),
    ("up", "--public-url", "alone.rs"),
];
/// Of every command: `input.rs` and all others go by them.
const OF_ALL: [&str; 4] = ["--json", "--data", "--url", "--help"];

/// The long options of a command, as its help lists them.
fn options(command: &str) -> BTreeSet<String> {
    let arguments: Vec<_> = command.split(' ').chain(["--help"]).collect();
    let help = run(&arguments, &[]).stdout;
    let lines = help.lines().map(str::trim_start);
    let named = lines.filter(|line| line.starts_with('-'));
    let long = named.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
    long.filter(|option| !OF_ALL.contains(option))
        .map(str::to_owned)
        .collect()
}

#[test]
fn there_is_no_option_that_nobody_tries() {
    let mut there = BTreeSet::new();
    commands(&[], &mut there);
    let cases = connections::CASES.iter().chain(administration::CASES);
    let cases = cases.chain(alone::CASES);
    let mut lines: Vec<String> = Vec::new();
    for case in cases {
        for said in [case.people.0, case.programs.0] {
            lines.push(format!("{} {said}", case.command));
        }
        lines.extend(case.before.iter().map(|(line, _, _)| (*line).to_owned()));
    }
    let more = [options::OF_CONNECTIONS, options::OF_PROOFS, options::ALONE].concat();
    lines.extend(more.iter().map(options::Line::text));
    let is_tried = |command: &str, option: &str| {
        let here = |line: &String| {
            line.starts_with(&format!("{command} ")) && line.split(' ').any(|word| word == option)
        };
        let elsewhere = |known: &(&str, &str, &str)| (known.0, known.1) == (command, option);
        lines.iter().any(here) || ELSEWHERE.iter().any(elsewhere)
    };
    let mut untried = Vec::new();
    for command in &there {
        for option in options(command) {
            if !is_tried(command, &option) {
                untried.push(format!("{command} {option}"));
            }
        }
    }
    assert!(untried.is_empty(), "nobody tries {untried:#?}");
}
