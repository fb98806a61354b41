//! Many rows at once: `CreateMultiple`, `UpdateMultiple`, `UpsertMultiple`, `DeleteMultiple`. All or none.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/bulk-operations>

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::verbs::{insert, update};
use super::{Actor, Target, key};
use crate::Dataverse;
use crate::call::Call;
use crate::fault::Fault;
use crate::query::value;
use crate::reply::Reply;
use crate::schema::TableId;
use crate::security::Access;

/// The most rows of one request.
const MOST: usize = 1_000;

/// `POST /accounts/Microsoft.Dynamics.CRM.CreateMultiple` and its kin; `None` for another action.
pub(crate) fn multiple(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    action: &str,
) -> Option<Result<Reply, Fault>> {
    Some(match action {
        "CreateMultiple" => create(dataverse, call, table),
        "UpdateMultiple" => each(dataverse, call, table, change),
        "UpsertMultiple" => each(dataverse, call, table, upsert),
        "DeleteMultiple" => each(dataverse, call, table, remove),
        _ => return None,
    })
}

fn targets(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
) -> Result<Vec<Map<String, Value>>, Fault> {
    let mut body = call.json()?;
    let bad = || Fault::bad_query("The parameter 'Targets' is missing or no list of rows.");
    let Some(Value::Array(list)) = body.remove("Targets") else {
        return Err(bad());
    };
    if list.len() > MOST {
        return Err(Fault::conflict(
            "0x80060888",
            format!("The number of rows exceeds the limit of {MOST}."),
        ));
    }
    let wanted = dataverse.schema.table(table).type_name();
    list.into_iter()
        .map(|target| {
            let Value::Object(target) = target else {
                return Err(bad());
            };
            let named = target.get("@odata.type").and_then(Value::as_str);
            match named.map(|name| name.trim_start_matches('#')) {
                Some(name) if name == wanted => Ok(target),
                _ => Err(Fault::bad_payload(
                    &dataverse.schema.table(table).set_name,
                    &format!(
                        "A row of a list has to carry the annotation @odata.type with '{wanted}'."
                    ),
                )),
            }
        })
        .collect()
}

fn create(dataverse: &mut Dataverse, call: &Call, table: TableId) -> Result<Reply, Fault> {
    let mut ids = Vec::new();
    for target in targets(dataverse, call, table)? {
        let id = insert(dataverse, &call.who, Actor::of(call), table, &target, None)?;
        ids.push(json!(id.to_string()));
    }
    let context = call.context("Microsoft.Dynamics.CRM.CreateMultipleResponse");
    Ok(Reply::ok(&json!({ "@odata.context": context, "Ids": ids })))
}

type Step = fn(&mut Dataverse, &Call, TableId, &Map<String, Value>) -> Result<(), Fault>;

fn each(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    step: Step,
) -> Result<Reply, Fault> {
    for target in targets(dataverse, call, table)? {
        step(dataverse, call, table, &target)?;
    }
    Ok(Reply::no_content())
}

fn id_of(
    dataverse: &Dataverse,
    table: TableId,
    target: &Map<String, Value>,
) -> Result<Uuid, Fault> {
    let key = dataverse.schema.table(table).key_name();
    let id = target
        .get(key)
        .and_then(Value::as_str)
        .and_then(value::guid);
    id.ok_or_else(|| Fault::invalid_argument(format!("The row's '{key}' is missing.")))
}

fn change(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    target: &Map<String, Value>,
) -> Result<(), Fault> {
    let id = id_of(dataverse, table, target)?;
    let row = dataverse.store.get(table, id).cloned();
    let name = &dataverse.schema.table(table).name;
    let row = row.ok_or_else(|| Fault::no_row(name, id))?;
    update(dataverse, &call.who, Actor::of(call), table, &row, target)
}

/// By `@odata.id` or by the row's own id.
fn upsert(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    target: &Map<String, Value>,
) -> Result<(), Fault> {
    let named = match target.get("@odata.id").and_then(Value::as_str) {
        Some(address) => {
            let inner = address
                .rsplit_once('(')
                .and_then(|(_, rest)| rest.strip_suffix(')'));
            let inner = inner
                .ok_or_else(|| Fault::invalid_argument("The address of a row is not valid."))?;
            key::by_arguments(dataverse, table, inner)?
        }
        None => Target {
            table,
            id: Some(id_of(dataverse, table, target)?),
            values: Vec::new(),
        },
    };
    match named
        .id
        .and_then(|id| dataverse.store.get(table, id))
        .cloned()
    {
        Some(row) => update(dataverse, &call.who, Actor::of(call), table, &row, target),
        None => insert(
            dataverse,
            &call.who,
            Actor::of(call),
            table,
            target,
            Some(&named),
        )
        .map(|_| ()),
    }
}

fn remove(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    target: &Map<String, Value>,
) -> Result<(), Fault> {
    let id = id_of(dataverse, table, target)?;
    let name = &dataverse.schema.table(table).name;
    let row = dataverse
        .store
        .get(table, id)
        .cloned()
        .ok_or_else(|| Fault::no_row(name, id))?;
    dataverse.need_on(&call.who, Access::Delete, table, &row)?;
    dataverse.delete_row(Actor::of(call), table, id)
}
