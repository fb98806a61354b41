//! `RetrieveMetadataChanges`: tables and columns by a query of their own.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/query-schema-definitions>

use serde_json::{Value, json};

use super::{attribute, entity};
use crate::Dataverse;
use crate::call::Call;
use crate::fault::Fault;
use crate::reply::Reply;

pub(crate) fn retrieve(dataverse: &Dataverse, call: &Call, query: &Value) -> Result<Reply, Fault> {
    let mut found = Vec::new();
    for (_, table) in dataverse.schema.tables() {
        let whole = entity::definition(table);
        if !matches(&query["Criteria"], &whole)? {
            continue;
        }
        let mut shown = pick(&query["Properties"], whole);
        let columns = &query["AttributeQuery"];
        if wants(&query["Properties"], "Attributes") {
            let mut list = Vec::new();
            for (_, column) in table.columns() {
                let whole = attribute::definition(table, column, true);
                if matches(&columns["Criteria"], &whole)? {
                    list.push(pick(&columns["Properties"], whole));
                }
            }
            shown["Attributes"] = json!(list);
        }
        found.push(shown);
    }
    Ok(Reply::ok(&json!({
        "@odata.context": call.context("Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse"),
        "ServerVersionStamp": format!("{}!{}", dataverse.metadata_version, call.now.as_second()),
        "DeletedMetadata": null,
        "EntityMetadata": found,
    })))
}

fn wants(properties: &Value, name: &str) -> bool {
    properties["AllProperties"] == true
        || properties["PropertyNames"]
            .as_array()
            .is_some_and(|names| names.iter().any(|it| it == name))
}

/// The properties that were asked for, and those that every answer has.
fn pick(properties: &Value, whole: Value) -> Value {
    if properties["AllProperties"] == true || properties.is_null() {
        return whole;
    }
    let Value::Object(object) = whole else {
        return whole;
    };
    let kept = object.into_iter().filter(|(name, _)| {
        matches!(
            name.as_str(),
            "@odata.type" | "MetadataId" | "LogicalName" | "AttributeType"
        ) || wants(properties, name)
    });
    Value::Object(kept.collect())
}

/// Conditions joined by `FilterOperator`, `And` unless it says `Or`.
fn matches(criteria: &Value, object: &Value) -> Result<bool, Fault> {
    let Some(conditions) = criteria["Conditions"].as_array() else {
        return Ok(true);
    };
    let is_or = criteria["FilterOperator"] == "Or";
    let mut any = conditions.is_empty();
    for condition in conditions {
        let name = condition["PropertyName"].as_str().unwrap_or_default();
        let held = &object[name];
        let wanted = &condition["Value"]["Value"];
        let is_same = held == wanted || text(held).eq_ignore_ascii_case(&text(wanted));
        let holds = match condition["ConditionOperator"].as_str() {
            Some("Equals") => is_same,
            Some("NotEquals") => !is_same,
            Some("In") => text(wanted)
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(&text(held))),
            other => {
                return Err(Fault::not_implemented(&format!(
                    "the metadata operator {other:?}"
                )));
            }
        };
        if holds && is_or {
            return Ok(true);
        }
        if !holds && !is_or {
            return Ok(false);
        }
        any |= holds;
    }
    Ok(!is_or || any)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(inner) => inner.get("Value").map(text).unwrap_or_default(),
        other => other.to_string(),
    }
}
