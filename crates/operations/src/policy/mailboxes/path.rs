//! What the path of a request to Microsoft Graph leads to, segment by segment. Below a person everything is their mailbox but what
//! is known to be none; below anything else nothing is but what leads on to people and groups; what is not known is closed.
//!
//! Sources: <https://learn.microsoft.com/graph/api/resources/user>, <https://learn.microsoft.com/graph/api/resources/group>,
//! <https://learn.microsoft.com/graph/api/resources/mail-api-overview>.

use super::super::path::{segments, word};
use super::reach::Reach;

const OUTSIDE: Reach = Reach::Beyond("may reach mailboxes, and does not tell which");
const LEADS_ON: Reach = Reach::Beyond("leads on to people or groups that it does not name");

/// First segments below which mailboxes are reached by way of people and groups alone.
const ELSEWHERE: [&str; 15] = [
    "$batch",
    "applications",
    "appcatalogs",
    "chats",
    "communications",
    "directoryobjects",
    "drives",
    "oauth2permissiongrants",
    "organization",
    "places",
    "serviceprincipals",
    "shares",
    "sites",
    "teams",
    "teamstemplates",
];
/// What a person has outside their mailbox.
const NO_MAIL: [&str; 20] = [
    "approleassignments",
    "chats",
    "checkmembergroups",
    "checkmemberobjects",
    "directreports",
    "drive",
    "drives",
    "followedsites",
    "getmembergroups",
    "getmemberobjects",
    "joinedteams",
    "licensedetails",
    "manager",
    "memberof",
    "oauth2permissiongrants",
    "onlinemeetings",
    "presence",
    "teamwork",
    "transitivememberof",
    "transitivereports",
];
/// What a group has outside its own mailbox.
const OF_GROUPS: [&str; 9] = [
    "approleassignments",
    "drive",
    "drives",
    "memberof",
    "members",
    "owners",
    "sites",
    "team",
    "transitivemembers",
];
/// What leads to people and groups: a list, and one of it, and no further.
const PEOPLE: [&str; 18] = [
    "allmembers",
    "createdbyuser",
    "directreports",
    "group",
    "groups",
    "joinedgroups",
    "lastmodifiedbyuser",
    "manager",
    "memberof",
    "members",
    "ownedobjects",
    "owners",
    "transitivememberof",
    "transitivemembers",
    "transitivereports",
    "user",
    "users",
    "usersponsors",
];
/// The same among files, which may have any of the other names.
const PEOPLE_OF_FILES: [&str; 2] = ["createdbyuser", "lastmodifiedbyuser"];

/// A path below the version, still encoded.
pub(super) fn of_path(path: &str) -> Vec<Reach> {
    match segments(path) {
        Some(segments) => {
            let texts: Vec<&str> = segments.iter().map(String::as_str).collect();
            of_segments(&texts)
        }
        None => vec![OUTSIDE],
    }
}

/// Whether it is a search, whose body says what it looks for.
pub(super) fn is_search(path: &str) -> bool {
    segments(path).is_none_or(|segments| {
        segments
            .first()
            .is_some_and(|first| word(first) == "search")
    })
}

/// The last segment, as it is compared, without what may stand in parentheses behind it.
pub(super) fn last_word(path: &str) -> Option<String> {
    let last = word(segments(path)?.last()?);
    Some(last.split('(').next().unwrap_or_default().to_owned())
}

fn of_segments(segments: &[&str]) -> Vec<Reach> {
    let Some((first, rest)) = segments.split_first() else {
        return Vec::new();
    };
    match word(first).as_str() {
        "me" => person(Reach::Own, rest),
        "users" => match rest.split_first() {
            Some((name, rest)) => person(Reach::of(name), rest),
            None => Vec::new(),
        },
        "groups" => match rest.get(1).map(|segment| word(segment)) {
            Some(below) if !OF_GROUPS.contains(&below.as_str()) => {
                vec![Reach::Beyond("reaches what a group keeps in its mailbox")]
            }
            _ => onwards(rest),
        },
        "subscriptions" => rest
            .first()
            .map(|id| Reach::Subscription((*id).to_owned()))
            .into_iter()
            .collect(),
        "directoryobjects" if rest.len() > 1 => vec![LEADS_ON],
        // What is searched stands in the body.
        "search" if matches!(rest, [only] if word(only) == "query") => Vec::new(),
        name if ELSEWHERE.contains(&name) => onwards(segments),
        _ => vec![OUTSIDE],
    }
}

fn person(owner: Reach, rest: &[&str]) -> Vec<Reach> {
    let Some(first) = rest.first() else {
        return Vec::new();
    };
    if NO_MAIL.contains(&word(first).as_str()) {
        return onwards(rest);
    }
    let mut all = vec![owner];
    all.extend(onwards(rest));
    all
}

/// Whether it goes on to somebody who is not named.
fn onwards(segments: &[&str]) -> Vec<Reach> {
    let first = segments.first().map(|first| word(first));
    let is_file = matches!(
        first.as_deref(),
        Some("drive" | "drives" | "sites" | "shares")
    );
    let people: &[&str] = if is_file { &PEOPLE_OF_FILES } else { &PEOPLE };
    let leads = |at: usize| people.contains(&word(segments[at]).as_str());
    let Some(at) = (0..segments.len()).find(|at| leads(*at)) else {
        return Vec::new();
    };
    let beyond = segments.len() - at - 1;
    let ends = segments.last().is_some_and(|last| last.starts_with('$'));
    if beyond <= 1 || (beyond == 2 && ends) {
        return Vec::new();
    }
    vec![LEADS_ON]
}

#[cfg(test)]
mod tests;
