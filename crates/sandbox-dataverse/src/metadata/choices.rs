//! Choices: those of columns and those that columns share.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::label::{self, label};
use super::{Named, named, select};
use crate::Dataverse;
use crate::call::{Call, Segment};
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::{Choice, Column, GlobalChoice, Kind, Table, stable_id};

fn options(list: &[Choice], kind: &Kind) -> Vec<Value> {
    let own_type = match kind {
        Kind::State(_) => Some("#Microsoft.Dynamics.CRM.StateOptionMetadata"),
        Kind::Status(_) => Some("#Microsoft.Dynamics.CRM.StatusOptionMetadata"),
        _ => None,
    };
    list.iter()
        .map(|choice| {
            let mut option = json!({
                "Value": choice.value,
                "Color": null,
                "Description": label(""),
                "ExternalValue": "",
                "IsManaged": true,
                "Label": label(&choice.label),
                "MetadataId": null,
            });
            if let Some(name) = own_type {
                option["@odata.type"] = json!(name);
            }
            if let Some(state) = choice.state {
                option["State"] = json!(state);
            }
            option
        })
        .collect()
}

/// A column's own choices and the shared ones; one of the two is null.
pub(super) fn option_set(table: &Table, column: &Column) -> (Value, Value) {
    let list = column.choices().unwrap_or_default();
    let kind = match column.kind {
        Kind::State(_) => "State",
        Kind::Status(_) => "Status",
        _ => "Picklist",
    };
    let name = column
        .global_choice
        .clone()
        .unwrap_or_else(|| format!("{}_{}", table.name, column.name));
    let is_global = column.global_choice.is_some();
    let set = json!({
        "Name": name,
        "DisplayName": label(&column.display),
        "IsGlobal": is_global,
        "IsCustomOptionSet": column.is_custom,
        "IsManaged": !column.is_custom,
        "OptionSetType": kind,
        "MetadataId": stable_id(&["choice", &name]).to_string(),
        "Options": options(list, &column.kind),
    });
    if is_global {
        (set.clone(), set)
    } else {
        (set, Value::Null)
    }
}

fn global(choice: &GlobalChoice) -> Value {
    json!({
        "@odata.type": "#Microsoft.Dynamics.CRM.OptionSetMetadata",
        "Name": choice.name,
        "DisplayName": label(&choice.display),
        "Description": label(""),
        "IsGlobal": true,
        "IsManaged": false,
        "IsCustomOptionSet": choice.name.contains('_'),
        "OptionSetType": "Picklist",
        "MetadataId": choice.metadata_id.to_string(),
        "Options": options(&choice.options, &Kind::Image),
    })
}

/// `/GlobalOptionSetDefinitions`
pub(super) fn dispatch(
    dataverse: &mut Dataverse,
    call: &Call,
    first: &Segment,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    let is_cast = matches!(rest, [one] if one.name == "Microsoft.Dynamics.CRM.OptionSetMetadata");
    if !rest.is_empty() && !is_cast {
        return Err(Fault::unknown_segment(&rest[0].name));
    }
    let found = match named(first)? {
        Named::Nothing => {
            return match call.method {
                Method::GET => {
                    let list = dataverse.schema.global_choices.iter().map(global).collect();
                    select::collection(call, "GlobalOptionSetDefinitions", list)
                }
                Method::POST => create(dataverse, call),
                _ => Err(call.wrong_verb()),
            };
        }
        Named::Id(id) => dataverse
            .schema
            .global_choices
            .iter()
            .find(|it| it.metadata_id == id),
        Named::Text(name) => dataverse
            .schema
            .global_choices
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(&name)),
    };
    let unknown = || Fault::unknown_table(first.arguments.as_deref().unwrap_or_default());
    match call.method {
        Method::GET => select::one(
            call,
            "GlobalOptionSetDefinitions/$entity",
            global(found.ok_or_else(unknown)?),
        ),
        _ => Err(call.wrong_verb()),
    }
}

fn create(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    super::change::may(dataverse, call, "prvCreateOptionSet")?;
    let body = call.json()?;
    let name = body
        .get("Name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_ascii_lowercase();
    if name.is_empty()
        || dataverse
            .schema
            .global_choices
            .iter()
            .any(|it| it.name == name)
    {
        return Err(Fault::conflict(
            "0x80044363",
            format!("A choice named '{name}' cannot be created."),
        ));
    }
    let options = read_options(body.get("Options"))
        .ok_or_else(|| Fault::bad_query("The options are not valid."))?;
    let id = dataverse.ids.uuid();
    super::change::schema(dataverse)
        .global_choices
        .push(GlobalChoice {
            metadata_id: id,
            display: label::text(body.get("DisplayName")).unwrap_or_else(|| name.clone()),
            name,
            options,
        });
    let address = format!("{}/GlobalOptionSetDefinitions({id})", call.root);
    Ok(Reply::empty(StatusCode::NO_CONTENT).with("odata-entityid", address))
}

/// `Options` of a body.
pub(super) fn read_options(value: Option<&Value>) -> Option<Vec<Choice>> {
    let list = value?.as_array()?;
    list.iter()
        .zip(100_000_000..)
        .map(|(option, next)| {
            let value = match &option["Value"] {
                Value::Null => next,
                given => i32::try_from(given.as_i64()?).ok()?,
            };
            Some(Choice {
                value,
                label: label::text(option.get("Label")).unwrap_or_default(),
                state: None,
            })
        })
        .collect()
}
