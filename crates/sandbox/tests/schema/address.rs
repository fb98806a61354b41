//! From a request's path, or a context's, to what is found there.

use super::csdl::{Model, Type, TypeRef};

/// Where a path ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Something that has a type.
    Value(TypeRef),
    /// The bytes of what has this type: `…/content`.
    Bytes(TypeRef),
    /// An action that answers nothing.
    Nothing,
    /// `$count`, `$value`, `$ref`: no object.
    Plain,
}

/// Walks the segments of a path below the version, decoded or not. The error says at which segment the schema ends.
pub(crate) fn place(model: &Model, path: &str) -> Result<Place, String> {
    let segments = segments(path);
    let mut rest = segments.iter().map(String::as_str);
    let first = rest.next().ok_or("the path is empty")?;
    let (name, key) = name_and_key(first);
    let root = model.root(name);
    let mut at = Place::Value(root.ok_or_else(|| unknown(name, "the container"))?.clone());
    if key.is_some() {
        at = Place::Value(item(&at, name)?);
    }
    while let Some(segment) = rest.next() {
        // `root:/Folder/file.txt:` and `{site}:/sites/hr:` stay what they were.
        let (segment, by_path) = match segment.strip_suffix(':') {
            Some(segment) => (segment, true),
            None => (segment, false),
        };
        at = step(model, &at, segment)?;
        if by_path {
            let _ = rest.by_ref().find(|segment| segment.ends_with(':'));
        }
    }
    Ok(at)
}

/// One segment further.
fn step(model: &Model, at: &Place, segment: &str) -> Result<Place, String> {
    if matches!(
        segment.to_ascii_lowercase().as_str(),
        "$count" | "$value" | "$ref"
    ) {
        return Ok(Place::Plain);
    }
    let Place::Value(here) = at else {
        return Err(unknown(segment, "what has no properties"));
    };
    let (name, key) = name_and_key(segment);
    let local = name.strip_prefix("microsoft.graph.").unwrap_or(name);
    if let Some(operation) = model.bound(local, here) {
        return Ok(operation
            .returns
            .clone()
            .map_or(Place::Nothing, Place::Value));
    }
    let cast = model.type_ref(name, "microsoft.graph");
    if name.contains('.') && model.derives_from(&cast.name, &here.name) {
        return Ok(Place::Value(TypeRef {
            name: cast.name,
            ..here.clone()
        }));
    }
    if here.is_collection {
        let is_entity = model
            .structured(&here.name)
            .is_some_and(|known| known.is_entity);
        return if is_entity {
            Ok(Place::Value(here.item()))
        } else {
            Err(unknown(segment, &here.to_string()))
        };
    }
    let mut members = model.members(&here.name);
    let member = members.find(|member| member.name.eq_ignore_ascii_case(name));
    let member = member.ok_or_else(|| unknown(segment, &here.to_string()))?;
    if member.type_ref.name == "Edm.Stream" {
        return Ok(Place::Bytes(here.clone()));
    }
    let found = Place::Value(member.type_ref.clone());
    if key.is_some() {
        return item(&found, name).map(Place::Value);
    }
    Ok(found)
}

fn item(place: &Place, name: &str) -> Result<TypeRef, String> {
    match place {
        Place::Value(found) if found.is_collection => Ok(found.item()),
        _ => Err(format!("`{name}` is no collection and has no keys")),
    }
}

fn unknown(segment: &str, of: &str) -> String {
    format!("`{segment}` is neither a property, an operation nor a type of {of}")
}

/// `messages('x')` comes apart, `search(q='x')` too.
fn name_and_key(segment: &str) -> (&str, Option<&str>) {
    match segment.split_once('(') {
        Some((name, rest)) if !name.is_empty() => (name, Some(rest.trim_end_matches(')'))),
        _ => (segment, None),
    }
}

/// Cut at slashes that are in no quotes.
fn segments(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut is_quoted = false;
    for character in path.replace("%27", "'").replace("%28", "(").chars() {
        is_quoted ^= character == '\'';
        match segments.last_mut() {
            Some(last) if character != '/' || is_quoted => last.push(character),
            _ => segments.push(String::new()),
        }
    }
    segments.retain(|segment| !segment.is_empty());
    segments
}

/// What an entity of a type is called in a context.
pub(crate) fn is_known_type(model: &Model, name: &str) -> bool {
    name.starts_with("Edm.")
        || matches!(
            model.type_of(name),
            Some(Type::Structured(_) | Type::Enumeration(_))
        )
}
