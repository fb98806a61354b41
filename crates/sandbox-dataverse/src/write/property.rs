//! One property of a row.

use serde_json::{Map, Value, json};

use super::verbs::update;
use super::{Actor, Target};
use crate::Dataverse;
use crate::call::Call;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::Kind;
use crate::security::Access;

/// `GET /accounts(…)/name` and `…/name/$value`
pub(crate) fn get_property(
    dataverse: &Dataverse,
    call: &Call,
    target: &Target,
    name: &str,
    is_raw: bool,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?;
    dataverse.need_on(&call.who, Access::Read, target.table, row)?;
    let known = dataverse.schema.table(target.table);
    let column = known.find_property(name);
    let column = column.ok_or_else(|| Fault::unknown_segment(name))?;
    let Some(held) = dataverse.value(target.table, row, column) else {
        return Ok(Reply::no_content());
    };
    if is_raw {
        let text = match held.json() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return Ok(Reply::bytes("text/plain", text));
    }
    let context = call.context(&format!("{}({})/{name}", known.set_name, row.id));
    Ok(Reply::ok(
        &json!({ "@odata.context": context, "value": held.json() }),
    ))
}

/// `PUT /accounts(…)/name` with a value, `DELETE` without one.
pub(crate) fn put_property(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    name: &str,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    let known = dataverse.schema.table(target.table);
    let is_property = known
        .find_property(name)
        .is_some_and(|id| known.column(id).kind != Kind::Key);
    if !is_property {
        return Err(Fault::unknown_segment(name));
    }
    let value = if call.method == http::Method::DELETE {
        Value::Null
    } else {
        let body = call.json()?;
        let value = body.get("value").cloned();
        value.ok_or_else(|| Fault::bad_json("the property 'value' is missing"))?
    };
    let mut body = Map::new();
    body.insert(name.to_owned(), value);
    update(
        dataverse,
        &call.who,
        Actor::of(call),
        target.table,
        &row,
        &body,
    )?;
    Ok(Reply::no_content())
}
