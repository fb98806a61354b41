//! Tables, columns and keys made and deleted.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Named, entity, from_json, label, named, select};
use crate::Dataverse;
use crate::call::{Call, Segment};
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::{
    Cascade, Choice, Column, ColumnId, Key, Kind, OneToMany, Ownership, Required, Schema, Table,
    TableId, stable_id,
};

/// The schema, to be changed; metadata has a new version from here on.
pub(super) fn schema(dataverse: &mut Dataverse) -> &mut Schema {
    dataverse.metadata_version += 1;
    Arc::make_mut(&mut dataverse.schema)
}

/// Refuses whoever may not change metadata.
pub(super) fn may(dataverse: &Dataverse, call: &Call, privilege: &str) -> Result<(), Fault> {
    match dataverse.depth(&call.who, privilege) {
        Some(_) => Ok(()),
        None => Err(Fault::privilege(call.who.user, privilege, "entity")),
    }
}

/// `POST /EntityDefinitions`
pub(super) fn create_table(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let id = add_table(dataverse, call, &body)?;
    let address = format!("{}/EntityDefinitions({id})", call.root);
    Ok(Reply::no_content().with("odata-entityid", address))
}

/// `POST /CreateEntities`: several at once.
pub(crate) fn create_entities(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let list = body["Entities"].as_array().cloned();
    let list = list.ok_or_else(|| Fault::bad_query("The parameter 'Entities' is missing."))?;
    let mut ids = Vec::new();
    for entity in &list {
        ids.push(json!(add_table(dataverse, call, entity)?.to_string()));
    }
    let context = call.context("Microsoft.Dynamics.CRM.CreateEntitiesResponse");
    Ok(Reply::ok(
        &json!({ "@odata.context": context, "EntityIds": ids }),
    ))
}

fn add_table(dataverse: &mut Dataverse, call: &Call, body: &Value) -> Result<Uuid, Fault> {
    may(dataverse, call, "prvCreateEntity")?;
    let (name, schema_name) = from_json::custom_name(body)?;
    if dataverse.schema.find(&name).is_some() {
        return Err(Fault::conflict(
            "0x80044363",
            format!(
                "An entity with the specified name {name} already exists. Specify a unique name."
            ),
        ));
    }
    let ownership = match body["OwnershipType"].as_str() {
        Some("OrganizationOwned") => Ownership::Organization,
        _ => Ownership::User,
    };
    let code = 10_300 + i32::try_from(dataverse.schema.tables().count()).unwrap_or_default();
    let mut table = Table::new(&schema_name, &plural(&name), code, ownership);
    table.metadata_id = dataverse.ids.uuid();
    table.is_custom = true;
    table.display = label::text(body.get("DisplayName")).unwrap_or_else(|| schema_name.clone());
    table.display_plural =
        label::text(body.get("DisplayCollectionName")).unwrap_or_else(|| table.display.clone());
    table.description = label::text(body.get("Description")).unwrap_or_default();
    table.has_activities = body["HasActivities"] == true;
    table.has_notes = body["HasNotes"] == true;
    table.tracks_changes = body["ChangeTrackingEnabled"] == true;
    table.add_column(plain(&format!("{schema_name}Id"), Kind::Key, true));
    let mut name_column = None;
    for attribute in body["Attributes"].as_array().into_iter().flatten() {
        let id = dataverse.ids.uuid();
        let column = from_json::column(&dataverse.schema, attribute, id)?;
        let column = table.add_column(column);
        if attribute["IsPrimaryName"] == true {
            name_column = Some(column);
        }
    }
    if name_column.is_none() {
        return Err(Fault::conflict(
            "0x80060888",
            "The table needs a primary name column.",
        ));
    }
    table.primary_name = name_column;
    let id = table.metadata_id;
    system_columns(&mut table);
    let schema = schema(dataverse);
    let place = schema.add_table(table);
    relate_system(schema, place);
    Ok(id)
}

/// `new_projects`, `new_cities`, `new_boxes`
fn plural(name: &str) -> String {
    let ends = |ending: &[&str]| ending.iter().any(|end| name.ends_with(end));
    if ends(&["s", "x", "z", "ch", "sh"]) {
        return format!("{name}es");
    }
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{name}s"),
    }
}

fn plain(schema_name: &str, kind: Kind, writable: bool) -> Column {
    let name = schema_name.to_ascii_lowercase();
    Column {
        display: schema_name.to_owned(),
        metadata_id: stable_id(&["column", &name]),
        schema_name: schema_name.to_owned(),
        name,
        kind,
        required: Required::None,
        for_create: writable,
        for_update: writable,
        default: None,
        global_choice: None,
        is_custom: false,
        is_gone: false,
    }
}

