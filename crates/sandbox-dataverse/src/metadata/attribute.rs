//! A column as one of the types below `AttributeMetadata`.

use serde_json::{Value, json};

use super::choices::option_set;
use super::label::{label, managed};
use crate::schema::column::TextFormat;
use crate::schema::{Column, Kind, Table};

/// The column; with what its own type adds where it is cast to it, or expanded.
pub(super) fn definition(table: &Table, column: &Column, with_type: bool) -> Value {
    let (kind, type_name) = column.type_names();
    let is_name = table
        .primary_name
        .is_some_and(|id| table.column(id).name == column.name);
    let is_key = column.kind == Kind::Key;
    let mut object = json!({
        "@odata.type": format!("#Microsoft.Dynamics.CRM.{}", column.metadata_type()),
        "AttributeOf": null,
        "AttributeType": kind,
        "AttributeTypeName": { "Value": type_name },
        "CanBeSecuredForCreate": false,
        "CanBeSecuredForRead": false,
        "CanBeSecuredForUpdate": false,
        "ColumnNumber": 0,
        "DeprecatedVersion": null,
        "Description": label(""),
        "DisplayName": label(&column.display),
        "EntityLogicalName": table.name,
        "HasChanged": null,
        "IsAuditEnabled": managed(true, "canmodifyauditsettings"),
        "IsCustomAttribute": column.is_custom || column.name.starts_with("msdyn_"),
        "IsCustomizable": managed(true, "iscustomizable"),
        "IsFilterable": true,
        "IsLogical": false,
        "IsManaged": !column.is_custom,
        "IsPrimaryId": is_key,
        "IsPrimaryName": is_name,
        "IsRequiredForForm": false,
        "IsRetrievable": true,
        "IsSearchable": false,
        "IsSecured": false,
        "IsValidForAdvancedFind": managed(true, "canmodifysearchsettings"),
        "IsValidForCreate": column.for_create,
        "IsValidForRead": true,
        "IsValidForUpdate": column.for_update,
        "IsValidODataAttribute": column.is_property(),
        "LinkedAttributeId": null,
        "LogicalName": column.name,
        "MetadataId": column.metadata_id.to_string(),
        "RequiredLevel": {
            "Value": column.required.name(),
            "CanBeChanged": column.is_custom,
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
        "SchemaName": column.schema_name,
        "SourceType": null,
    });
    if with_type {
        add_own(table, column, &mut object);
    }
    object
}

/// What the column's own type has.
fn add_own(table: &Table, column: &Column, object: &mut Value) {
    let mut set = |name: &str, value: Value| object[name] = value;
    match &column.kind {
        Kind::Text { max, format } => {
            let (format, name) = match format {
                TextFormat::Text => ("Text", "Text"),
                TextFormat::Email => ("Email", "Email"),
                TextFormat::Phone => ("Phone", "Phone"),
                TextFormat::Url => ("Url", "Url"),
            };
            set("MaxLength", json!(max));
            set("DatabaseLength", json!(max.saturating_mul(2)));
            set("Format", json!(format));
            set("FormatName", json!({ "Value": name }));
            set("ImeMode", json!("Auto"));
        }
        Kind::Memo { max } => {
            set("MaxLength", json!(max));
            set("Format", json!("TextArea"));
            set("FormatName", json!({ "Value": "TextArea" }));
            set("ImeMode", json!("Auto"));
        }
        Kind::Whole { min, max } => {
            set("MinValue", json!(min));
            set("MaxValue", json!(max));
            set("Format", json!("None"));
        }
        Kind::Decimal { precision } | Kind::Double { precision } | Kind::Money { precision } => {
            set("MinValue", json!(-100_000_000_000.0));
            set("MaxValue", json!(100_000_000_000.0));
            set("Precision", json!(precision));
            if matches!(column.kind, Kind::Money { .. }) {
                set("PrecisionSource", json!(2));
                set("IsBaseCurrency", json!(false));
                set("CalculationOf", Value::Null);
            }
        }
        Kind::MoneyBase => {
            set("IsBaseCurrency", json!(true));
            set(
                "CalculationOf",
                json!(column.name.trim_end_matches("_base")),
            );
            set("Precision", json!(4));
        }
        Kind::Flag { labels } => {
            let option = |value: usize| json!({ "Value": value, "Label": label(&labels[value]) });
            set("DefaultValue", json!(column.default == Some(1)));
            set(
                "OptionSet",
                json!({
                    "Name": format!("{}_{}", table.name, column.name), "IsGlobal": false, "OptionSetType": "Boolean",
                    "TrueOption": option(1), "FalseOption": option(0),
                }),
            );
        }
        Kind::Choice(_) | Kind::Choices(_) | Kind::State(_) | Kind::Status(_) => {
            set("DefaultFormValue", json!(column.default.unwrap_or(-1)));
            let (local, global) = option_set(table, column);
            set("OptionSet", local);
            set("GlobalOptionSet", global);
        }
        Kind::Lookup { targets } => {
            set("Targets", json!(targets));
            set("Format", json!("None"));
        }
        Kind::Owner => set("Targets", json!(["systemuser", "team"])),
        Kind::Time => {
            set("Format", json!("DateAndTime"));
            set("DateTimeBehavior", json!({ "Value": "UserLocal" }));
            set("ImeMode", json!("Auto"));
        }
        Kind::Date => {
            set("Format", json!("DateOnly"));
            set("DateTimeBehavior", json!({ "Value": "DateOnly" }));
            set("ImeMode", json!("Inactive"));
        }
        Kind::File { max_kb } => set("MaxSizeInKB", json!(max_kb)),
        Kind::Image => set("MaxSizeInKB", json!(10_240)),
        Kind::Key | Kind::Guid | Kind::Big | Kind::Party => {}
    }
}
