//! POST, PATCH and DELETE.

use serde_json::{Map, Value};

use super::input::{self, Input};
use super::render::etag;
use super::source::Parent;
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::{self, EntitySet};
use crate::rules;

/// Makes an entity and what its body nests; its id is answered.
pub(crate) fn create(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
    body: Map<String, Value>,
) -> Result<String, Fault> {
    if !set.insert {
        return Err(Fault::method(&http::Method::POST, set.name));
    }
    let input = input::read(set, body)?;
    let id = insert(work, set, parent, &input)?;
    add_children(work, set, &id, input.children)?;
    rules::settled(work, set, &id);
    Ok(id)
}

fn insert(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
    input: &Input,
) -> Result<String, Fault> {
    let mut record = work.blank();
    input.apply(&mut record);
    rules::attach(work, set, &mut record, parent)?;
    rules::relate(work, set, &mut record, &input.names())?;
    rules::insert(work, set, &mut record, input)?;
    Ok(work.insert(set.name, record))
}

fn add_children(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    id: &str,
    children: Vec<(&'static str, Vec<Map<String, Value>>)>,
) -> Result<(), Fault> {
    for (name, bodies) in children {
        let target = set.navigation(name).and_then(|it| model::set(it.set));
        let Some(target) = target else { continue };
        for body in bodies {
            let parent = Parent {
                set,
                record: work.need(set.name, id)?.clone(),
            };
            if !target.insert {
                return Err(Fault::method(&http::Method::POST, target.name));
            }
            let input = input::read(target, body)?;
            let child = insert(work, target, Some(&parent), &input)?;
            add_children(work, target, &child, input.children)?;
        }
    }
    Ok(())
}

/// Changes an entity.
pub(crate) fn update(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &Record,
    body: Map<String, Value>,
    if_match: Option<&str>,
) -> Result<(), Fault> {
    if !set.modify {
        return Err(Fault::method(&http::Method::PATCH, set.name));
    }
    check_etag(record, if_match)?;
    let input = input::read(set, body)?;
    if let Some((name, _)) = input.children.first() {
        return Err(Fault::bad_request(format!(
            "The navigation property '{name}' cannot be changed together with its entity; deep updates are not supported."
        )));
    }
    let mut changed = record.clone();
    input.apply(&mut changed);
    rules::relate(work, set, &mut changed, &input.names())?;
    rules::update(work, set, record, &mut changed, &input)?;
    work.update(set.name, &record.id, |kept| *kept = changed);
    rules::settled(work, set, &record.id);
    Ok(())
}

/// Removes an entity and what hangs below it.
pub(crate) fn delete(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &Record,
    if_match: Option<&str>,
) -> Result<(), Fault> {
    if !set.delete {
        return Err(Fault::method(&http::Method::DELETE, set.name));
    }
    check_sent_etag(record, if_match)?;
    rules::delete(work, set, record)?;
    let below = set.navigations.iter().filter(|it| it.through.is_none());
    for navigation in below {
        let ids: Vec<String> = work
            .books
            .children(navigation.set, &record.id)
            .map(|row| row.id.clone())
            .collect();
        for id in ids {
            work.remove(navigation.set, &id);
        }
    }
    work.remove(set.name, &record.id);
    if !record.parent.is_empty() {
        rules::orphaned(work, set, &record.parent);
    }
    Ok(())
}

/// What DELETE and actions do: a tag is checked when it is sent. The pages of DELETE ask for one; clients that were generated
/// from the service's description send none.
pub(crate) fn check_sent_etag(record: &Record, if_match: Option<&str>) -> Result<(), Fault> {
    if_match.map_or(Ok(()), |_| check_etag(record, if_match))
}

/// `*`, or the tag of the present version.
pub(crate) fn check_etag(record: &Record, if_match: Option<&str>) -> Result<(), Fault> {
    let given = if_match.map(str::trim).ok_or_else(Fault::no_etag)?;
    if given == "*" {
        return Ok(());
    }
    let is_tag = given.trim_start_matches("W/").starts_with('"') && given.ends_with('"');
    if !is_tag {
        return Err(Fault::no_etag());
    }
    let own = etag(record);
    let same = own == given || own.trim_start_matches("W/") == given;
    if same { Ok(()) } else { Err(Fault::changed()) }
}
