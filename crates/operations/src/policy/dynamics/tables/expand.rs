//! `$expand`, at any depth.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/join-tables>.

use super::super::address::split;
use super::expression;
use super::reach::{FARTHEST, Place, Reach, UNCLEAR, UNKNOWN_OPTION};

/// Levels, whether or not each leads on to other rows: `$ref` does not. Dataverse follows fewer.
const DEEPEST: usize = 16;

pub(super) fn of(text: &str, place: &Place, options: &[(String, String)], all: &mut Vec<Reach>) {
    within(text, place, DEEPEST, options, all);
}

fn within(
    text: &str,
    place: &Place,
    levels: usize,
    options: &[(String, String)],
    all: &mut Vec<Reach>,
) {
    let below = levels.checked_sub(1);
    let Some((below, items)) = below.and_then(|below| Some((below, split(text, ',')?))) else {
        all.push(UNCLEAR);
        return;
    };
    for item in items {
        one(item, place, below, options, all);
    }
}

/// `primarycontactid($select=fullname;$expand=…)`
fn one(
    item: &str,
    from: &Place,
    levels: usize,
    options: &[(String, String)],
    all: &mut Vec<Reach>,
) {
    let (name, inner) = match item.split_once('(') {
        None => (item, Some("")),
        Some((name, rest)) => (name, rest.strip_suffix(')')),
    };
    let Some(inner) = inner.and_then(|inner| split(inner, ';')) else {
        all.push(UNCLEAR);
        return;
    };
    let mut place = from.clone();
    for step in name.trim().split('/') {
        match step.trim() {
            "$ref" | "$count" => {}
            step if is_name(step) && place.steps.len() < FARTHEST => place = place.then(step),
            _ => {
                all.push(UNCLEAR);
                return;
            }
        }
    }
    all.push(Reach::Rows(place.clone()));
    for option in inner.into_iter().filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let name = name.trim().to_ascii_lowercase();
        match name.strip_prefix('$').unwrap_or(&name) {
            "expand" => within(value, &place, levels, options, all),
            "select" | "filter" | "orderby" => {
                expression::of(value, &place, expression::Kind::Condition, options, all);
            }
            "top" | "count" | "skip" => {}
            _ => all.push(UNKNOWN_OPTION),
        }
    }
}

/// Of a navigation property, or of a type.
fn is_name(step: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
    !step.is_empty() && step.bytes().all(is_letter)
}