/// Lookups that every table has, with their targets.
const LOOKUPS: [(&str, &str); 6] = [
    ("CreatedBy", "systemuser"),
    ("ModifiedBy", "systemuser"),
    ("CreatedOnBehalfBy", "systemuser"),
    ("ModifiedOnBehalfBy", "systemuser"),
    ("OwningUser", "systemuser"),
    ("OwningTeam", "team"),
];

/// What the platform adds to a custom table.
fn system_columns(table: &mut Table) {
    let whole = Kind::Whole {
        min: i64::from(i32::MIN),
        max: i64::from(i32::MAX),
    };
    let choice = |value: i32, label: &str, state: Option<i32>| Choice {
        value,
        label: label.to_owned(),
        state,
    };
    let states = vec![choice(0, "Active", None), choice(1, "Inactive", None)];
    let reasons = vec![choice(1, "Active", Some(0)), choice(2, "Inactive", Some(1))];
    table.add_column(plain("statecode", Kind::State(states), true));
    table.add_column(plain("statuscode", Kind::Status(reasons), true));
    table.add_column(plain("CreatedOn", Kind::Time, false));
    table.add_column(plain("ModifiedOn", Kind::Time, false));
    let is_owned = table.is_owned();
    for (name, target) in LOOKUPS {
        if is_owned || !name.starts_with("Owning") {
            let targets = vec![target.to_owned()];
            table.add_column(plain(name, Kind::Lookup { targets }, false));
        }
    }
    let (name, target) = if is_owned {
        ("OwningBusinessUnit", "businessunit")
    } else {
        ("OrganizationId", "organization")
    };
    let targets = vec![target.to_owned()];
    table.add_column(plain(name, Kind::Lookup { targets }, false));
    if is_owned {
        table.add_column(plain("OwnerId", Kind::Owner, true));
    }
    for name in [
        "ImportSequenceNumber",
        "TimeZoneRuleVersionNumber",
        "UTCConversionTimeZoneCode",
    ] {
        table.add_column(plain(name, whole.clone(), true));
    }
    table.add_column(plain("OverriddenCreatedOn", Kind::Time, true));
    table.add_column(plain("VersionNumber", Kind::Big, false));
}

/// Navigation properties of those lookups; also after a restart.
pub(crate) fn relate_system(schema: &mut Schema, table: TableId) {
    let name = schema.table(table).name.clone();
    let all = LOOKUPS.into_iter().chain([
        ("OwningBusinessUnit", "businessunit"),
        ("OrganizationId", "organization"),
    ]);
    for (column, target) in all {
        let column = column.to_ascii_lowercase();
        let (Some(id), Some(referenced)) = (schema.table(table).find(&column), schema.find(target))
        else {
            continue;
        };
        let schema_name = format!("lk_{name}_{column}");
        schema.add_one_to_many(OneToMany {
            metadata_id: stable_id(&["relationship", &schema_name]),
            referenced_navigation: schema_name.clone(),
            schema_name,
            referenced,
            referencing: table,
            column: id,
            referencing_navigation: column,
            on_delete: Cascade::RemoveLink,
            is_custom: false,
        });
    }
}

/// `PUT /EntityDefinitions(…)`
pub(super) fn update_table(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
) -> Result<Reply, Fault> {
    may(dataverse, call, "prvWriteEntity")?;
    let body = call.json()?;
    if let Some(table) = schema(dataverse).table_mut(table) {
        if let Some(text) = label::text(body.get("DisplayName")) {
            table.display = text;
        }
        if let Some(text) = label::text(body.get("DisplayCollectionName")) {
            table.display_plural = text;
        }
        if let Some(text) = label::text(body.get("Description")) {
            table.description = text;
        }
        if let Some(tracks) = body.get("ChangeTrackingEnabled").and_then(Value::as_bool) {
            table.tracks_changes = tracks;
        }
    }
    Ok(Reply::no_content())
}

/// `DELETE /EntityDefinitions(…)`
pub(super) fn delete_table(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
) -> Result<Reply, Fault> {
    may(dataverse, call, "prvDeleteEntity")?;
    let known = dataverse.schema.table(table);
    if !known.is_custom {
        return Err(Fault::conflict(
            "0x8004f01f",
            format!(
                "The entity '{}' is a system entity and cannot be deleted.",
                known.name
            ),
        ));
    }
    dataverse.store.forget_table(table);
    schema(dataverse).remove_table(table);
    Ok(Reply::no_content())
}

