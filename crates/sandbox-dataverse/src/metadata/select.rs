//! Query options on metadata.

use sandbox_odata::filter::eval;
use sandbox_odata::options::Options;
use sandbox_odata::order;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::fault::Fault;
use crate::reply::Reply;

/// `$filter`, `$orderby`, `$top` and `$select`.
pub(super) fn apply(options: &Options, mut list: Vec<Value>) -> Result<Vec<Value>, Fault> {
    if let Some(filter) = &options.filter {
        list.retain(|object| eval::matches(filter, object));
    }
    if !options.order_by.is_empty() {
        list.sort_by(|left, right| order::compare(&options.order_by, left, right));
    }
    if let Some(top) = options.top {
        list.truncate(top);
    }
    let expands: Vec<&str> = options
        .expand
        .iter()
        .map(|expand| expand.path.as_str())
        .collect();
    list.into_iter()
        .map(|object| pick(object, &options.select, &expands))
        .collect()
}

/// The selected properties; the id and the type of what is one of several are always there.
fn pick(object: Value, select: &[String], expands: &[&str]) -> Result<Value, Fault> {
    let Value::Object(mut object) = object else {
        return Ok(object);
    };
    if select.is_empty() {
        return Ok(Value::Object(object));
    }
    let mut picked = Map::new();
    if let Some(kind) = object.remove("@odata.type") {
        picked.insert("@odata.type".to_owned(), kind);
    }
    for name in select
        .iter()
        .map(String::as_str)
        .chain(expands.iter().copied())
    {
        if let Some(value) = object.remove(name) {
            picked.insert(name.to_owned(), value);
        } else if !picked.contains_key(name) && !is_of_another_type(name) {
            return Err(Fault::unknown_property(
                name,
                "Microsoft.Dynamics.CRM.MetadataBase",
            ));
        }
    }
    if let Some(id) = object.remove("MetadataId") {
        picked.insert("MetadataId".to_owned(), id);
    }
    Ok(Value::Object(picked))
}

/// Properties that some of the types have and the one at hand may lack.
fn is_of_another_type(name: &str) -> bool {
    matches!(
        name,
        "MaxLength"
            | "MinValue"
            | "MaxValue"
            | "Precision"
            | "Format"
            | "FormatName"
            | "Targets"
            | "OptionSet"
            | "ReferencedEntity"
            | "ReferencingEntity"
            | "ReferencedAttribute"
            | "ReferencingAttribute"
            | "Entity1LogicalName"
            | "Entity2LogicalName"
            | "IntersectEntityName"
    )
}

pub(super) fn collection(call: &Call, context: &str, list: Vec<Value>) -> Result<Reply, Fault> {
    let total = match &call.options.filter {
        Some(filter) => list
            .iter()
            .filter(|object| eval::matches(filter, *object))
            .count(),
        None => list.len(),
    };
    let list = apply(&call.options, list)?;
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(call.context(context)));
    if call.options.count {
        body.insert("@odata.count".to_owned(), json!(total));
    }
    body.insert("value".to_owned(), Value::Array(list));
    Ok(Reply::ok(&Value::Object(body)))
}

pub(super) fn one(call: &Call, context: &str, object: Value) -> Result<Reply, Fault> {
    let expands: Vec<&str> = call
        .options
        .expand
        .iter()
        .map(|expand| expand.path.as_str())
        .collect();
    let mut object = pick(object, &call.options.select, &expands)?;
    if let Value::Object(object) = &mut object {
        object.shift_insert(0, "@odata.context".to_owned(), json!(call.context(context)));
    }
    Ok(Reply::ok(&object))
}
