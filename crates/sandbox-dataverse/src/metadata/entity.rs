//! A table as `EntityMetadata`.

use serde_json::{Value, json};

use super::label::{label, managed};
use crate::schema::{Key, Ownership, Table};
use crate::security::{Access, privilege_id, privilege_name};

pub(super) fn definition(table: &Table) -> Value {
    let ownership = match table.ownership {
        Ownership::User => "UserOwned",
        Ownership::Organization => "OrganizationOwned",
        Ownership::None => "None",
    };
    let name_column = table.primary_name.map(|id| table.column(id).name.clone());
    let privileges: Vec<Value> = Access::ALL
        .into_iter()
        .map(|access| {
            let name = privilege_name(access, &table.privilege);
            json!({
                "CanBeBasic": table.is_owned(), "CanBeLocal": table.is_owned(), "CanBeDeep": table.is_owned(),
                "CanBeGlobal": true, "CanBeEntityReference": false, "CanBeParentEntityReference": false,
                "Name": name, "PrivilegeId": privilege_id(&name).to_string(), "PrivilegeType": access.word(),
            })
        })
        .collect();
    json!({
        "ActivityTypeMask": i32::from(table.is_activity),
        "AutoCreateAccessTeams": false,
        "AutoRouteToOwnerQueue": false,
        "CanCreateAttributes": managed(true, "cancreateattributes"),
        "CanTriggerWorkflow": true,
        "ChangeTrackingEnabled": table.tracks_changes,
        "CollectionSchemaName": table.display_plural.replace(' ', ""),
        "DataProviderId": null,
        "Description": label(&table.description),
        "DisplayCollectionName": label(&table.display_plural),
        "DisplayName": label(&table.display),
        "EntitySetName": table.set_name,
        "HasActivities": table.has_activities,
        "HasNotes": table.has_notes,
        "IntroducedVersion": "1.0",
        "IsActivity": table.is_activity || table.name == "activitypointer",
        "IsAuditEnabled": managed(false, "canmodifyauditsettings"),
        "IsAvailableOffline": true,
        "IsCustomEntity": table.is_custom || table.name.starts_with("msdyn_"),
        "IsCustomizable": managed(true, "iscustomizable"),
        "IsDuplicateDetectionEnabled": managed(true, "canmodifyduplicatedetectionsettings"),
        "IsIntersect": false,
        "IsLogicalEntity": false,
        "IsManaged": !table.is_custom,
        "IsPrivate": false,
        "IsRenameable": managed(true, "isrenameable"),
        "IsValidForAdvancedFind": true,
        "LogicalCollectionName": table.set_name,
        "LogicalName": table.name,
        "MetadataId": table.metadata_id.to_string(),
        "ObjectTypeCode": table.type_code,
        "OwnershipType": ownership,
        "PrimaryIdAttribute": table.key_name(),
        "PrimaryNameAttribute": name_column,
        "Privileges": privileges,
        "SchemaName": table.schema_name,
        "TableType": "Standard",
    })
}

/// An alternate key.
pub(super) fn key(table: &Table, key: &Key) -> Value {
    let columns: Vec<&str> = key
        .columns
        .iter()
        .map(|id| table.column(*id).name.as_str())
        .collect();
    json!({
        "DisplayName": label(&key.display),
        "EntityKeyIndexStatus": "Active",
        "EntityLogicalName": table.name,
        "IsCustomizable": managed(true, "iscustomizable"),
        "IsManaged": false,
        "KeyAttributes": columns,
        "LogicalName": key.schema_name.to_ascii_lowercase(),
        "MetadataId": key.metadata_id.to_string(),
        "SchemaName": key.schema_name,
    })
}
