//! Columns from the bodies that define them.

use serde_json::Value;
use uuid::Uuid;

use super::choices::read_options;
use super::label;
use crate::fault::Fault;
use crate::schema::column::TextFormat;
use crate::schema::{Column, Kind, Required, Schema};

fn bad(message: impl Into<String>) -> Fault {
    Fault::conflict("0x80060888", message)
}

/// The name without its case, which has to have a publisher's prefix.
pub(super) fn custom_name(body: &Value) -> Result<(String, String), Fault> {
    let schema_name = body["SchemaName"].as_str().unwrap_or_default().to_owned();
    let is_name = schema_name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_');
    let has_prefix = schema_name
        .split_once('_')
        .is_some_and(|(prefix, rest)| prefix.len() >= 2 && !rest.is_empty());
    if !is_name || !has_prefix {
        return Err(Fault::conflict(
            "0x8004f026",
            format!(
                "The schema name '{schema_name}' is not valid: it needs a customization prefix, and letters, digits and underscores only."
            ),
        ));
    }
    Ok((schema_name.to_ascii_lowercase(), schema_name))
}

/// A column as `Attributes` of a body define it.
pub(super) fn column(schema: &Schema, body: &Value, id: Uuid) -> Result<Column, Fault> {
    let (name, schema_name) = custom_name(body)?;
    let kind = kind(schema, body)?;
    let default = match kind {
        Kind::Flag { .. } => Some(i32::from(body["DefaultValue"] == true)),
        _ => None,
    };
    let global = global_choice(schema, body)?;
    Ok(Column {
        display: label::text(body.get("DisplayName")).unwrap_or_else(|| schema_name.clone()),
        name,
        schema_name,
        kind,
        required: required(body).unwrap_or(Required::None),
        for_create: true,
        for_update: true,
        default,
        global_choice: global.map(|(name, _)| name),
        is_custom: true,
        metadata_id: id,
        is_gone: false,
    })
}

fn required(body: &Value) -> Option<Required> {
    Required::parse(body["RequiredLevel"]["Value"].as_str()?)
}

fn number<T: TryFrom<i64>>(body: &Value, name: &str) -> Option<T> {
    T::try_from(body[name].as_i64()?).ok()
}

/// The choices of a global set that the body binds.
fn global_choice(
    schema: &Schema,
    body: &Value,
) -> Result<Option<(String, Vec<crate::schema::Choice>)>, Fault> {
    let Some(bound) = body["GlobalOptionSet@odata.bind"].as_str() else {
        return Ok(None);
    };
    let inner = bound
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or_default();
    let key = inner.trim_start_matches("Name=").trim_matches('\'');
    let id: Option<Uuid> = key.parse().ok();
    let found = schema
        .global_choices
        .iter()
        .find(|it| Some(it.metadata_id) == id || it.name == key);
    let found = found.ok_or_else(|| bad(format!("The choice '{bound}' was not found.")))?;
    Ok(Some((found.name.clone(), found.options.clone())))
}

fn kind(schema: &Schema, body: &Value) -> Result<Kind, Fault> {
    let name = body["@odata.type"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches('#');
    let name = name.strip_prefix("Microsoft.Dynamics.CRM.").unwrap_or(name);
    let name = name.strip_prefix("Complex").unwrap_or(name);
    let options = || -> Result<_, Fault> {
        match global_choice(schema, body)? {
            Some((_, options)) => Ok(options),
            None => read_options(body["OptionSet"].get("Options"))
                .ok_or_else(|| bad("The column's OptionSet is missing.")),
        }
    };
    let precision = |usual: u8| number(body, "Precision").unwrap_or(usual);
    Ok(match name {
        "StringAttributeMetadata" => Kind::Text {
            max: number(body, "MaxLength").unwrap_or(100),
            format: match body["FormatName"]["Value"].as_str() {
                Some("Email") => TextFormat::Email,
                Some("Phone") => TextFormat::Phone,
                Some("Url") => TextFormat::Url,
                _ => TextFormat::Text,
            },
        },
        "MemoAttributeMetadata" => Kind::Memo {
            max: number(body, "MaxLength").unwrap_or(2000),
        },
        "IntegerAttributeMetadata" => Kind::Whole {
            min: number(body, "MinValue").unwrap_or(i64::from(i32::MIN)),
            max: number(body, "MaxValue").unwrap_or(i64::from(i32::MAX)),
        },
        "BigIntAttributeMetadata" => Kind::Big,
        "DecimalAttributeMetadata" => Kind::Decimal {
            precision: precision(2),
        },
        "DoubleAttributeMetadata" => Kind::Double {
            precision: precision(5),
        },
        "MoneyAttributeMetadata" => Kind::Money {
            precision: precision(2),
        },
        "BooleanAttributeMetadata" => {
            let of = |option: &str, usual: &str| {
                label::text(body["OptionSet"][option].get("Label"))
                    .unwrap_or_else(|| usual.to_owned())
            };
            Kind::Flag {
                labels: [of("FalseOption", "No"), of("TrueOption", "Yes")],
            }
        }
        "DateTimeAttributeMetadata" if body["Format"] == "DateOnly" => Kind::Date,
        "DateTimeAttributeMetadata" => Kind::Time,
        "PicklistAttributeMetadata" => Kind::Choice(options()?),
        "MultiSelectPicklistAttributeMetadata" => Kind::Choices(options()?),
        "LookupAttributeMetadata" => Kind::Lookup {
            targets: Vec::new(),
        },
        "UniqueIdentifierAttributeMetadata" => Kind::Guid,
        "FileAttributeMetadata" => Kind::File {
            max_kb: number(body, "MaxSizeInKB").unwrap_or(32_768),
        },
        "ImageAttributeMetadata" => Kind::Image,
        other => {
            return Err(bad(format!(
                "A column of the type '{other}' cannot be created."
            )));
        }
    })
}

/// Takes over what a changed definition says.
pub(super) fn update(column: &mut Column, body: &Value) -> Result<(), Fault> {
    if let Some(display) = label::text(body.get("DisplayName")) {
        column.display = display;
    }
    if let Some(level) = required(body) {
        column.required = level;
    }
    match &mut column.kind {
        Kind::Text { max, .. } | Kind::Memo { max } => {
            *max = number(body, "MaxLength").unwrap_or(*max);
        }
        Kind::Whole { min, max } => {
            *min = number(body, "MinValue").unwrap_or(*min);
            *max = number(body, "MaxValue").unwrap_or(*max);
            if min > max {
                return Err(bad("MinValue is larger than MaxValue."));
            }
        }
        Kind::Decimal { precision } | Kind::Double { precision } | Kind::Money { precision } => {
            *precision = number(body, "Precision").unwrap_or(*precision);
        }
        Kind::Choice(options) | Kind::Choices(options) => {
            if let Some(list) = read_options(body["OptionSet"].get("Options")) {
                *options = list;
            }
        }
        _ => {}
    }
    Ok(())
}
