//! What the path of a request to Microsoft Graph leads to, segment by segment. What is not known to stay in its site is taken to
//! leave it.
//!
//! Sources: <https://learn.microsoft.com/graph/api/resources/site>, <https://learn.microsoft.com/graph/api/resources/drive>,
//! <https://learn.microsoft.com/graph/api/resources/shareddriveitem>.

use connections::Snapshot;
use model::SiteUrl;
use url::Url;

use super::super::path::{below_root, encoded, segments, word};
use super::reach::{Reach, SiteName};

const OUTSIDE: Reach = Reach::Beyond("does not lie in a site or drive that could be told");
const LISTS_SITES: Reach = Reach::Beyond("lists sites, wherever they are");

/// First segments below which there is nothing of sites and drives but what is looked for.
const ELSEWHERE: [&str; 12] = [
    "$batch",
    "applications",
    "appcatalogs",
    "chats",
    "communications",
    "directoryobjects",
    "oauth2permissiongrants",
    "organization",
    "places",
    "serviceprincipals",
    "teams",
    "teamstemplates",
];

pub(super) fn of(snapshot: &Snapshot, url: &Url) -> Vec<Reach> {
    match below_root(snapshot, url) {
        Some(path) => of_path(path),
        None => vec![Reach::Monitor(url.clone())],
    }
}

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

fn of_segments(segments: &[&str]) -> Vec<Reach> {
    let Some((first, rest)) = segments.split_first() else {
        return Vec::new();
    };
    match word(first).as_str() {
        "sites" => sites(rest),
        "drives" => drives(rest),
        "shares" => shares(rest),
        "me" => person("me", rest),
        "users" => match rest.split_first() {
            Some((id, rest)) => person(&format!("users/{}", encoded(id)), rest),
            None => Vec::new(),
        },
        "groups" => match rest.get(1).map(|segment| word(segment)) {
            Some(below) if below != "members" && below != "owners" => vec![OUTSIDE],
            _ => Vec::new(),
        },
        "subscriptions" => rest
            .first()
            .map(|id| Reach::Subscription((*id).to_owned()))
            .into_iter()
            .collect(),
        "search" => vec![Reach::Beyond("searches everywhere")],
        "teams" if rest.iter().any(|segment| word(segment) == "filesfolder") => files_folder(rest),
        name if ELSEWHERE.contains(&name) => Vec::new(),
        _ => vec![OUTSIDE],
    }
}

fn sites(rest: &[&str]) -> Vec<Reach> {
    let Some((name, rest)) = rest.split_first() else {
        return vec![LISTS_SITES];
    };
    let whole = word(name);
    let is_function = ["getallsites", "delta", "add", "remove", "$count"]
        .iter()
        .any(|function| whole == *function)
        || whole.contains('(');
    if is_function {
        return vec![LISTS_SITES];
    }
    let Some(host) = name.strip_suffix(':') else {
        return site_and(SiteName::of(name), rest);
    };
    let end = rest.iter().position(|segment| segment.ends_with(':'));
    let (path, rest) = match end {
        Some(end) => (&rest[..=end], &rest[end + 1..]),
        None => (rest, &rest[rest.len()..]),
    };
    let path = path.join("/");
    let path = path.strip_suffix(':').unwrap_or(&path);
    let site = match SiteUrl::at(host, path) {
        Ok(url) if !path.is_empty() => SiteName::At(url),
        _ => SiteName::Unclear(format!("{name}/{path}")),
    };
    site_and(site, rest)
}

fn site_and(site: SiteName, rest: &[&str]) -> Vec<Reach> {
    let mut all = vec![Reach::Site(site)];
    let Some((first, rest)) = rest.split_first() else {
        return all;
    };
    match word(first).as_str() {
        "drive" => all.extend(in_drive(rest)),
        "drives" if rest.is_empty() => {}
        "drives" => all.extend(drives(rest)),
        // Those below, each a site of its own.
        "sites" => all.extend(sites(rest)),
        "lists" => all.extend(in_lists(rest)),
        "columns" | "contenttypes" | "items" | "pages" | "permissions" => {}
        _ => all.push(OUTSIDE),
    }
    all
}

fn in_lists(rest: &[&str]) -> Vec<Reach> {
    match rest {
        [_, drive, rest @ ..] if word(drive) == "drive" => in_drive(rest),
        _ => Vec::new(),
    }
}

fn drives(rest: &[&str]) -> Vec<Reach> {
    let Some((id, rest)) = rest.split_first() else {
        return vec![Reach::Beyond("lists drives, wherever they are")];
    };
    let mut all = vec![Reach::Drive((*id).to_owned())];
    all.extend(in_drive(rest));
    all
}

/// Below a drive. Its own search, unlike one below an item, finds what others share.
fn in_drive(rest: &[&str]) -> Vec<Reach> {
    let Some(first) = rest.first() else {
        return Vec::new();
    };
    let first = word(first);
    match first.strip_suffix(':').unwrap_or(&first) {
        "root" | "items" | "special" | "list" | "bundles" => Vec::new(),
        _ => vec![Reach::Beyond("finds files of other drives too")],
    }
}

fn shares(rest: &[&str]) -> Vec<Reach> {
    let Some((token, rest)) = rest.split_first() else {
        return vec![OUTSIDE];
    };
    let mut all = vec![Reach::Share((*token).to_owned())];
    match rest.first().map(|segment| word(segment)).as_deref() {
        Some("driveitem" | "root" | "listitem") => {}
        _ => all.push(OUTSIDE),
    }
    all
}

fn person(owner: &str, rest: &[&str]) -> Vec<Reach> {
    let Some((first, rest)) = rest.split_first() else {
        return Vec::new();
    };
    match word(first).as_str() {
        "drive" => {
            let mut all = vec![Reach::OwnDrive(owner.to_owned())];
            all.extend(in_drive(rest));
            all
        }
        "drives" => drives(rest),
        "followedsites" => vec![LISTS_SITES],
        "insights" | "onenote" | "sites" => vec![OUTSIDE],
        _ => Vec::new(),
    }
}

fn files_folder(rest: &[&str]) -> Vec<Reach> {
    match rest {
        [team, channels, channel, folder]
            if word(channels) == "channels" && word(folder) == "filesfolder" =>
        {
            let (team, channel) = (encoded(team), encoded(channel));
            vec![Reach::FilesFolder {
                path: format!("/teams/{team}/channels/{channel}/filesFolder"),
            }]
        }
        _ => vec![OUTSIDE],
    }
}

/// The drive that a copy's progress is told of: `…/_api/v2.1/drives/{id}/operations/{id}`.
pub(super) fn drive_of_monitor(url: &Url) -> Option<String> {
    let segments = segments(url.path())?;
    let words: Vec<String> = segments.iter().map(|segment| word(segment)).collect();
    match words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["_api", _, "drives", _, "operations", ..] => segments.get(3).cloned(),
        [_, _, "_api", _, "drives", _, "operations", ..] => segments.get(5).cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
