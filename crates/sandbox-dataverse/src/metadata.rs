//! Table definitions as resources, and their change.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-entity-definitions-using-web-api>

mod attribute;
mod change;
mod changes_query;
mod choices;
mod columns;
mod csdl;
mod entity;
mod from_json;
mod label;
mod relationships;
mod select;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Dataverse;
use crate::args;
use crate::call::{Call, Segment};
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::TableId;

pub(crate) use change::{create_entities, relate_system};
pub(crate) use changes_query::retrieve as retrieve_changes;

/// Answers requests for metadata; `None` for what is none.
pub(crate) fn dispatch(
    dataverse: &mut Dataverse,
    call: &Call,
    first: &Segment,
    rest: &[&Segment],
) -> Option<Result<Reply, Fault>> {
    Some(match first.name.as_str() {
        "$metadata" if call.method == Method::GET => Ok(Reply::bytes(
            "application/xml",
            csdl::document(&dataverse.schema),
        )),
        "EntityDefinitions" => entities(dataverse, call, first, rest),
        "RelationshipDefinitions" => relationships::dispatch(dataverse, call, first, rest),
        "GlobalOptionSetDefinitions" => choices::dispatch(dataverse, call, first, rest),
        _ => return None,
    })
}

/// What stands in parentheses: the value of `LogicalName`, or an id.
enum Named {
    Nothing,
    Id(Uuid),
    Text(String),
}

fn named(segment: &Segment) -> Result<Named, Fault> {
    let bad = || Fault::bad_query(format!("The key of '{}' is not valid.", segment.name));
    let text = segment.arguments.as_deref().unwrap_or_default();
    let parts = args::split(text).ok_or_else(bad)?;
    let [(name, value)] = &parts[..] else {
        return if parts.is_empty() {
            Ok(Named::Nothing)
        } else {
            Err(bad())
        };
    };
    match args::literal(value) {
        Value::String(text) => match text.parse() {
            Ok(id) if name.is_empty() || name == "MetadataId" => Ok(Named::Id(id)),
            _ => Ok(Named::Text(text)),
        },
        _ => Err(bad()),
    }
}

fn entities(
    dataverse: &mut Dataverse,
    call: &Call,
    first: &Segment,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    let table = match named(first)? {
        Named::Nothing => return collection(dataverse, call, rest),
        Named::Id(id) => dataverse
            .schema
            .table_by_metadata_id(id)
            .ok_or_else(|| Fault::unknown_table(&id.to_string())),
        Named::Text(name) => dataverse
            .schema
            .find(&name.to_ascii_lowercase())
            .ok_or_else(|| Fault::unknown_table(&name)),
    }?;
    let Some((next, below)) = rest.split_first() else {
        return match call.method {
            Method::GET => one(dataverse, call, table),
            Method::DELETE => change::delete_table(dataverse, call, table),
            Method::PUT => change::update_table(dataverse, call, table),
            _ => Err(call.wrong_verb()),
        };
    };
    match next.name.as_str() {
        "Attributes" => columns::dispatch(dataverse, call, table, next, below),
        "Keys" => change::keys(dataverse, call, table, next, below),
        "OneToManyRelationships" | "ManyToOneRelationships" | "ManyToManyRelationships"
            if call.method == Method::GET =>
        {
            let list = relationships::of_table(dataverse, table, &next.name);
            select::collection(
                call,
                &format!(
                    "EntityDefinitions('{}')/{}",
                    dataverse.schema.table(table).name,
                    next.name
                ),
                list,
            )
        }
        name => Err(Fault::unknown_segment(name)),
    }
}

fn collection(dataverse: &mut Dataverse, call: &Call, rest: &[&Segment]) -> Result<Reply, Fault> {
    match (rest, &call.method) {
        ([], &Method::GET) => {
            let tables: Vec<TableId> = dataverse.schema.tables().map(|(id, _)| id).collect();
            let list = tables
                .into_iter()
                .map(|id| whole(dataverse, call, id))
                .collect();
            select::collection(call, "EntityDefinitions", list)
        }
        ([], &Method::POST) => change::create_table(dataverse, call),
        ([one], &Method::GET) if one.name == "$count" => {
            let count = dataverse.schema.tables().count();
            Ok(Reply::bytes("text/plain", count.to_string()))
        }
        _ => Err(call.wrong_verb()),
    }
}

/// A table with what `$expand` asks for.
fn whole(dataverse: &Dataverse, call: &Call, table: TableId) -> Value {
    let known = dataverse.schema.table(table);
    let mut object = entity::definition(known);
    for expand in &call.options.expand {
        let list = match expand.path.as_str() {
            "Attributes" => known
                .columns()
                .map(|(_, column)| attribute::definition(known, column, true))
                .collect(),
            "Keys" => known
                .keys
                .iter()
                .map(|key| entity::key(known, key))
                .collect(),
            name @ ("OneToManyRelationships"
            | "ManyToOneRelationships"
            | "ManyToManyRelationships") => relationships::of_table(dataverse, table, name),
            _ => continue,
        };
        let list: Vec<Value> = list;
        object[expand.path.as_str()] = match select::apply(&expand.options, list) {
            Ok(list) => json!(list),
            Err(_) => json!([]),
        };
    }
    object
}

fn one(dataverse: &Dataverse, call: &Call, table: TableId) -> Result<Reply, Fault> {
    for expand in &call.options.expand {
        let known = [
            "Attributes",
            "Keys",
            "OneToManyRelationships",
            "ManyToOneRelationships",
            "ManyToManyRelationships",
        ];
        if !known.contains(&expand.path.as_str()) {
            return Err(Fault::unknown_property(
                &expand.path,
                "Microsoft.Dynamics.CRM.EntityMetadata",
            ));
        }
    }
    select::one(
        call,
        "EntityDefinitions/$entity",
        whole(dataverse, call, table),
    )
}