/// Adds a column, and to an amount of money its twin.
pub(super) fn add_column(
    dataverse: &mut Dataverse,
    table: TableId,
    column: Column,
) -> Option<ColumnId> {
    let base = matches!(column.kind, Kind::Money { .. }).then(|| {
        let mut base = plain(
            &format!("{}_Base", column.schema_name),
            Kind::MoneyBase,
            false,
        );
        base.is_custom = true;
        base
    });
    let schema = schema(dataverse);
    let owner = schema.table_mut(table)?;
    let id = owner.add_column(column);
    if let Some(base) = base {
        owner.add_column(base);
        let targets = vec!["transactioncurrency".to_owned()];
        let mut currency = plain("TransactionCurrencyId", Kind::Lookup { targets }, true);
        currency.is_custom = true;
        owner.add_column(currency);
        let mut rate = plain("ExchangeRate", Kind::Decimal { precision: 10 }, false);
        rate.is_custom = true;
        owner.add_column(rate);
    }
    Some(id)
}

/// `DELETE /EntityDefinitions(…)/Attributes(…)`
pub(super) fn delete_column(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    column: ColumnId,
) -> Result<Reply, Fault> {
    may(dataverse, call, "prvDeleteAttribute")?;
    let known = dataverse.schema.table(table);
    let is_in_key = known.keys.iter().any(|key| key.columns.contains(&column));
    if !known.column(column).is_custom || known.primary_name == Some(column) || is_in_key {
        return Err(Fault::conflict(
            "0x8004f01f",
            format!(
                "The attribute '{}' cannot be deleted.",
                known.column(column).name
            ),
        ));
    }
    forget_column(dataverse, table, column);
    Ok(Reply::no_content())
}

/// Takes a column away with its values and relationships.
pub(super) fn forget_column(dataverse: &mut Dataverse, table: TableId, column: ColumnId) {
    dataverse.store.forget_column(table, column);
    let schema = schema(dataverse);
    for index in 0..schema.one_to_many.len() {
        let is_its = schema.one_to_many[index]
            .as_ref()
            .is_some_and(|it| it.referencing == table && it.column == column);
        if is_its {
            schema.remove_one_to_many(index);
        }
    }
    if let Some(table) = schema.table_mut(table) {
        table.remove_column(column);
    }
}

/// `/EntityDefinitions(…)/Keys`
pub(super) fn keys(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    segment: &Segment,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    if !rest.is_empty() {
        return Err(Fault::unknown_segment(&rest[0].name));
    }
    let known = dataverse.schema.table(table);
    let found = match named(segment)? {
        Named::Nothing => {
            return match call.method {
                Method::GET => {
                    let list = known
                        .keys
                        .iter()
                        .map(|key| entity::key(known, key))
                        .collect();
                    select::collection(
                        call,
                        &format!("EntityDefinitions('{}')/Keys", known.name),
                        list,
                    )
                }
                Method::POST => create_key(dataverse, call, table),
                _ => Err(call.wrong_verb()),
            };
        }
        Named::Id(id) => known.keys.iter().position(|key| key.metadata_id == id),
        Named::Text(name) => known
            .keys
            .iter()
            .position(|key| key.schema_name.eq_ignore_ascii_case(&name)),
    };
    let at = found
        .ok_or_else(|| Fault::unknown_table(segment.arguments.as_deref().unwrap_or_default()))?;
    match call.method {
        Method::GET => select::one(call, "Keys/$entity", entity::key(known, &known.keys[at])),
        Method::DELETE => {
            may(dataverse, call, "prvWriteEntity")?;
            if let Some(table) = schema(dataverse).table_mut(table) {
                table.keys.remove(at);
            }
            Ok(Reply::no_content())
        }
        _ => Err(call.wrong_verb()),
    }
}

fn create_key(dataverse: &mut Dataverse, call: &Call, table: TableId) -> Result<Reply, Fault> {
    may(dataverse, call, "prvWriteEntity")?;
    let body = Value::Object(call.json()?);
    let (_, schema_name) = from_json::custom_name(&body)?;
    let known = dataverse.schema.table(table);
    if known
        .keys
        .iter()
        .any(|key| key.schema_name.eq_ignore_ascii_case(&schema_name))
    {
        return Err(Fault::conflict(
            "0x80044363",
            format!("The key '{schema_name}' already exists."),
        ));
    }
    let mut columns = Vec::new();
    for name in body["KeyAttributes"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let column = known.find(&name.to_ascii_lowercase());
        columns.push(column.ok_or_else(|| Fault::unknown_column(&known.name, name))?);
    }
    if columns.is_empty() {
        return Err(Fault::conflict(
            "0x80060888",
            "A key needs at least one column.",
        ));
    }
    let (owner, id) = (known.metadata_id, dataverse.ids.uuid());
    let key = Key {
        metadata_id: id,
        display: label::text(body.get("DisplayName")).unwrap_or_else(|| schema_name.clone()),
        schema_name,
        columns,
    };
    if let Some(table) = schema(dataverse).table_mut(table) {
        table.keys.push(key);
    }
    let address = format!("{}/EntityDefinitions({owner})/Keys({id})", call.root);
    Ok(Reply::no_content().with("odata-entityid", address))
}
