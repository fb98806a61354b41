//! `$expand`, which brings related things along: only what is known to lie in the same site, or with no site at all.

use url::Url;

use super::super::expand::{Allowed, brings_only};
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
    if brings_only(url, &Along { is_inside }) {
        return Vec::new();
    }
    vec![Reach::Beyond("`$expand` may bring along what is elsewhere")]
}

struct Along {
    is_inside: bool,
}

impl Allowed for Along {
    fn name(&self, name: &str) -> bool {
        if self.is_inside {
            INSIDE.contains(&name)
        } else {
            ELSEWHERE.contains(&name)
        }
    }

    /// Only a site's own `drive` stays with it: a person's is one.
    fn word(&self, word: &str) -> bool {
        !LEAVES.contains(&word) && (self.is_inside || !word.starts_with("drive"))
    }
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
