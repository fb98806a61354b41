//! Options that bring along what is elsewhere: `$expand`, and settings of mailboxes among the properties of people.

use url::Url;

use super::super::expand::{Allowed, brings_only, option};
use super::reach::Reach;

/// What leads from parts of a mailbox to parts of the same.
const INSIDE: [&str; 26] = [
    "attachments",
    "calendar",
    "calendarpermissions",
    "calendars",
    "calendarview",
    "checklistitems",
    "childfolders",
    "contactfolders",
    "contacts",
    "event",
    "events",
    "exceptionoccurrences",
    "extensions",
    "fileattachment",
    "instances",
    "item",
    "itemattachment",
    "linkedresources",
    "messagerules",
    "messages",
    "multivalueextendedproperties",
    "photo",
    "referenceattachment",
    "singlevalueextendedproperties",
    "tasks",
    "userconfigurations",
];
/// What leads from people, chats, sites and drives to no mailbox.
const ELSEWHERE: [&str; 45] = [
    "analytics",
    "canvaslayout",
    "channels",
    "children",
    "columns",
    "contenttype",
    "contenttypes",
    "directreports",
    "documentsetversions",
    "drive",
    "driveitem",
    "drives",
    "extensions",
    "fields",
    "hostedcontents",
    "horizontalsections",
    "installedapps",
    "items",
    "lastmessagepreview",
    "list",
    "listitem",
    "lists",
    "manager",
    "memberof",
    "members",
    "operations",
    "owners",
    "pages",
    "permissions",
    "replies",
    "root",
    "site",
    "sites",
    "special",
    "subscriptions",
    "tabs",
    "teamsapp",
    "teamsappdefinition",
    "thumbnails",
    "titlearea",
    "transitivememberof",
    "versions",
    "verticalsection",
    "webparts",
    "workbook",
];

/// What the options of `url` reach; `is_inside` where its path leads into a mailbox.
pub(super) fn of(url: &Url, is_inside: bool) -> Vec<Reach> {
    let mut all = Vec::new();
    if !brings_only(url, &Along { is_inside }) {
        all.push(Reach::Beyond("`$expand` may bring along what is elsewhere"));
    }
    let pairs = || url.query().unwrap_or_default().split('&');
    if !is_inside && pairs().any(reads_settings) {
        all.push(Reach::Beyond("reads settings of mailboxes with people"));
    }
    all
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

    fn word(&self, word: &str) -> bool {
        self.is_inside || word != "mailboxsettings"
    }
}

/// `mailboxSettings` of a person comes with `$select`.
///
/// Source: <https://learn.microsoft.com/graph/api/user-get>.
fn reads_settings(pair: &str) -> bool {
    option(pair).is_none_or(|(name, value)| {
        value.to_ascii_lowercase().contains("mailboxsettings")
            || (name.ends_with("select") && value.contains('%'))
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    fn stays(query: &str, is_inside: bool) -> bool {
        let url = format!("https://graph.microsoft.com/v1.0/x?{query}");
        of(&url.parse().unwrap(), is_inside).is_empty()
    }

    #[test]
    fn what_lies_in_the_mailbox_may_come_along() {
        for query in [
            "$expand=attachments",
            "$expand=microsoft.graph.itemattachment/item",
            "$expand=singleValueExtendedProperties($filter=id eq 'String {0} Name manager')",
            "$expand=calendar($expand=events)",
            "$select=id,subject",
        ] {
            assert!(stays(query, true), "{query}");
        }
        for query in [
            "$expand=manager($select=id)",
            "$expand=fields($select=Title)",
            "$expand=members",
            "$select=id,displayName",
        ] {
            assert!(stays(query, false), "{query}");
        }
    }

    #[test]
    fn what_may_leave_it_does_not() {
        for query in ["$expand=manager", "$expand=unknown", "%2524expand=manager"] {
            assert!(!stays(query, true), "{query}");
        }
        for query in [
            "$expand=calendar",
            "$expand=manager($expand=messages)",
            "$expand=microsoft.graph.user/events",
            "$expand=*",
            "$select=id,mailboxSettings",
            "$select=mailbox%2553ettings",
            "$filter=MailboxSettings/userPurpose eq 'shared'",
            "$expand=manager($select=mailboxSettings)",
        ] {
            assert!(!stays(query, false), "{query}");
        }
    }
}
