//! Relationships as resources.

use http::Method;
use serde_json::{Value, json};

use super::label::{label, managed};
use super::{Named, change, from_json, named, select};
use crate::Dataverse;
use crate::call::{Call, Segment};
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::{Cascade, Kind, ManyToMany, OneToMany, Schema, TableId};

fn one_to_many(schema: &Schema, it: &OneToMany) -> Value {
    let (one, many) = (schema.table(it.referenced), schema.table(it.referencing));
    json!({
        "@odata.type": "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        "MetadataId": it.metadata_id.to_string(),
        "SchemaName": it.schema_name,
        "RelationshipType": "OneToManyRelationship",
        "IsCustomRelationship": it.is_custom,
        "IsCustomizable": managed(true, "iscustomizable"),
        "IsManaged": !it.is_custom,
        "IsValidForAdvancedFind": true,
        "SecurityTypes": "Append",
        "IntroducedVersion": "1.0",
        "IsHierarchical": false,
        "ReferencedEntity": one.name,
        "ReferencedAttribute": one.key_name(),
        "ReferencedEntityNavigationPropertyName": it.referenced_navigation,
        "ReferencingEntity": many.name,
        "ReferencingAttribute": many.column(it.column).name,
        "ReferencingEntityNavigationPropertyName": it.referencing_navigation,
        "RelationshipBehavior": 1,
        "CascadeConfiguration": {
            "Assign": "NoCascade", "Delete": it.on_delete.name(), "Archive": "NoCascade", "Merge": "NoCascade",
            "Reparent": "NoCascade", "Share": "NoCascade", "Unshare": "NoCascade", "RollupView": "NoCascade",
        },
        "AssociatedMenuConfiguration": { "Behavior": "UseCollectionName", "Group": "Details", "Label": label(""), "Order": null },
    })
}

fn many_to_many(schema: &Schema, it: &ManyToMany) -> Value {
    let tables = it.tables.map(|id| schema.table(id));
    json!({
        "@odata.type": "#Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
        "MetadataId": it.metadata_id.to_string(),
        "SchemaName": it.schema_name,
        "RelationshipType": "ManyToManyRelationship",
        "IsCustomRelationship": it.is_custom,
        "IsCustomizable": managed(true, "iscustomizable"),
        "IsManaged": !it.is_custom,
        "IsValidForAdvancedFind": true,
        "SecurityTypes": "None",
        "IntroducedVersion": "1.0",
        "IntersectEntityName": it.intersect,
        "Entity1LogicalName": tables[0].name,
        "Entity1IntersectAttribute": tables[0].key_name(),
        "Entity1NavigationPropertyName": it.navigations[0],
        "Entity2LogicalName": tables[1].name,
        "Entity2IntersectAttribute": tables[1].key_name(),
        "Entity2NavigationPropertyName": it.navigations[1],
    })
}

/// What `/EntityDefinitions(…)/OneToManyRelationships` and its kin list.
pub(super) fn of_table(dataverse: &Dataverse, table: TableId, which: &str) -> Vec<Value> {
    let schema = &dataverse.schema;
    let singles = schema.one_to_many.iter().flatten();
    match which {
        "OneToManyRelationships" => singles
            .filter(|it| it.referenced == table)
            .map(|it| one_to_many(schema, it))
            .collect(),
        "ManyToOneRelationships" => singles
            .filter(|it| it.referencing == table)
            .map(|it| one_to_many(schema, it))
            .collect(),
        _ => schema
            .many_to_many
            .iter()
            .flatten()
            .filter(|it| it.tables.contains(&table))
            .map(|it| many_to_many(schema, it))
            .collect(),
    }
}

/// `/RelationshipDefinitions`
pub(super) fn dispatch(
    dataverse: &mut Dataverse,
    call: &Call,
    first: &Segment,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    let cast = match rest {
        [] => None,
        [one] => Some(
            one.name
                .strip_prefix("Microsoft.Dynamics.CRM.")
                .ok_or_else(|| Fault::unknown_segment(&one.name))?,
        ),
        [one, ..] => return Err(Fault::unknown_segment(&one.name)),
    };
    let schema = &dataverse.schema;
    let all = || {
        let singles = schema
            .one_to_many
            .iter()
            .flatten()
            .map(|it| one_to_many(schema, it));
        let many = schema
            .many_to_many
            .iter()
            .flatten()
            .map(|it| many_to_many(schema, it));
        singles.chain(many).filter(|it| {
            let name = it["@odata.type"].as_str().unwrap_or_default();
            cast.is_none_or(|cast| name.ends_with(cast))
        })
    };
    let name = first.arguments.as_deref().unwrap_or_default();
    let found = match named(first)? {
        Named::Nothing => {
            return match call.method {
                Method::GET => {
                    let list = all().collect();
                    select::collection(call, "RelationshipDefinitions", list)
                }
                Method::POST => create(dataverse, call),
                _ => Err(call.wrong_verb()),
            };
        }
        Named::Id(id) => all().find(|it| it["MetadataId"] == id.to_string()),
        Named::Text(name) => all().find(|it| {
            it["SchemaName"]
                .as_str()
                .is_some_and(|it| it.eq_ignore_ascii_case(&name))
        }),
    };
    let found = found.ok_or_else(|| Fault::unknown_table(name))?;
    match call.method {
        Method::GET => select::one(call, "RelationshipDefinitions/$entity", found),
        Method::DELETE => delete(dataverse, call, &found),
        _ => Err(call.wrong_verb()),
    }
}

