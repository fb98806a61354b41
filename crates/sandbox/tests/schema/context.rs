//! Whether `@odata.context` says the same as the address that was asked.

use super::address::{self, Place};
use super::csdl::{Model, TypeRef};

/// None when it fits, otherwise what was expected.
pub(crate) fn mistake(model: &Model, expected: &TypeRef, context: &str) -> Option<String> {
    let Some((_, fragment)) = context.split_once("/$metadata#") else {
        return Some("an address of `$metadata` with a fragment".to_owned());
    };
    let said = match said(model, fragment) {
        Ok(said) => said,
        Err(error) => return Some(format!("a context of the schema ({error})")),
    };
    let is_related = model.derives_from(&said.name, &expected.name)
        || model.derives_from(&expected.name, &said.name);
    let is_alike = is_related && said.is_collection == expected.is_collection;
    (!is_alike).then(|| format!("a context of {expected}, not of {said}"))
}

/// The type that a fragment means: `users('x')/messages(id,subject)/$entity`, `Collection(graph.driveItem)`, `Edm.String`.
fn said(model: &Model, fragment: &str) -> Result<TypeRef, String> {
    let fragment = fragment.strip_suffix("/$delta").unwrap_or(fragment);
    let (fragment, is_entity) = match fragment.strip_suffix("/$entity") {
        Some(fragment) => (fragment, true),
        None => (fragment, false),
    };
    let named = model.type_ref(
        whole_type(fragment.trim_start_matches('#')),
        "microsoft.graph",
    );
    if address::is_known_type(model, &named.name) && (fragment.contains('.') || named.is_collection)
    {
        return Ok(named);
    }
    match address::place(model, without_selection(fragment))? {
        Place::Value(found) if is_entity => Ok(found.item()),
        Place::Value(found) => Ok(found),
        Place::Bytes(_) | Place::Nothing | Place::Plain => {
            Err("it ends in what has no type".to_owned())
        }
    }
}

/// `Collection(driveItem)` of `Collection(driveItem)(id,name)`.
fn whole_type(fragment: &str) -> &str {
    let end = fragment
        .strip_prefix("Collection(")
        .and_then(|_| fragment.find(')'));
    end.map_or(fragment, |end| &fragment[..=end])
}

/// A list of selected properties at the end is no key.
fn without_selection(fragment: &str) -> &str {
    let mut depth = 0_usize;
    let mut start = None;
    for (at, character) in fragment.char_indices() {
        match character {
            '(' if depth == 0 => {
                start = Some(at);
                depth = 1;
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let Some(start) = start.filter(|_| fragment.ends_with(')')) else {
        return fragment;
    };
    let is_key = fragment[start + 1..].starts_with(['\'', '%']) && !fragment[start..].contains(',');
    if is_key { fragment } else { &fragment[..start] }
}
