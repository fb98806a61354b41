//! `Merge`, `BulkDelete`

use serde_json::{Value, json};
use uuid::Uuid;

use super::{answer, row_of};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::query::condition::{Condition, Path, Scope};
use crate::query::operator::Maker;
use crate::reply::Reply;
use crate::security::Access;
use crate::write::Actor;

/// Makes one row of two: what refers to the second refers to the first from then on, and the second is inactive.
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/merge>
pub(super) fn merge(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let target = row_of(dataverse, &body["Target"])?;
    let other = row_of(dataverse, &body["Subordinate"])?;
    let schema = dataverse.schema.clone();
    let known = schema.table(target.table);
    if target.table != other.table || known.find("masterid").is_none() || target.id == other.id {
        return Err(Fault::invalid_argument("The two rows cannot be merged."));
    }
    for link in [target, other] {
        let row = dataverse
            .store
            .follow(link)
            .ok_or_else(|| Fault::no_row(&known.name, link.id))?;
        dataverse.need_on(&call.who, Access::Write, link.table, row)?;
    }
    let relationships = schema
        .one_to_many
        .iter()
        .flatten()
        .filter(|it| it.referenced == target.table);
    for relationship in relationships {
        let many = relationship.referencing;
        let rows: Vec<Uuid> = dataverse
            .store
            .referring(many, relationship.column, other.id)
            .map(|row| row.id)
            .collect();
        for id in rows {
            if let Some(mut row) = dataverse.store.get(many, id).cloned() {
                row.set(relationship.column, Some(Cell::Link(target)));
                dataverse.keep(many, row);
            }
        }
    }
    // Content of the second row is taken where the caller names it.
    let update = body["UpdateContent"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let draft = crate::write::Draft::read(dataverse, &call.who, target.table, &update, false)?;
    if let Some(mut row) = dataverse.store.follow(target).cloned() {
        for (column, cell) in draft.cells {
            row.set(column, cell);
        }
        dataverse.update_row(Actor::of(call), target.table, row)?;
    }
    let inactive = known
        .choices_of("statuscode")
        .iter()
        .find(|reason| reason.state != Some(0));
    let state = inactive
        .and_then(|reason| reason.state)
        .map_or(1, i64::from);
    let values = vec![
        ("merged", Some(Cell::Flag(true))),
        ("masterid", Some(Cell::Link(target))),
        ("statecode", Some(Cell::Whole(state))),
        (
            "statuscode",
            inactive.map(|reason| Cell::Whole(i64::from(reason.value))),
        ),
    ];
    dataverse.change(other.table, other.id, values);
    Ok(Reply::no_content())
}

/// Deletes what queries find; the job is done when it is answered.
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/bulkdelete>
pub(super) fn bulk_delete(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let queries = body["QuerySet"].as_array().cloned();
    let queries =
        queries.ok_or_else(|| Fault::bad_query("The parameter 'QuerySet' is missing."))?;
    for query in &queries {
        let name = query["EntityName"].as_str().unwrap_or_default();
        let table = dataverse
            .schema
            .find(name)
            .ok_or_else(|| Fault::unknown_table(name))?;
        let depth = dataverse.need(&call.who, Access::Delete, table)?;
        let condition = criteria(dataverse, call, table, &query["Criteria"])?;
        let ids: Vec<Uuid> = dataverse
            .store
            .rows(table)
            .filter(|row| dataverse.reaches(&call.who, Access::Delete, depth, table, row))
            .filter(|row| Scope::one(dataverse, row, &condition))
            .map(|row| row.id)
            .collect();
        for id in ids {
            dataverse.delete_row(Actor::of(call), table, id)?;
        }
    }
    let job = dataverse.ids.uuid();
    Ok(answer(
        call,
        "BulkDeleteResponse",
        json!({ "JobId": job.to_string() }),
    ))
}

/// A `FilterExpression`.
fn criteria(
    dataverse: &Dataverse,
    call: &Call,
    table: crate::schema::TableId,
    filter: &Value,
) -> Result<Condition, Fault> {
    let maker = Maker::of(dataverse, call);
    let known = dataverse.schema.table(table);
    let mut parts = Vec::new();
    for condition in filter["Conditions"].as_array().into_iter().flatten() {
        let name = condition["AttributeName"].as_str().unwrap_or_default();
        let column = known
            .find(name)
            .ok_or_else(|| Fault::unknown_column(&known.name, name))?;
        let path = Path {
            scope: 0,
            through: Vec::new(),
            table,
            column,
        };
        let operator = match condition["Operator"].as_str().unwrap_or_default() {
            "Equal" => "eq",
            "NotEqual" => "ne",
            "In" => "in",
            "NotIn" => "not-in",
            "Null" => "null",
            "NotNull" => "not-null",
            "GreaterThan" => "gt",
            "LessThan" => "lt",
            "Like" => "like",
            "BeginsWith" => "begins-with",
            other => {
                return Err(Fault::not_implemented(&format!(
                    "the condition operator {other}"
                )));
            }
        };
        let values: Vec<String> = condition["Values"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|value| {
                match if value.is_object() {
                    &value["Value"]
                } else {
                    value
                } {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                }
            })
            .collect();
        parts.push(maker.condition(operator, path, &values)?);
    }
    for inner in filter["Filters"].as_array().into_iter().flatten() {
        parts.push(criteria(dataverse, call, table, inner)?);
    }
    Ok(match filter["FilterOperator"].as_str() {
        Some("Or") if !parts.is_empty() => Condition::Any(parts),
        _ => Condition::All(parts),
    })
}
