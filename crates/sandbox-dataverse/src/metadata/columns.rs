//! `/EntityDefinitions(…)/Attributes`

use http::{Method, StatusCode};
use serde_json::Value;

use super::{Named, attribute, change, from_json, named, select};
use crate::Dataverse;
use crate::call::{Call, Segment};
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::{ColumnId, TableId};

pub(super) fn dispatch(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    segment: &Segment,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    let known = dataverse.schema.table(table);
    let cast = |segment: &Segment| {
        segment
            .name
            .strip_prefix("Microsoft.Dynamics.CRM.")
            .map(str::to_owned)
    };
    let found = match named(segment)? {
        Named::Nothing => {
            let cast = match rest {
                [] => None,
                [one] => Some(cast(one).ok_or_else(|| Fault::unknown_segment(&one.name))?),
                [one, ..] => return Err(Fault::unknown_segment(&one.name)),
            };
            return match call.method {
                Method::GET => list(dataverse, call, table, cast.as_deref()),
                Method::POST if cast.is_none() => create(dataverse, call, table),
                _ => Err(call.wrong_verb()),
            };
        }
        Named::Id(id) => known
            .columns()
            .find(|(_, column)| column.metadata_id == id)
            .map(|(id, _)| id),
        Named::Text(name) => known.find(&name.to_ascii_lowercase()),
    };
    let name = segment.arguments.as_deref().unwrap_or_default();
    let column = found.ok_or_else(|| not_found(&known.name, name))?;
    match (rest, &call.method) {
        ([], &Method::GET) => one(
            dataverse,
            call,
            table,
            column,
            !call.options.select.is_empty() || !call.options.expand.is_empty(),
        ),
        ([kind], &Method::GET) if cast(kind).is_some() => {
            if cast(kind).as_deref() != Some(known.column(column).metadata_type()) {
                return Err(not_found(&known.name, name));
            }
            one(dataverse, call, table, column, true)
        }
        ([.., part], &Method::GET)
            if matches!(part.name.as_str(), "OptionSet" | "GlobalOptionSet") =>
        {
            let whole = attribute::definition(known, known.column(column), true);
            select::one(call, &part.name, whole[part.name.as_str()].clone())
        }
        ([], &Method::PUT) => update(dataverse, call, table, column),
        ([], &Method::DELETE) => change::delete_column(dataverse, call, table, column),
        ([one, ..], &Method::GET) => Err(Fault::unknown_segment(&one.name)),
        _ => Err(call.wrong_verb()),
    }
}

fn not_found(table: &str, name: &str) -> Fault {
    let mut fault = Fault::unknown_column(table, name);
    fault.status = StatusCode::NOT_FOUND;
    fault
}

fn list(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
    cast: Option<&str>,
) -> Result<Reply, Fault> {
    let known = dataverse.schema.table(table);
    let list: Vec<Value> = known
        .columns()
        .filter(|(_, column)| cast.is_none_or(|cast| cast == column.metadata_type()))
        .map(|(_, column)| attribute::definition(known, column, cast.is_some()))
        .collect();
    select::collection(
        call,
        &format!("EntityDefinitions('{}')/Attributes", known.name),
        list,
    )
}

fn one(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
    column: ColumnId,
    with_type: bool,
) -> Result<Reply, Fault> {
    let known = dataverse.schema.table(table);
    let object = attribute::definition(known, known.column(column), with_type);
    select::one(
        call,
        &format!("EntityDefinitions('{}')/Attributes/$entity", known.name),
        object,
    )
}

fn create(dataverse: &mut Dataverse, call: &Call, table: TableId) -> Result<Reply, Fault> {
    change::may(dataverse, call, "prvCreateAttribute")?;
    let body = Value::Object(call.json()?);
    let id = dataverse.ids.uuid();
    let column = from_json::column(&dataverse.schema, &body, id)?;
    let owner = dataverse.schema.table(table);
    if owner.find(&column.name).is_some() {
        return Err(Fault::conflict(
            "0x80044363",
            format!(
                "An attribute with the specified name {} already exists",
                column.name
            ),
        ));
    }
    let owner_id = owner.metadata_id;
    change::add_column(dataverse, table, column);
    let address = format!(
        "{}/EntityDefinitions({owner_id})/Attributes({id})",
        call.root
    );
    Ok(Reply::no_content().with("odata-entityid", address))
}

/// The whole definition, as `PUT` takes it; what it does not name stays.
fn update(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    column: ColumnId,
) -> Result<Reply, Fault> {
    change::may(dataverse, call, "prvWriteAttribute")?;
    let body = Value::Object(call.json()?);
    if let Some(column) = change::schema(dataverse)
        .table_mut(table)
        .and_then(|table| table.column_mut(column))
    {
        from_json::update(column, &body)?;
    }
    Ok(Reply::no_content())
}
