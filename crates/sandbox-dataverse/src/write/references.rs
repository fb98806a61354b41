//! Lookups and associations set and cleared by `$ref`.

use serde_json::{Map, Value};

use super::body::may_link;
use super::verbs::update;
use super::{Actor, Target, key};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::query::list::option;
use crate::reply::Reply;
use crate::schema::Navigation;

/// `PUT /accounts(…)/primarycontactid/$ref`, and `DELETE` of it.
pub(crate) fn set_reference(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    name: &str,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    let value = if call.method == http::Method::DELETE {
        Value::Null
    } else {
        let body = call.json()?;
        let id = body.get("@odata.id").cloned();
        id.ok_or_else(|| Fault::bad_json("the property '@odata.id' is missing"))?
    };
    let mut body = Map::new();
    body.insert(format!("{name}@odata.bind"), value);
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

/// `POST /accounts(…)/contact_customer_accounts/$ref`
pub(crate) fn associate(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    navigation: Navigation,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    let body = call.json()?;
    let id = body.get("@odata.id").and_then(Value::as_str);
    let id = id.ok_or_else(|| Fault::bad_json("the property '@odata.id' is missing"))?;
    let link = key::reference(dataverse, id)?;
    may_link(dataverse, &call.who, link.table, target.table)?;
    let one = Link {
        table: target.table,
        id: row.id,
    };
    connect(dataverse, Actor::of(call), one, navigation, link)?;
    Ok(Reply::no_content())
}

/// Relates two rows.
pub(super) fn connect(
    dataverse: &mut Dataverse,
    actor: Actor,
    one: Link,
    navigation: Navigation,
    other: Link,
) -> Result<(), Fault> {
    let wrong =
        || Fault::invalid_argument("The row is not one that the navigation property leads to.");
    match navigation {
        Navigation::Children { table, column } if other.table == table => {
            let row = dataverse.store.get(table, other.id).cloned();
            let mut row = row.ok_or_else(wrong)?;
            row.set(column, Some(Cell::Link(one)));
            dataverse.update_row(actor, table, row)
        }
        Navigation::Peers {
            relationship,
            is_second,
            target,
        } if other.table == target => {
            let (first, second) = if is_second {
                (other.id, one.id)
            } else {
                (one.id, other.id)
            };
            if !dataverse.store.pair(relationship, first, second) {
                return Err(Fault::duplicate_id());
            }
            Ok(())
        }
        _ => Err(wrong()),
    }
}

/// `DELETE /accounts(…)/contact_customer_accounts(…)/$ref`, or `…/$ref?$id=…`
pub(crate) fn disassociate(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    navigation: Navigation,
    arguments: Option<&str>,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    let far = match navigation {
        Navigation::Children { table, .. } => table,
        Navigation::Peers { target, .. } | Navigation::Single { target, .. } => target,
    };
    let other = match (arguments, option(call, "id")) {
        (Some(arguments), _) => Link {
            table: far,
            id: key::by_arguments(dataverse, far, arguments)?
                .row(dataverse)?
                .id,
        },
        (None, Some(address)) => key::reference(dataverse, address)?,
        (None, None) => return Err(Fault::bad_query("The related row is not named.")),
    };
    may_link(dataverse, &call.who, far, target.table)?;
    match navigation {
        Navigation::Children { table, column } => {
            let related = dataverse.store.get(table, other.id).cloned();
            let related =
                related.filter(|it| it.get(column).and_then(Cell::as_guid) == Some(row.id));
            let name = &dataverse.schema.table(table).name;
            let mut related = related.ok_or_else(|| Fault::no_row(name, other.id))?;
            related.set(column, None);
            dataverse.update_row(Actor::of(call), table, related)?;
        }
        Navigation::Peers {
            relationship,
            is_second,
            ..
        } => {
            let (first, second) = if is_second {
                (other.id, row.id)
            } else {
                (row.id, other.id)
            };
            dataverse.store.unpair(relationship, first, second);
        }
        Navigation::Single { .. } => return Err(call.wrong_verb()),
    }
    Ok(Reply::no_content())
}
