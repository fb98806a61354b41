//! From the segments below a company to what they mean.

use super::keys::{self, Key};
use super::source::{self, Parent};
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::{self, Api, EntitySet, Field, FieldKind};

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Target {
    Collection {
        set: &'static EntitySet,
        parent: Option<Parent>,
    },
    Count {
        set: &'static EntitySet,
        parent: Option<Parent>,
    },
    Entity {
        set: &'static EntitySet,
        record: Box<Record>,
        parent: Option<Parent>,
    },
    Property {
        set: &'static EntitySet,
        record: Box<Record>,
        field: &'static Field,
        is_raw: bool,
    },
    Stream {
        set: &'static EntitySet,
        record: Box<Record>,
        field: &'static Field,
    },
    Action {
        set: &'static EntitySet,
        record: Box<Record>,
        name: String,
    },
}

/// Follows the path below a company of this API.
pub(crate) fn resolve(work: &Work<'_>, api: Api, path: &[String]) -> Result<Target, Fault> {
    let (first, rest) = path
        .split_first()
        .ok_or_else(|| Fault::bad_address("an entity set is expected"))?;
    let segment = keys::parse(first).ok_or_else(|| Fault::bad_address(first))?;
    let set = model::set(&segment.name)
        .filter(|set| set.api == api)
        .ok_or_else(|| missing(api, &segment.name))?;
    collection(work, set, None, segment.key, rest)
}

fn collection(
    work: &Work<'_>,
    set: &'static EntitySet,
    parent: Option<Parent>,
    key: Option<Key>,
    rest: &[String],
) -> Result<Target, Fault> {
    let Some(key) = key else {
        return match rest {
            [] => Ok(Target::Collection { set, parent }),
            [count] if count == "$count" => Ok(Target::Count { set, parent }),
            [next, ..] => Err(Fault::segment_not_found(next)),
        };
    };
    let record = source::by_key(work, set, parent.as_ref(), &key)?;
    entity(work, set, record, parent, rest)
}

fn entity(
    work: &Work<'_>,
    set: &'static EntitySet,
    record: Record,
    parent: Option<Parent>,
    rest: &[String],
) -> Result<Target, Fault> {
    let record = Box::new(record);
    let Some((next, rest)) = rest.split_first() else {
        return Ok(Target::Entity {
            set,
            record,
            parent,
        });
    };
    if let Some(name) = next.strip_prefix("Microsoft.NAV.")
        && rest.is_empty()
    {
        let name = name.trim_end_matches("()").to_owned();
        return Ok(Target::Action { set, record, name });
    }
    let segment = keys::parse(next).ok_or_else(|| Fault::bad_address(next))?;
    if let Some(field) = set.field(&segment.name) {
        return property(set, record, field, rest);
    }
    let navigation = set
        .navigation(&segment.name)
        .ok_or_else(|| missing(set.api, &segment.name))?;
    let from = Parent {
        set,
        record: *record,
    };
    if navigation.is_many {
        let target =
            model::set(navigation.set).ok_or_else(|| Fault::segment_not_found(navigation.set))?;
        return collection(work, target, Some(from), segment.key, rest);
    }
    let (set, found) = source::related(work, &from, navigation)
        .ok_or_else(|| Fault::record_not_found(navigation.name, &from.record.id))?;
    entity(work, set, found, Some(from), rest)
}

fn missing(api: Api, name: &str) -> Fault {
    if model::is_absent(api, name) {
        return Fault::not_implemented(name);
    }
    Fault::segment_not_found(name)
}

fn property(
    set: &'static EntitySet,
    record: Box<Record>,
    field: &'static Field,
    rest: &[String],
) -> Result<Target, Fault> {
    let is_raw = match rest {
        [] => false,
        [value] if value == "$value" => true,
        [next, ..] => return Err(Fault::segment_not_found(next)),
    };
    if field.kind == FieldKind::Stream {
        return Ok(Target::Stream { set, record, field });
    }
    Ok(Target::Property {
        set,
        record,
        field,
        is_raw,
    })
}
