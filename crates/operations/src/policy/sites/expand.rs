//! `$expand`, which brings related things along: only what is known to lie in the same site, or with no site at all.

use percent_encoding::percent_decode_str;
use url::Url;

use super::reach::Reach;

/// What leads from a site, list, item or drive to parts of itself.
const INSIDE: [&str; 27] = [
    "analytics",
    "canvaslayout",
    "children",
    "columns",
    "contenttype",
    "contenttypes",
    "documentsetversions",
    "drive",
    "driveitem",
    "drives",
    "fields",
    "horizontalsections",
    "items",
    "list",
    "listitem",
    "lists",
    "operations",
    "pages",
    "permissions",
    "root",
    "special",
    "subscriptions",
    "thumbnails",
    "titlearea",
    "versions",
    "verticalsection",
    "webparts",
];
/// What leads from people, mail, teams and chats to no site.
const ELSEWHERE: [&str; 27] = [
    "attachments",
    "calendar",
    "channels",
    "childfolders",
    "directreports",
    "event",
    "exceptionoccurrences",
    "extensions",
    "hostedcontents",
    "installedapps",
    "instances",
    "item",
    "itemattachment",
    "lastmessagepreview",
    "manager",
    "memberof",
    "members",
    "messagerules",
    "messages",
    "multivalueextendedproperties",
    "owners",
    "replies",
    "singlevalueextendedproperties",
    "tabs",
    "teamsapp",
    "teamsappdefinition",
    "transitivememberof",
];
/// Words that lead to other sites wherever they stand.
const LEAVES: [&str; 9] = [
    "filesfolder",
    "followedsites",
    "following",
    "getallsites",
    "recent",
    "remoteitem",
    "sharedwithme",
    "site",
    "sites",
];

/// What the options of `url` reach; `is_inside` where its path leads to a site or drive.
pub(super) fn of(url: &Url, is_inside: bool) -> Vec<Reach> {
    let query = url.query().unwrap_or_default();
    let stays = query
        .split('&')
        .all(|pair| stays(pair, if is_inside { &INSIDE } else { &ELSEWHERE }));
    if stays {
        return Vec::new();
    }
    vec![Reach::Beyond("`$expand` may bring along what is elsewhere")]
}

fn stays(pair: &str, allowed: &[&str]) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        let once = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        Some(once)
    };
    let (Some(name), Some(value)) = (plain(name), plain(value)) else {
        return false;
    };
    let name = name.trim().to_ascii_lowercase();
    // Encoded once more it might be `$expand` to somebody who decodes twice.
    if name.contains('%') {
        return false;
    }
    if name.ends_with("expand") {
        return expands_only(&value, allowed);
    }
    // Nor is it hidden in another option, for somebody who separates them by `;`.
    !value.to_ascii_lowercase().contains("expand=")
}

/// Whether each name that is expanded, at any depth, is allowed.
fn expands_only(value: &str, allowed: &[&str]) -> bool {
    let Some(value) = without_texts(&value.to_ascii_lowercase()) else {
        return false;
    };
    let words = || value.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    if value.contains(['%', '*']) || words().any(|word| LEAVES.contains(&word)) {
        return false;
    }
    // Only a site's own `drive` stays with it: a person's is one.
    if !allowed.contains(&"drive") && words().any(|word| word.starts_with("drive")) {
        return false;
    }
    names(&value).is_some_and(|names| {
        names.iter().all(|name| {
            let mut parts = name.split('/').map(|part| {
                let part = part.trim();
                part.strip_prefix("microsoft.graph.").unwrap_or(part)
            });
            parts.all(|part| allowed.contains(&part))
        })
    })
}

/// The value without what stands in quotes. `None` where a quote is not closed.
fn without_texts(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split('\'').collect();
    let outside: Vec<&str> = parts.iter().step_by(2).copied().collect();
    (parts.len() % 2 == 1).then(|| outside.join(" "))
}

/// The names that are expanded: those at the top, and those in an `expand` within parentheses. `None` where they do not close.
fn names(value: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for item in split(value, ',')? {
        let item = item.trim();
        let Some((name, options)) = item.split_once('(') else {
            found.push(item.to_owned());
            continue;
        };
        found.push(name.trim().to_owned());
        let options = options.strip_suffix(')')?;
        for option in split(options, ';')? {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            if key.trim().ends_with("expand") {
                found.extend(names(value)?);
            } else if value.contains("expand") {
                return None;
            }
        }
    }
    Some(found)
}

/// Splits at `separator` outside parentheses.
fn split(value: &str, separator: char) -> Option<Vec<&str>> {
    let (mut depth, mut from, mut parts) = (0_i32, 0, Vec::new());
    for (at, letter) in value.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if letter == separator && depth == 0 => {
                parts.push(&value[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
        if !(0..=16).contains(&depth) {
            return None;
        }
    }
    parts.push(&value[from..]);
    (depth == 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::of;

    fn stays(query: &str, is_inside: bool) -> bool {
        let url = format!("https://graph.microsoft.com/v1.0/x?{query}");
        of(&url.parse().unwrap(), is_inside).is_empty()
    }

    #[test]
    fn what_lies_in_the_site_may_come_along() {
        for query in [
            "",
            "$select=id,drive&$top=5",
            "$expand=fields",
            "$expand=fields($select=Title,Colour)",
            "$expand=items($expand=fields($select=Title),driveItem)",
            "expand=children($select=id,name)",
            "%24expand=thumbnails",
            "$expand=listItem($expand=fields)",
            "$expand=microsoft.graph.listItem/fields",
        ] {
            assert!(stays(query, true), "{query}");
        }
        for query in [
            "$expand=attachments",
            "$expand=singleValueExtendedProperties($filter=id eq 'String {0} Name drive')",
            "$expand=manager($levels=max;$select=id,displayName)",
            "$expand=microsoft.graph.itemattachment/item",
        ] {
            assert!(stays(query, false), "{query}");
        }
    }

    #[test]
    fn what_may_leave_it_does_not() {
        for query in [
            "$expand=sites",
            "$expand=SITES",
            "%24expand=sites",
            "%2524expand=sites",
            "$expand=%2573ites",
            "$Expand=sites",
            "expand=sites",
            "$select=id&$expand=fields&$expand=sites",
            "$select=id;$expand=sites",
            "$expand=lists($expand=items),sites",
            "$expand=lists($select=id,$expand=sites)",
            "$expand=lists($select=id;$expand=sites($select=id))",
            "$expand=*",
            "$expand=fields,unknown",
            "$expand=fields('",
            "$expand=fields)",
            "$expand=",
        ] {
            assert!(!stays(query, true), "{query}");
        }
        for query in [
            "$expand=drive",
            "$expand=drives",
            "$expand=manager($expand=drive)",
            "$expand=followedSites",
            "$expand=microsoft.graph.user/drive",
        ] {
            assert!(!stays(query, false), "{query}");
        }
    }
}