fn find(dataverse: &Dataverse, body: &Value, name: &str) -> Result<TableId, Fault> {
    let table = body[name].as_str().unwrap_or_default();
    let found = dataverse.schema.find(&table.to_ascii_lowercase());
    found.ok_or_else(|| Fault::unknown_table(table))
}

fn create(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    change::may(dataverse, call, "prvCreateRelationship")?;
    let body = Value::Object(call.json()?);
    let schema_name = body["SchemaName"].as_str().unwrap_or_default().to_owned();
    let exists = |schema: &Schema| {
        let singles = schema
            .one_to_many
            .iter()
            .flatten()
            .map(|it| &it.schema_name);
        let many = schema
            .many_to_many
            .iter()
            .flatten()
            .map(|it| &it.schema_name);
        singles
            .chain(many)
            .any(|it| it.eq_ignore_ascii_case(&schema_name))
    };
    if schema_name.is_empty() || exists(&dataverse.schema) {
        return Err(Fault::conflict(
            "0x80044363",
            format!("A relationship with the schema name '{schema_name}' cannot be created."),
        ));
    }
    let kind = body["@odata.type"].as_str().unwrap_or_default();
    let id = if kind.ends_with("OneToManyRelationshipMetadata") {
        create_one_to_many(dataverse, &body, schema_name)?
    } else if kind.ends_with("ManyToManyRelationshipMetadata") {
        create_many_to_many(dataverse, &body, schema_name)?
    } else {
        return Err(Fault::bad_query(
            "The body names no type of relationship in @odata.type.",
        ));
    };
    let address = format!("{}/RelationshipDefinitions({id})", call.root);
    Ok(Reply::no_content().with("odata-entityid", address))
}

fn create_one_to_many(
    dataverse: &mut Dataverse,
    body: &Value,
    schema_name: String,
) -> Result<uuid::Uuid, Fault> {
    let referenced = find(dataverse, body, "ReferencedEntity")?;
    let referencing = find(dataverse, body, "ReferencingEntity")?;
    let (id, column_id) = (dataverse.ids.uuid(), dataverse.ids.uuid());
    let mut lookup = body["Lookup"].clone();
    if !lookup.is_object() {
        return Err(Fault::bad_query("The relationship's Lookup is missing."));
    }
    lookup["@odata.type"] = json!("Microsoft.Dynamics.CRM.LookupAttributeMetadata");
    let mut column = from_json::column(&dataverse.schema, &lookup, column_id)?;
    if dataverse
        .schema
        .table(referencing)
        .find(&column.name)
        .is_some()
    {
        return Err(Fault::conflict(
            "0x80044363",
            format!(
                "An attribute with the specified name {} already exists",
                column.name
            ),
        ));
    }
    let target = dataverse.schema.table(referenced).name.clone();
    column.kind = Kind::Lookup {
        targets: vec![target],
    };
    let navigation = body["ReferencingEntityNavigationPropertyName"]
        .as_str()
        .unwrap_or(&column.schema_name)
        .to_owned();
    let on_delete = body["CascadeConfiguration"]["Delete"]
        .as_str()
        .and_then(Cascade::parse);
    let gone = || Fault::unknown_table("");
    let column = change::add_column(dataverse, referencing, column).ok_or_else(gone)?;
    change::schema(dataverse).add_one_to_many(OneToMany {
        metadata_id: id,
        referenced_navigation: schema_name.clone(),
        schema_name,
        referenced,
        referencing,
        column,
        referencing_navigation: navigation,
        on_delete: on_delete.unwrap_or(Cascade::RemoveLink),
        is_custom: true,
    });
    Ok(id)
}

fn create_many_to_many(
    dataverse: &mut Dataverse,
    body: &Value,
    schema_name: String,
) -> Result<uuid::Uuid, Fault> {
    let first = find(dataverse, body, "Entity1LogicalName")?;
    let second = find(dataverse, body, "Entity2LogicalName")?;
    let id = dataverse.ids.uuid();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let intersect = text("IntersectEntityName")
        .unwrap_or_else(|| schema_name.clone())
        .to_ascii_lowercase();
    let navigations = [
        text("Entity1NavigationPropertyName").unwrap_or_else(|| schema_name.clone()),
        text("Entity2NavigationPropertyName").unwrap_or_else(|| schema_name.clone()),
    ];
    change::schema(dataverse).add_many_to_many(ManyToMany {
        metadata_id: id,
        schema_name,
        intersect,
        tables: [first, second],
        navigations,
        is_custom: true,
    });
    Ok(id)
}

fn delete(dataverse: &mut Dataverse, call: &Call, found: &Value) -> Result<Reply, Fault> {
    change::may(dataverse, call, "prvDeleteRelationship")?;
    if found["IsCustomRelationship"] != true {
        return Err(Fault::conflict(
            "0x8004f01f",
            "The relationship cannot be deleted.",
        ));
    }
    let id = found["MetadataId"].as_str().unwrap_or_default();
    let single = dataverse
        .schema
        .one_to_many
        .iter()
        .flatten()
        .find(|it| it.metadata_id.to_string() == id);
    if let Some((table, column)) = single.map(|it| (it.referencing, it.column)) {
        change::forget_column(dataverse, table, column);
        return Ok(Reply::no_content());
    }
    let many = &dataverse.schema.many_to_many;
    let at = many.iter().position(|it| {
        it.as_ref()
            .is_some_and(|it| it.metadata_id.to_string() == id)
    });
    if let Some(at) = at {
        dataverse.store.forget_pairs(at);
        change::schema(dataverse).remove_many_to_many(at);
    }
    Ok(Reply::no_content())
}
