//! Definitions of tables. They hold no rows: what a listed table is made of may be read, with the names that its relations have. All
//! tables at once, by an id, or changes are refused.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api>.

use super::super::address::{Segment, split};
use super::reach::{Reach, UNCLEAR, UNKNOWN_OPTION};

/// What a definition is made of.
const PARTS: [&str; 7] = [
    "Attributes",
    "GlobalOptionSet",
    "Keys",
    "ManyToManyRelationships",
    "ManyToOneRelationships",
    "OneToManyRelationships",
    "OptionSet",
];

pub(super) fn of(
    method: &str,
    first: &Segment,
    rest: &[Segment],
    options: &[(String, String)],
) -> Vec<Reach> {
    if method != "GET" {
        return vec![Reach::Beyond("changes how the environment is made")];
    }
    let Some(key) = &first.key else {
        return vec![Reach::Beyond("tells of all tables of the environment")];
    };
    let name = key
        .trim()
        .strip_prefix("LogicalName='")
        .and_then(|rest| rest.strip_suffix('\''));
    let Some(name) = name else {
        return vec![UNCLEAR];
    };
    let mut all = vec![Reach::table(&name.to_ascii_lowercase())];
    let is_known = |segment: &Segment| {
        PARTS.contains(&segment.name.as_str())
            || segment.name.starts_with(super::NAMESPACE)
            || segment.plain() == Some("$count")
    };
    if !rest.iter().all(is_known) {
        all.push(UNCLEAR);
    }
    for (option, value) in options {
        match option.as_str() {
            "select" | "filter" | "orderby" | "top" | "skip" | "count" | "skiptoken" => {}
            "expand" if expands_parts(value) => {}
            "expand" => all.push(UNCLEAR),
            _ => all.push(UNKNOWN_OPTION),
        }
    }
    all
}

fn expands_parts(text: &str) -> bool {
    split(text, ',').is_some_and(|items| {
        items.iter().all(|item| {
            let (name, inner) = item.split_once('(').unwrap_or((item, ""));
            let name = name.trim().rsplit('/').next().unwrap_or_default();
            PARTS.contains(&name) && !inner.to_ascii_lowercase().contains("expand")
        })
    })
}
