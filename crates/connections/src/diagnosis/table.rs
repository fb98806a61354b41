//! What the services' refusals mean, as data: one file for each API, in our own words. The first row that fits says it.

use model::{Act, Api, Group};
use std::sync::LazyLock;

/// One kind of refusal, and what there is to say about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Any when absent.
    pub(super) status: Option<u16>,
    /// Of Microsoft's codes, the outer or an inner one; any when empty.
    pub(super) codes: Vec<&'static str>,
    /// In Microsoft's sentence, in small letters; anything when absent.
    says: Option<String>,
    pub(super) conditions: Vec<Condition>,
    pub(super) group: Group,
    pub(super) act: Act,
    pub(super) cause: &'static str,
    pub(super) steps: Vec<Step>,
}

/// What has to hold besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    User,
    Application,
    /// The grant is known to cover what was asked.
    Covered,
    /// The application's grant is for selected sites only.
    Selected,
    /// The token must meet more.
    Claims,
    /// The permission that is needed can be named.
    Named,
    /// The token is known to carry some permission, or none at all.
    Granted,
    Bare,
}

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) text: &'static str,
    pub(super) place: Option<Place>,
}

/// Where a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A page of Microsoft's documentation.
    Page(&'static str),
    /// A page of the app registration.
    Portal(&'static str),
    Consent,
    /// The center where environments are administered.
    PowerPlatform,
    /// `consentry connections VERB NAME`.
    Connections(&'static str),
    /// Another command.
    Command(&'static str),
}

/// What a refusal offers to be recognised by.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) status: u16,
    pub(super) codes: &'a [&'a str],
    pub(super) message: &'a str,
    pub(super) conditions: &'a [Condition],
}

static GRAPH: LazyLock<Vec<Row>> = LazyLock::new(|| read(include_str!("graph.tsv")));
static DATAVERSE: LazyLock<Vec<Row>> = LazyLock::new(|| read(include_str!("dataverse.tsv")));
static BUSINESS_CENTRAL: LazyLock<Vec<Row>> =
    LazyLock::new(|| read(include_str!("business_central.tsv")));

/// The rows of an API, in the order in which they are tried.
pub(super) fn of(api: Api) -> &'static [Row] {
    match api {
        Api::Graph => &GRAPH,
        Api::Dataverse => &DATAVERSE,
        Api::BusinessCentral => &BUSINESS_CENTRAL,
    }
}

/// The row that fits; each file's last one fits everything.
pub(super) fn find(api: Api, seen: &Seen<'_>) -> &'static Row {
    of(api)
        .iter()
        .find(|row| row.fits(seen))
        .expect("a file's last row fits everything, which a test reads")
}

/// Whether any row of the API names one of the codes.
pub(super) fn knows(api: Api, codes: &[&str]) -> bool {
    of(api).iter().any(|row| row.names(codes))
}

impl Row {
    fn fits(&self, seen: &Seen<'_>) -> bool {
        self.status.is_none_or(|status| status == seen.status)
            && (self.codes.is_empty() || self.names(seen.codes))
            && self
                .says
                .as_deref()
                .is_none_or(|words| seen.message.to_lowercase().contains(words))
            && self
                .conditions
                .iter()
                .all(|needed| seen.conditions.contains(needed))
    }

    /// Whether it was recognised by Microsoft's words.
    pub(super) fn says_words(&self) -> bool {
        self.says.is_some()
    }

    fn names(&self, codes: &[&str]) -> bool {
        codes
            .iter()
            .any(|code| self.codes.iter().any(|own| own.eq_ignore_ascii_case(code)))
    }
}

/// A line holds: status, codes, words of the message, conditions, group, actor, cause, steps. Lines that begin with `#` are
/// for the reader.
fn read(text: &'static str) -> Vec<Row> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(row)
        .collect()
}

fn row(line: &'static str) -> Row {
    let columns: Vec<_> = line.split('\t').collect();
    let &[status, codes, says, conditions, group, act, cause, steps] = columns.as_slice() else {
        panic!("a line of a table of refusals has eight columns, which a test reads: {line}")
    };
    let said = |text: &'static str| (text != "-").then_some(text);
    Row {
        status: said(status).map(|status| status.parse().expect("a status, which a test reads")),
        codes: said(codes).map_or_else(Vec::new, |codes| codes.split(' ').collect()),
        says: said(says).map(str::to_lowercase),
        conditions: said(conditions)
            .map_or_else(Vec::new, |all| all.split(',').map(condition).collect()),
        group: match group {
            "CF" => Group::ConnectionFailed,
            "PD" => Group::PermissionDenied,
            "TR" => Group::TokenRefreshFailed,
            _ => panic!("an unknown group, which a test reads: {line}"),
        },
        act: match act {
            "user" => Act::User,
            "admin" => Act::Administrator,
            "operator" => Act::Operator,
            "nobody" => Act::Nobody,
            _ => panic!("an unknown actor, which a test reads: {line}"),
        },
        cause,
        steps: steps.split(" | ").map(step).collect(),
    }
}

fn condition(word: &'static str) -> Condition {
    match word {
        "user" => Condition::User,
        "app" => Condition::Application,
        "covered" => Condition::Covered,
        "selected" => Condition::Selected,
        "claims" => Condition::Claims,
        "named" => Condition::Named,
        "granted" => Condition::Granted,
        "bare" => Condition::Bare,
        _ => panic!("an unknown condition, which a test reads: {word}"),
    }
}

/// `text -> https://…`, `text -> portal:PAGE`, `text -> consent`, `text -> power platform`, `text $ VERB`,
/// `text $$ COMMAND`.
fn step(text: &'static str) -> Step {
    if let Some((text, command)) = text.split_once(" $$ ") {
        return Step {
            text,
            place: Some(Place::Command(command)),
        };
    }
    if let Some((text, verb)) = text.split_once(" $ ") {
        return Step {
            text,
            place: Some(Place::Connections(verb)),
        };
    }
    let Some((text, link)) = text.split_once(" -> ") else {
        return Step { text, place: None };
    };
    let place = match (link, link.split_once(':')) {
        ("consent", _) => Place::Consent,
        ("power platform", _) => Place::PowerPlatform,
        (_, Some(("portal", page))) => Place::Portal(page),
        (_, Some(("https", _))) => Place::Page(link),
        _ => panic!("an unknown link, which a test reads: {link}"),
    };
    Step {
        text,
        place: Some(place),
    }
}

#[cfg(test)]
mod tests;
