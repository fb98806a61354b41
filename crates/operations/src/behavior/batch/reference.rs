//! Within a change set, later requests may name the row that an earlier one makes: `$` and that one's id stand in the place of
//! the row's id, or of `entityset(id)`.
//!
//! While input and policy are looked at, an id that no row has stands in its place; so what is decided is the table that is
//! really meant. On the wire it becomes Dataverse's `$1`.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>

use catalog::{Encoding, Location, Operation};
use serde_json::{Map, Value};

use super::order::wrong;
use crate::Result;

/// What an earlier member makes.
pub(super) struct Made {
    /// Its caller's name.
    pub(super) id: String,
    pub(super) entity_set: String,
}

/// The input of the member at `place`, with the stand-ins of what it refers to.
pub(super) fn stand_ins(
    operation: &Operation,
    input: &Map<String, Value>,
    place: usize,
    made: &[Made],
) -> Result<Map<String, Value>> {
    let mut input = input.clone();
    for (name, value) in &mut input {
        let is_key = operation.parameter(name).is_some_and(|parameter| {
            matches!(parameter.location, Location::Path(Encoding::ODataKey))
        });
        let is_related = name == "related";
        match value {
            Value::String(text) if is_key => {
                if let Some(at) = referred(text, place, made)? {
                    *text = stand_in(at);
                }
            }
            Value::String(text) if is_related => {
                if let Some(at) = referred(text, place, made)? {
                    *text = row(at, made);
                }
            }
            other => binds(other, place, made)?,
        }
    }
    Ok(input)
}

/// `…@odata.bind`, at any depth.
fn binds(value: &mut Value, place: usize, made: &[Made]) -> Result<()> {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| binds(item, place, made)),
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            if !name.ends_with("@odata.bind") {
                return binds(value, place, made);
            }
            let texts = match value {
                Value::Array(items) => items.iter_mut().collect(),
                one => vec![one],
            };
            for value in texts {
                if let Value::String(text) = value
                    && let Some(at) = referred(text, place, made)?
                {
                    *text = format!("/{}", row(at, made));
                }
            }
            Ok(())
        }),
        _ => Ok(()),
    }
}

fn referred(text: &str, place: usize, made: &[Made]) -> Result<Option<usize>> {
    let Some(id) = text.strip_prefix('$') else {
        return Ok(None);
    };
    let at = made
        .iter()
        .position(|made| made.id.eq_ignore_ascii_case(id));
    at.map(Some).ok_or_else(|| {
        let message = format!("`{text}` refers to no earlier request of the change set");
        wrong(place, "input", message)
    })
}

/// Not the id of any row: its version is none that ids have.
fn stand_in(at: usize) -> String {
    format!("00000000-0000-f000-0000-{at:012x}")
}

fn row(at: usize, made: &[Made]) -> String {
    format!("{}({})", made[at].entity_set, stand_in(at))
}

/// An address inside the API, with `$1` where it begins with what the first member makes.
pub(super) fn in_url(below: &str, made: &[Made]) -> Option<String> {
    (0..made.len()).find_map(|at| {
        let rest = below.strip_prefix('/')?.strip_prefix(&row(at, made))?;
        Some(format!("${}{rest}", at + 1))
    })
}

/// A body with `$1` where a text names what the first member makes.
pub(super) fn in_body(value: &mut Value, made: &[Made]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| in_body(item, made)),
        Value::Object(fields) => fields.values_mut().for_each(|value| in_body(value, made)),
        Value::String(text) => {
            let last = text.rsplit('/').next().unwrap_or_default();
            if let Some(at) = (0..made.len()).find(|at| last == row(*at, made)) {
                *text = format!("${}", at + 1);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made() -> Vec<Made> {
        vec![Made {
            id: "Firm".to_owned(),
            entity_set: "accounts".to_owned(),
        }]
    }

    fn filled(operation: &str, input: &Value) -> Result<Map<String, Value>> {
        let operation = catalog::operation(operation).unwrap();
        stand_ins(operation, input.as_object().unwrap(), 1, &made())
    }

    #[test]
    fn what_refers_becomes_a_row_of_the_table_that_is_meant_and_then_a_number() {
        let input = json!({ "entitySet": "contacts", "record": {
            "lastname": "$firm", "parentcustomerid_account@odata.bind": "$firm" } });
        let filled = filled("dataverse.records.create", &input).unwrap();
        let mut record = filled["record"].clone();
        let bound = "parentcustomerid_account@odata.bind";
        assert_eq!(
            record[bound],
            "/accounts(00000000-0000-f000-0000-000000000000)"
        );
        in_body(&mut record, &made());
        assert_eq!(record, json!({ "lastname": "$firm", bound: "$1" }));
    }

    #[test]
    fn a_later_request_may_be_on_the_row_itself() {
        let input = json!({ "entitySet": "accounts", "id": "$firm", "record": {} });
        let filled = filled("dataverse.records.update", &input).unwrap();
        let below = format!("/accounts({})", filled["id"].as_str().unwrap());
        assert_eq!(in_url(&below, &made()).as_deref(), Some("$1"));
        assert_eq!(
            in_url(&format!("{below}/x/$ref"), &made()).as_deref(),
            Some("$1/x/$ref")
        );
        assert_eq!(in_url(&format!("/contacts{below}"), &made()), None);
    }

    #[test]
    fn what_nothing_is_called_by_is_refused() {
        let input = json!({ "entitySet": "accounts", "id": "$other", "record": {} });
        let error = filled("dataverse.records.update", &input).unwrap_err();
        assert_eq!(error.field(), Some("requests.1.input"));
    }
}
