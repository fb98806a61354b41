//! Colours by name: <https://learn.microsoft.com/graph/api/resources/outlookcategory>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::require;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, input};
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::mail::settings::Category;

const TYPE: &str = "microsoft.graph.outlookCategory";

/// Everything at and below `outlook/masterCategories`.
pub(super) fn dispatch(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    require(call, target)?;
    match (below, &call.method) {
        ([], &Method::GET) => target.read(call, |mailbox| {
            let value: Vec<Value> = mailbox
                .categories
                .iter()
                .map(|it| Value::Object(render(it)))
                .collect();
            let context = call.context(&format!("{}/outlook/masterCategories", target.path()));
            Ok(Reply::json(
                &json!({"@odata.context": context, "value": value}),
            ))
        }),
        ([], &Method::POST) => create(call, target),
        ([id], &Method::GET) => target.read(call, |mailbox| {
            let found = mailbox.categories.iter().find(|it| has_id(it, id));
            Ok(Reply::json(&whole(
                call,
                target,
                found.ok_or_else(Fault::item_not_found)?,
            )))
        }),
        ([id], &Method::PATCH) => update(call, target, id),
        ([id], &Method::DELETE) => target.change(call, |mailbox, _| {
            let at = mailbox.categories.iter().position(|it| has_id(it, id));
            mailbox
                .categories
                .remove(at.ok_or_else(Fault::item_not_found)?);
            Ok(Reply::no_content())
        }),
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, segment, ..], _) => Err(Fault::unknown_segment(segment)),
    }
}

fn create(call: &Call, target: &Target) -> Result<Reply, Fault> {
    let body = call.json()?;
    let (name, color) = read(&body)?;
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Fault::missing_property("displayName"))?;
    target.change(call, |mailbox, ids| {
        let mut known = mailbox.categories.iter();
        if known.any(|it| it.display_name.eq_ignore_ascii_case(&name)) {
            return Err(Fault::new(
                axum::http::StatusCode::CONFLICT,
                "CategoryNameDuplicate",
                "A category with the specified name already exists.",
            ));
        }
        let category = Category {
            id: ids.uuid(),
            display_name: name,
            color: color.unwrap_or_else(|| "none".to_owned()),
        };
        let location = format!(
            "{}/{}/outlook/masterCategories('{}')",
            call.base,
            target.path(),
            category.id
        );
        let entity = whole(call, target, &category);
        mailbox.categories.push(category);
        Ok(Reply::created(&entity, location))
    })
}

/// The colour changes, the name never.
fn update(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    let (name, color) = read(&call.json()?)?;
    target.change(call, |mailbox, _| {
        let found = mailbox.categories.iter_mut().find(|it| has_id(it, id));
        let category = found.ok_or_else(Fault::item_not_found)?;
        if name.is_some_and(|name| name != category.display_name) {
            return Err(Fault::not_settable("displayName"));
        }
        if let Some(color) = color {
            category.color = color;
        }
        Ok(Reply::json(&whole(call, target, category)))
    })
}

fn read(body: &Map<String, Value>) -> Result<(Option<String>, Option<String>), Fault> {
    let (mut display_name, mut color) = (None, None);
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.to_ascii_lowercase().as_str() {
            "displayname" => display_name = Some(input::text(name, value)?),
            "color" => color = Some(read_color(name, value)?),
            "id" => {}
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok((display_name, color))
}

fn read_color(name: &str, value: &Value) -> Result<String, Fault> {
    let text = input::text(name, value)?.to_ascii_lowercase();
    let preset = text
        .strip_prefix("preset")
        .and_then(|number| number.parse::<u8>().ok());
    if text == "none" || preset.is_some_and(|preset| preset <= 24) {
        Ok(text)
    } else {
        Err(Fault::invalid_value(name, "microsoft.graph.categoryColor"))
    }
}

fn has_id(category: &Category, id: &str) -> bool {
    category.id.to_string().eq_ignore_ascii_case(id)
}

fn whole(call: &Call, target: &Target, category: &Category) -> Value {
    let context = call.context(&format!(
        "{}/outlook/masterCategories/$entity",
        target.path()
    ));
    envelope::entity(&context, render(category))
}

fn render(category: &Category) -> Map<String, Value> {
    Map::from_iter([
        ("id".to_owned(), json!(category.id)),
        ("displayName".to_owned(), json!(category.display_name)),
        ("color".to_owned(), json!(category.color)),
    ])
}
